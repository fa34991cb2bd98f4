package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.Arguments;
import io.fundamentallm.tokenizers.chat.value.Callable;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Undefined;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code macro} defines: a function that returns what its body writes.
 *
 * @param scope where it was defined, and whose variables it sees
 */
record Macro(String name, List<Parameter> parameters, List<Statement> body, Scope scope)
    implements Callable {

  /** A parameter, undefined if the call does not pass it and there is no default. */
  record Parameter(String name, @Nullable TemplateExpression defaultValue) {}

  @Override
  public Object call(Arguments arguments) {
    if (arguments.positional().size() > parameters.size()) {
      throw new TemplateException(
          "macro '" + name + "' takes not more than " + parameters.size() + " argument(s)");
    }
    arguments.budget().spend(TemplateBudget.ITERATION + (long) arguments.named().size());
    Scope inner = scope.inner();
    Map<String, Object> unused = new HashMap<>(arguments.named());
    for (int i = 0; i < parameters.size(); i++) {
      arguments.budget().spend(1);
      Parameter parameter = parameters.get(i);
      Object given = arguments.get(i, parameter.name());
      unused.remove(parameter.name());
      if (given == null) {
        TemplateExpression defaultValue = parameter.defaultValue();
        given =
            defaultValue == null
                ? new Undefined("parameter '" + parameter.name() + "' was not provided")
                : defaultValue.evaluate(inner);
      }
      inner.set(parameter.name(), given);
    }
    if (!unused.isEmpty()) {
      throw new TemplateException(
          "macro '" + name + "' takes no argument '" + unused.keySet().iterator().next() + "'");
    }
    return Statement.captured(body, inner);
  }

  // told apart by identity, like any function
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
