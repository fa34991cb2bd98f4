package io.fundamentallm.samplers.constraint.schema;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.internal.chat.ArgumentTags;
import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * JSON (RFC 8259) as rules of a grammar: strings, numbers, white space, and any value. Escaped
 * surrogates come in pairs, so every string is text. One thread at a time.
 */
public final class JsonNotation {
  /** Digits of a number before the point, after it, and in its exponent, if they are bounded. */
  static final int DIGITS = 16;

  private static final int EXPONENT_DIGITS = 2;

  /** Elsewhere: readers refuse exponents that no machine's integer holds. */
  private static final int MOST_EXPONENT_DIGITS = 3;

  static final Expression DIGIT = new Expression.Bytes(ByteSet.range('0', '9'));
  private static final ByteSet SPACES =
      ByteSet.of(' ').or(ByteSet.of('\t')).or(ByteSet.of('\n')).or(ByteSet.of('\r'));

  public final Map<String, Expression> rules;

  final ValueStyle style;

  private final int spaces;
  private final boolean bounded;
  private boolean freeNames;

  /**
   * The notation.
   *
   * @param spaces the most characters of white space between two parts
   * @param bounded whether numbers have a limited number of digits
   */
  public JsonNotation(int spaces, boolean bounded) {
    this(JsonStyle.JSON, spaces, bounded);
  }

  private JsonNotation(
      Map<String, Expression> rules, ValueStyle style, int spaces, boolean bounded) {
    this.rules = rules;
    this.style = style;
    this.spaces = spaces;
    this.bounded = bounded;
  }

  private JsonNotation(ValueStyle style, int spaces, boolean bounded) {
    this(new LinkedHashMap<>(), style, spaces, bounded);
    rules.put("string", style.string(Expression.many(style.character())));
    rules.put("number", number());
  }

  /** Keyword arguments of Python instead of JSON. */
  public static JsonNotation python() {
    return new JsonNotation(PythonStyle.PYTHON, 1, true);
  }

  /**
   * Objects whose names have no quotes, and strings between two marks.
   *
   * @param mark on both sides of a string
   * @param first the mark's first character, which strings then do without; negative if it is none
   *     of text
   */
  public static JsonNotation marked(Expression mark, int first) {
    return new JsonNotation(
        new MarkedStyle(mark, first < 0 ? Utf8.set() : Utf8.set(first)), 1, true);
  }

  /**
   * The arguments of a call between tags.
   *
   * @param tags as they are written
   * @param marker the expression of a tag
   * @param any the rule of a text that may be anything, and that the grammar has
   * @param notEmpty the rule of such a text that is not empty
   * @param ends what no value may have, as it is a text and ends values; all with the same first
   *     character
   */
  public static JsonNotation tagged(
      ArgumentTags tags,
      Function<String, Expression> marker,
      String any,
      String notEmpty,
      List<String> ends) {
    ImmutableRangeSet<Integer> refused =
        ends.isEmpty() ? Utf8.set() : Utf8.set(ends.get(0).codePointAt(0));
    TextStyle texts = new TextStyle(any, notEmpty, tags.line(), ends, refused);
    TaggedStyle style = new TaggedStyle(tags, marker, texts);
    JsonNotation notation = new JsonNotation(style, 1, true);
    notation.rules.put("string", style.anyJson());
    return notation;
  }

  /** JSON with the same rules; of a call between tags, it has none of these. */
  public JsonNotation json() {
    return in(JsonStyle.JSON);
  }

  /** The same rules for what is written in another style. */
  JsonNotation in(ValueStyle other) {
    return new JsonNotation(rules, other, spaces, bounded);
  }

