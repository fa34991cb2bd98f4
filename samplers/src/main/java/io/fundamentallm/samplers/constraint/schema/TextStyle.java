package io.fundamentallm.samplers.constraint.schema;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.List;

/**
 * Texts between tags as they are, without quotes or escapes. There are no other values but null.
 *
 * @param any the rule of a text that may be anything
 * @param notEmpty the rule of such a text that is not empty
 * @param line on both sides of a text that may not; may be empty
 * @param ends the tags behind a text, which no text has within it
 * @param refused the characters that such a text does without; none if the tag is none of text
 */
record TextStyle(
    String any, String notEmpty, String line, List<String> ends, ImmutableRangeSet<Integer> refused)
    implements ValueStyle {
  @Override
  public Expression anyString() {
    return new Expression.Rule(any);
  }

  @Override
  public Expression notEmptyString() {
    return string(new Expression.Rule(notEmpty));
  }

  /** Whether a text has one of the tags that no text has. */
  boolean hasEnd(String value) {
    return !refused.isEmpty() && ends.stream().anyMatch(value::contains);
  }

  @Override
  public Expression character() {
    return canonical(Utf8.ALL);
  }

  @Override
  public Expression canonical(ImmutableRangeSet<Integer> set) {
    return Utf8.of(set.difference(refused));
  }

  @Override
  public Expression string(Expression content) {
    return Expression.sequence(Expression.text(line), content, Expression.text(line));
  }

  @Override
  public Expression text(String value) {
    return hasEnd(value)
        ? new Expression.Never("\"" + value + "\" cannot be written in the model's notation")
        : Expression.text(line + value + line);
  }

  @Override
  public Expression name(String name, boolean root) {
    return Expression.NEVER;
  }

  @Override
  public Expression freeName(boolean root) {
    return Expression.NEVER;
  }

  @Override
  public String word(String json) {
    return line + json + line;
  }
}
