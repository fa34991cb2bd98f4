package io.fundamentallm.samplers.constraint.schema;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.Map;

/** Keyword arguments of a call in Python, and its literals within them, with either quote. */
final class PythonStyle implements ValueStyle {
  static final PythonStyle PYTHON = new PythonStyle();

  private static final ImmutableRangeSet<Integer> ESCAPED =
      Utf8.range(0, 0x1F).union(Utf8.set('"', '\'', '\\'));
  private static final Map<String, String> WORDS =
      Map.of("true", "True", "false", "False", "null", "None");

  private PythonStyle() {}

  @Override
  public Expression character() {
    return canonical(Utf8.ALL);
  }

  @Override
  public Expression canonical(ImmutableRangeSet<Integer> set) {
    return JsonCharacters.character(set, ESCAPED, PythonStyle::escaped);
  }

  private static String escaped(int c) {
    int at = "\n\r\t\"'\\".indexOf(c);
    return at >= 0 ? "\\" + "nrt\"'\\".charAt(at) : String.format("\\x%02x", c);
  }

  @Override
  public Expression string(Expression content) {
    Expression one = Expression.text("'");
    Expression two = Expression.text("\"");
    return Expression.anyOf(
        Expression.sequence(two, content, two), Expression.sequence(one, content, one));
  }

  @Override
  public Expression text(String value) {
    StringBuilder text = new StringBuilder();
    value
        .codePoints()
        .forEach(c -> text.append(ESCAPED.contains(c) ? escaped(c) : Character.toString(c)));
    return string(Expression.text(text.toString()));
  }

  /** A keyword has no quotes, so only names that Python allows can be one. */
  @Override
  public Expression name(String name, boolean root) {
    if (!root) {
      return text(name);
    }
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      return new Expression.Never("the property \"" + name + "\" is no keyword in Python");
    }
    return Expression.text(name);
  }

  @Override
  public Expression freeName(boolean root) {
    Expression name = word();
    return root ? name : string(name);
  }

  /** A short word. */
  static Expression word() {
    ByteSet letters = ByteSet.range('a', 'z').or(ByteSet.range('A', 'Z')).or(ByteSet.of('_'));
    return Expression.sequence(
        new Expression.Bytes(letters),
        Expression.repeat(new Expression.Bytes(letters.or(ByteSet.range('0', '9'))), 0, 31));
  }

  @Override
  public String colon(boolean root) {
    return root ? "=" : ":";
  }

  @Override
  public String open(boolean root) {
    return root ? "(" : "{";
  }

  @Override
  public String close(boolean root) {
    return root ? ")" : "}";
  }

  @Override
  public String word(String json) {
    return WORDS.getOrDefault(json, json);
  }
}
