package io.fundamentallm.webservice.settings;

import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/** Reports settings that the service does not know, without their values: one may be the key. */
@Order(0)
final class UnknownSettingAnalyzer
    extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {
  @Override
  protected FailureAnalysis analyze(
      Throwable failure, UnboundConfigurationPropertiesException cause) {
    String names =
        cause.getUnboundProperties().stream()
            .map(property -> property.getName() + " (" + property.getOrigin() + ")")
            .collect(Collectors.joining(", "));
    return new FailureAnalysis(
        "the service has no setting " + names,
        "Look for the name in the README's table. The name of a model with a dot, or another"
            + " character but letters, digits and hyphens, stands in brackets:"
            + " fundamentallm.models.[qwen3-1.7b].path.",
        cause);
  }
}