  private Expression number() {
    int more = bounded ? DIGITS - 1 : Expression.UNLIMITED;
    Expression digits = Expression.repeat(DIGIT, 1, bounded ? DIGITS : Expression.UNLIMITED);
    Expression integer =
        Expression.anyOf(
            Expression.text("0"),
            Expression.sequence(
                new Expression.Bytes(ByteSet.range('1', '9')), Expression.repeat(DIGIT, 0, more)));
    Expression exponent =
        Expression.sequence(
            new Expression.Bytes(JsonCharacters.bytes("eE")),
            Expression.optional(new Expression.Bytes(JsonCharacters.bytes("+-"))),
            Expression.repeat(DIGIT, 1, bounded ? EXPONENT_DIGITS : MOST_EXPONENT_DIGITS));
    return Expression.sequence(
        Expression.optional(Expression.text("-")),
        integer,
        Expression.optional(Expression.sequence(Expression.text("."), digits)),
        Expression.optional(exponent));
  }

  /** The white space between two parts. */
  Expression space() {
    return Expression.repeat(new Expression.Bytes(SPACES), 0, spaces);
  }

  /** What is between two members of an object. */
  Expression between(boolean root) {
    return style.tags(root) == null ? comma() : space();
  }

  /** A comma and the white space around it. */
  Expression comma() {
    return Expression.sequence(space(), Expression.text(","), space());
  }

  /** A name, given as it is written, and its value. */
  public Expression member(Expression name, Expression value) {
    return member(name, value, false);
  }

  /**
   * A name, given as it is written, and its value.
   *
   * @param root whether of the object around all others
   */
  Expression member(Expression name, Expression value, boolean root) {
    Expression colon = Expression.text(style.colon(root));
    return Expression.sequence(name, space(), colon, space(), value);
  }

  /** An array of min to max items that are all alike. */
  Expression array(Expression item, int min, int max) {
    Expression more =
        Expression.repeat(
            Expression.sequence(comma(), item),
            Math.max(0, min - 1),
            max == Expression.UNLIMITED ? max : Math.max(0, max - 1));
    Expression items = max == 0 ? Expression.EMPTY : Expression.sequence(item, more, space());
    return Expression.sequence(
        Expression.text("["),
        space(),
        min == 0 && max != 0 ? Expression.optional(items) : items,
        Expression.text("]"));
  }

  /** The name of a member that the text may choose: an object could have it twice. */
  Expression freeName(Expression name) {
    freeNames = true;
    return name;
  }

  /**
   * Whether the rules so far let a text choose a member's name. If not, no object can have a name
   * twice, and nobody need look for it.
   */
  public boolean hasFreeNames() {
    return freeNames;
  }

  /** An object of any number of members that are all alike. */
  public Expression object(Expression member) {
    Expression members =
        Expression.sequence(member, Expression.many(Expression.sequence(comma(), member)), space());
    return Expression.sequence(
        Expression.text("{"), space(), Expression.optional(members), Expression.text("}"));
  }

  /** Any value. */
  public Expression value() {
    return value("value", "value");
  }

  /**
   * Any value with arrays and objects nested at most this deep.
   *
   * @param depth 0 for none
   */
  public Expression value(int depth) {
    Expression value = value("value-0", null);
    for (int i = 1; i <= depth; i++) {
      value = value("value-" + i, "value-" + (i - 1));
    }
    return value;
  }

  private Expression value(String name, @Nullable String inner) {
    if (!rules.containsKey(name)) {
      Expression string = new Expression.Rule("string");
      List<Expression> kinds = new ArrayList<>();
      kinds.add(string);
      kinds.add(new Expression.Rule("number"));
      kinds.add(
          Expression.words(List.of(style.word("true"), style.word("false"), style.word("null"))));
      if (inner != null) {
        Expression within = new Expression.Rule(inner);
        kinds.add(
            style.isJson(false)
                ? object(member(freeName(string), within))
                : Expression.sequence(
                    Expression.text(style.open(false)),
                    Expression.optional(member(style.freeName(false), within)),
                    Expression.text(style.close(false))));
        kinds.add(array(within, 0, Expression.UNLIMITED));
      }
      rules.put(name, Expression.anyOf(kinds));
    }
    return new Expression.Rule(name);
  }
}
