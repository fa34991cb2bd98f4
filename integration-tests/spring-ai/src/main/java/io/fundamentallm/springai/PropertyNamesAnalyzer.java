package io.fundamentallm.springai;

import static java.util.stream.Collectors.joining;

import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Reports names that are no properties, with the nearest one and where each was set. */
@Order(0)
final class PropertyNamesAnalyzer
    extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {
  /** What the library reads by itself; all others are an application's own. */
  private static final Set<String> OF_THE_LIBRARY =
      Set.of(
          "fundamentallm.kernels",
          "fundamentallm.runtime",
          "fundamentallm.tokenizer",
          "fundamentallm.trainer");

  @Override
  protected @Nullable FailureAnalysis analyze(
      Throwable failure, UnboundConfigurationPropertiesException cause) {
    Set<ConfigurationProperty> unknown = cause.getUnboundProperties();
    if (!unknown.stream().allMatch(property -> name(property).startsWith(PropertyNames.PREFIX))) {
      return null; // another's
    }
    return new FailureAnalysis(
        unknown.stream().map(PropertyNamesAnalyzer::told).collect(joining("\n")),
        "Correct the name where it is set, or leave it out.",
        failure);
  }

  private static String name(ConfigurationProperty property) {
    return property.getName().toString();
  }

  private static String told(ConfigurationProperty property) {
    String name = name(property);
    String place = place(property.getOrigin());
    if (PropertyNames.has(name)) {
      return name + place + " is empty."; // which is bound to nothing
    }
    if (OF_THE_LIBRARY.contains(name)) {
      return name + place + " works only as a system property: java -D" + name + "=…";
    }
    Optional<String> nearest = PropertyNames.nearest(name);
    if (property.getOrigin() instanceof PropertySourceOrigin from
        && from.getPropertySource() instanceof SystemEnvironmentPropertySource) {
      name = from.getPropertyName();
      nearest = nearest.map(PropertyNames::variable);
    }
    return name
        + place
        + " is no property of FundamentaLLM."
        + nearest.map(meant -> " Did you mean " + meant + "?").orElse("");
  }

  /** Where a value comes from. */
  private static String place(@Nullable Origin origin) {
    if (origin instanceof PropertySourceOrigin from) {
      if (from.getPropertySource() instanceof CommandLinePropertySource) {
        return " (an argument)";
      } else if (from.getPropertySource() instanceof SystemEnvironmentPropertySource) {
        return " (in the environment)";
      } else if (StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME.equals(
          from.getPropertySource().getName())) {
        return " (a system property)";
      }
    }
    return origin == null ? "" : " (" + origin + ")";
  }
}
