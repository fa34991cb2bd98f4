package io.fundamentallm.samplers.constraint.schema;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Utf8;

/** JSON (RFC 8259). */
final class JsonStyle implements ValueStyle {
  static final JsonStyle JSON = new JsonStyle();

  private JsonStyle() {}

  @Override
  public boolean isJson() {
    return true;
  }

  @Override
  public Expression character() {
    return JsonCharacters.escapedCharacter(Utf8.set());
  }

  @Override
  public Expression canonical(ImmutableRangeSet<Integer> set) {
    return JsonCharacters.canonicalCharacter(set);
  }

  @Override
  public Expression string(Expression content) {
    return Expression.sequence(Expression.text("\""), content, Expression.text("\""));
  }

  @Override
  public Expression text(String value) {
    return Expression.text(JsonCharacters.canonical(value));
  }

  @Override
  public Expression name(String name, boolean root) {
    return text(name);
  }

  @Override
  public Expression freeName(boolean root) {
    return anyString();
  }
}
