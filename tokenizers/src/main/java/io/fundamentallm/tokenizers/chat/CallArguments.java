package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.Arguments;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is in the parentheses of a call. */
record CallArguments(List<TemplateExpression> positional, Map<String, TemplateExpression> named) {
  static final CallArguments NONE = new CallArguments(List.of(), Map.of());

  Arguments evaluate(Scope scope) {
    List<Object> values = PrimaryParser.evaluateAll(positional, scope);
    scope.budget().spend((long) TemplateBudget.ENTRY * named.size());
    Map<String, Object> namedValues = new LinkedHashMap<>();
    named.forEach((name, argument) -> namedValues.put(name, argument.evaluate(scope)));
    return new Arguments(values, namedValues, scope.budget());
  }
}
