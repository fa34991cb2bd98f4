package io.fundamentallm.springai;

import static java.util.stream.Collectors.toMap;

import io.fundamentallm.spi.NearestName;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The names of the properties, and what a misspelt one was meant to be. */
final class PropertyNames {
  static final String PREFIX = "fundamentallm.";

  private static final String VARIABLE = "FUNDAMENTALLM_";

  /** A name that is further from all others is another program's, or the library's own. */
  private static final int SLIPS = 2;

  /** By their letters alone, as Boot compares them: {@code maxTokens} is {@code max-tokens}. */
  private static final Map<String, String> NAMES =
      Stream.of(FundamentaLlmProperties.class.getRecordComponents())
          .map(RecordComponent::getName)
          .map(name -> name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
          .collect(toMap(PropertyNames::letters, name -> PREFIX + name));

  private PropertyNames() {}

  /** Whether a name with the prefix is one of them. */
  static boolean has(String name) {
    return NAMES.containsKey(letters(name.substring(PREFIX.length())));
  }

  /** What a name was meant to be, both with the prefix. */
  static Optional<String> nearest(String asked) {
    String end = asked.substring(PREFIX.length()).replaceFirst("(\\[[0-9]+]|\\.[0-9]+)$", "");
    return near(letters(end)).map(NAMES::get);
  }

  /** The name of the environment's variable for a property. */
  static String variable(String property) {
    return VARIABLE + letters(property.substring(PREFIX.length())).toUpperCase(Locale.ROOT);
  }

  private static String letters(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
  }

  private static Optional<String> near(String letters) {
    return NearestName.of(letters, NAMES.keySet());
  }

  /**
   * Refuses system properties and variables of the environment that look like a property, but are
   * none. Others are let be: the library has names of its own there, and so may other programs.
   * Arguments and files are checked by Boot when it binds them.
   *
   * @throws UnboundConfigurationPropertiesException for the first, as Boot does for an argument
   */
  static void check(ConfigurableEnvironment environment) {
    for (String name : environment.getSystemProperties().keySet()) {
      if (name.startsWith(PREFIX)
          && isMisspelt(name.substring(PREFIX.length()).replaceFirst("\\[[0-9]+]$", ""))) {
        throw refusal(
            name, '.', StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME, environment);
      }
    }
    for (String name : environment.getSystemEnvironment().keySet()) {
      if (name.startsWith(VARIABLE)
          && isMisspelt(name.substring(VARIABLE.length()).replaceFirst("_[0-9]+$", ""))) {
        throw refusal(
            name, '_', StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, environment);
      }
    }
  }

  private static boolean isMisspelt(String end) {
    String asked = letters(end);
    return !NAMES.containsKey(asked)
        && near(asked)
            .filter(name -> NearestName.within(SLIPS, asked, List.of(name)).isPresent())
            .isPresent();
  }

  private static UnboundConfigurationPropertiesException refusal(
      String name, char separator, String source, ConfigurableEnvironment environment) {
    PropertySource<?> set = environment.getPropertySources().get(source);
    ConfigurationPropertyName adapted = ConfigurationPropertyName.adapt(name, separator);
    // without its value, which may be a secret
    return new UnboundConfigurationPropertiesException(
        Set.of(
            new ConfigurationProperty(
                adapted, "", set == null ? null : PropertySourceOrigin.get(set, name))));
  }
}
