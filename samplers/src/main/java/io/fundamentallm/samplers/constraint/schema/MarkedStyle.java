package io.fundamentallm.samplers.constraint.schema;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Utf8;

/**
 * Objects whose names have no quotes, and strings between two marks, which need no escapes: no
 * string has the mark's first character, if that is text.
 *
 * @param mark on both sides of a string
 * @param refused the characters that no string has
 */
record MarkedStyle(Expression mark, ImmutableRangeSet<Integer> refused) implements ValueStyle {
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
    return Expression.sequence(mark, content, mark);
  }

  @Override
  public Expression text(String value) {
    if (value.codePoints().anyMatch(refused::contains)) {
      return new Expression.Never("\"" + value + "\" cannot be written in the model's notation");
    }
    return value.isEmpty()
        ? Expression.sequence(mark, mark)
        : Expression.sequence(mark, Expression.text(value), mark);
  }

  @Override
  public Expression name(String name, boolean root) {
    return name.matches("[A-Za-z0-9_.-]+") ? Expression.text(name) : text(name);
  }

  @Override
  public Expression freeName(boolean root) {
    return PythonStyle.word();
  }
}
