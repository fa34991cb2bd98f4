package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.samplers.constraint.schema.JsonNotation;
import io.fundamentallm.spi.Options;

/**
 * {@code json-object}: the text is a JSON document (RFC 8259) that is an object with any names and
 * values, like OpenAI's {@code json_object}. Options and rules are those of {@link JsonConstraint};
 * {@code max-depth}, which counts the object itself, is 1 to 500.
 */
public final class JsonObjectConstraint extends TextConstraint {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public JsonObjectConstraint() {}

  @Override
  public String name() {
    return "json-object";
  }

  @Override
  TextGrammar grammar(Options options) {
    JsonNotation json = JsonConstraint.notation(options);
    Expression value =
        options.has(JsonConstraint.DEPTH)
            ? json.value(options.integer(JsonConstraint.DEPTH, 1, Limits.NESTING) - 1)
            : json.value();
    json.rules.put("root", json.object(json.member(new Expression.Rule("string"), value)));
    return new TextGrammar(new Grammar(json.rules, "root"), true);
  }
}
