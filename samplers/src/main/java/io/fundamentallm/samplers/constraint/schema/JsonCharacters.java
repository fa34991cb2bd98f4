package io.fundamentallm.samplers.constraint.schema;

import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The characters of JSON's strings (RFC 8259), and their escapes. */
public final class JsonCharacters {
  /** Those that a string has only as escapes. */
  static final ImmutableRangeSet<Integer> ESCAPED = Utf8.range(0, 0x1F).union(Utf8.set('"', '\\'));

  private JsonCharacters() {}

  /** One character of a JSON string's value, in the way it is usually written. */
  static Expression canonicalCharacter(ImmutableRangeSet<Integer> set) {
    return canonicalCharacter(set, Utf8.set());
  }

  /**
   * One character of a JSON string's value, in the way it is usually written.
   *
   * @param more that are escaped
   */
  static Expression canonicalCharacter(
      ImmutableRangeSet<Integer> set, ImmutableRangeSet<Integer> more) {
    return character(set, ESCAPED.union(more), JsonCharacters::escaped);
  }

  /** One character, some of which have an escape. */
  static Expression character(
      ImmutableRangeSet<Integer> set,
      ImmutableRangeSet<Integer> escaped,
      IntFunction<String> escape) {
    List<Expression> alternatives = new ArrayList<>();
    ImmutableRangeSet<Integer> plain = set.difference(escaped);
    if (!plain.isEmpty()) {
      alternatives.add(Utf8.of(plain));
    }
    for (int c : escaped.asSet(DiscreteDomain.integers())) {
      if (set.contains(c)) {
        alternatives.add(Expression.text(escape.apply(c)));
      }
    }
    return alternatives.isEmpty() ? Utf8.of(set) : Expression.anyOf(alternatives);
  }

  private static String escaped(int c) {
    int at = "\b\f\n\r\t\"\\".indexOf(c);
    return at >= 0 ? "\\" + "bfnrt\"\\".charAt(at) : String.format("\\u%04x", c);
  }

  /** A string's value as it is usually written, with its quotes. */
  public static String canonical(String value) {
    StringBuilder text = new StringBuilder("\"");
    value
        .codePoints()
        .forEach(c -> text.append(ESCAPED.contains(c) ? escaped(c) : Character.toString(c)));
    return text.append('"').toString();
  }

  /**
   * One character of a JSON string in any notation.
   *
   * @param refused those that need an escape beside JSON's own
   */
  static Expression escapedCharacter(ImmutableRangeSet<Integer> refused) {
    Expression hex = new Expression.Bytes(bytes("0123456789abcdefABCDEF"));
    Expression low = new Expression.Bytes(ByteSet.range('0', '7'));
    Expression unit =
        Expression.anyOf(
            Expression.sequence(new Expression.Bytes(bytes("0123456789abcefABCEF")), hex, hex, hex),
            Expression.sequence(new Expression.Bytes(bytes("dD")), low, hex, hex));
    Expression pair =
        Expression.sequence(
            new Expression.Bytes(bytes("dD")),
            new Expression.Bytes(bytes("89abAB")),
            hex,
            hex,
            Expression.text("\\u"),
            new Expression.Bytes(bytes("dD")),
            new Expression.Bytes(bytes("cdefCDEF")),
            hex,
            hex);
    return Expression.anyOf(
        Utf8.of(Utf8.not(ESCAPED.union(refused))),
        Expression.sequence(
            Expression.text("\\"),
            Expression.anyOf(
                new Expression.Bytes(bytes("\"\\/bfnrt")),
                Expression.sequence(Expression.text("u"), Expression.anyOf(unit, pair)))));
  }

  static ByteSet bytes(String ascii) {
    ByteSet set = ByteSet.EMPTY;
    for (int i = 0; i < ascii.length(); i++) {
      set = set.or(ByteSet.of(ascii.charAt(i)));
    }
    return set;
  }
}
