package io.fundamentallm.webservice.settings;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.validation.FieldError;

/**
 * Reports settings that the service does not know, without their values, as one may be the key; and
 * values that a setting cannot have.
 */
@Order(0)
final class SettingsAnalyzer extends AbstractFailureAnalyzer<BindException> {
  private static final String LIST =
      "To see all settings, with their values and what they do, start it with --help alone.";

  private final Environment environment;

  SettingsAnalyzer(Environment environment) {
    this.environment = environment;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable failure, BindException cause) {
    if (!(cause.getName() + ".").startsWith(Setting.PREFIX)) {
      return null;
    }
    if (cause.getCause() instanceof UnboundConfigurationPropertiesException unknown) {
      return unknown(unknown, failure);
    }
    List<String> names =
        cause.getCause() instanceof BindValidationException invalid
            ? invalid.getValidationErrors().getAllErrors().stream()
                .filter(FieldError.class::isInstance)
                .map(error -> Setting.PREFIX + Setting.hyphenated(((FieldError) error).getField()))
                .sorted()
                .toList()
            : List.of(cause.getName().toString());
    return new FailureAnalysis(
        names.stream().map(this::wrong).collect(joining("\n")),
        "Correct it where it is set, or leave it out for the default. " + LIST,
        failure);
  }

  private FailureAnalysis unknown(
      UnboundConfigurationPropertiesException cause, Throwable failure) {
    List<String> told = new ArrayList<>();
    boolean ofModels = false;
    for (ConfigurationProperty property : cause.getUnboundProperties()) {
      String name = property.getName().toString();
      Optional<String> nearest = Setting.nearest(name);
      if (nearest.filter(name::equals).isPresent()) {
        told.add(wrong(name)); // an empty value is bound to nothing
        continue;
      }
      ofModels |= name.startsWith(Setting.MODELS);
      told.add(
          "the service has no setting "
              + name
              + place(property.getOrigin())
              + nearest.map(other -> "; did you mean " + other + "?").orElse(""));
    }
    return new FailureAnalysis(
        String.join("\n", told),
        (ofModels
                ? "The name of a model with a dot, or another character but letters, digits and"
                    + " hyphens, stands in brackets: fundamentallm.models.[qwen3-1.7b].path. "
                : "")
            + LIST,
        failure);
  }

  /** What a setting was set to, as it was written, and what was expected. */
  private String wrong(String name) {
    ConfigurationProperty set = null;
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      ConfigurationProperty here =
          source.getConfigurationProperty(ConfigurationPropertyName.of(name));
      set = set == null ? here : set;
    }
    String value = set == null ? "" : String.valueOf(set.getValue());
    return name
        + " is "
        + (value.isBlank() ? "empty" : "\"" + value + "\"")
        + place(set == null ? null : set.getOrigin())
        + Setting.of(name)
            .map(setting -> "; expected " + setting.expected())
            .orElse(
                name.startsWith(Setting.MODELS) ? "; a model by itself is " + name + ".path" : "");
  }

  /** Where a value comes from. */
  private static String place(@Nullable Origin origin) {
    if (origin instanceof PropertySourceOrigin from) {
      if (from.getPropertySource() instanceof CommandLinePropertySource) {
        return " (an argument)";
      } else if (from.getPropertySource() instanceof SystemEnvironmentPropertySource) {
        return " (the environment's " + from.getPropertyName() + ")";
      }
    }
    return origin == null ? "" : " (" + origin + ")";
  }
}
