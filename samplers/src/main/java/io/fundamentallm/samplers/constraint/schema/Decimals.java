package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Numbers between two bounds, digit by digit (as llama.cpp's {@code json-schema-to-grammar} does
 * for integers).
 *
 * @param low the lower bound
 * @param lowIn whether it is in the range
 * @param high the upper bound
 * @param highIn whether it is in the range
 * @param places the most digits after the point; 0 for integers
 */
record Decimals(BigDecimal low, boolean lowIn, BigDecimal high, boolean highIn, int places) {
  Expression expression() {
    List<Expression> alternatives = new ArrayList<>();
    if (low.signum() < 0) {
      boolean below = high.signum() < 0;
      Decimals mirrored =
          new Decimals(
              below ? high.negate() : BigDecimal.ZERO,
              below && highIn,
              low.negate(),
              lowIn,
              places);
      alternatives.add(Expression.sequence(Expression.text("-"), mirrored.positive()));
    }
    if (high.signum() >= 0) {
      boolean above = low.signum() >= 0;
      alternatives.add(
          new Decimals(above ? low : BigDecimal.ZERO, !above || lowIn, high, highIn, places)
              .positive());
    }
    return Expression.anyOf(alternatives);
  }

  /** Those of a range from at least 0. */
  private Expression positive() {
    int order = low.compareTo(high);
    if (order > 0 || (order == 0 && !(lowIn && highIn))) {
      return Expression.NEVER;
    }
    BigInteger first = low.toBigInteger();
    BigInteger last = high.toBigInteger();
    String above = fraction(low);
    String below = fraction(high);
    if (first.equals(last)) {
      return Expression.sequence(Expression.text(first.toString()), point(above, below));
    }
    List<Expression> alternatives = new ArrayList<>();
    alternatives.add(Expression.sequence(Expression.text(first.toString()), point(above, null)));
    alternatives.add(Expression.sequence(Expression.text(last.toString()), point(null, below)));
    BigInteger from = first.add(BigInteger.ONE);
    BigInteger to = last.subtract(BigInteger.ONE);
    if (from.compareTo(to) <= 0) {
      alternatives.add(Expression.sequence(integers(from, to), point(null, null)));
    }
    return Expression.anyOf(alternatives);
  }

  /** The digits after the point, without trailing zeros. */
  private static String fraction(BigDecimal number) {
    BigDecimal rest = number.subtract(number.setScale(0, RoundingMode.DOWN)).stripTrailingZeros();
    return rest.signum() == 0 ? "" : rest.toPlainString().substring(2);
  }

  /** Nothing, or a point and digits; null for a side without a bound. */
  private Expression point(@Nullable String above, @Nullable String below) {
    List<Expression> alternatives = new ArrayList<>();
    if (isIn("", above, below)) {
      alternatives.add(Expression.EMPTY);
    }
    Expression digits = more(0, above, below);
    alternatives.add(Expression.sequence(Expression.text("."), digits));
    return Expression.anyOf(alternatives);
  }

  /** Whether a fraction can end whose digits so far equal those of the bounds that still count. */
  private boolean isIn(String digits, @Nullable String above, @Nullable String below) {
    int at = digits.length();
    boolean enough = above == null || (at >= above.length() && lowIn);
    boolean withinUpper = below == null || at < below.length() || highIn;
    return enough && withinUpper;
  }

  /** One digit more, and what follows. */
  private Expression more(int at, @Nullable String above, @Nullable String below) {
    if (at >= places) {
      return Expression.NEVER;
    }
    if (above == null && below == null) {
      return Expression.repeat(JsonNotation.DIGIT, 1, places - at);
    }
    int min = above == null ? 0 : digit(above, at);
    int max = below == null ? 9 : digit(below, at);
    List<Expression> alternatives = new ArrayList<>();
    ByteSet free = ByteSet.EMPTY;
    for (int d = min; d <= max; d++) {
      String nextAbove = d == min ? above : null;
      String nextBelow = d == max ? below : null;
      if (nextAbove == null && nextBelow == null) {
        free = free.or(ByteSet.of('0' + d));
        continue;
      }
      List<Expression> rest = new ArrayList<>();
      if (isIn("0".repeat(at + 1), nextAbove, nextBelow)) {
        rest.add(Expression.EMPTY);
      }
      rest.add(more(at + 1, nextAbove, nextBelow));
      alternatives.add(
          Expression.sequence(new Expression.Bytes(ByteSet.of('0' + d)), Expression.anyOf(rest)));
    }
    if (free.size() > 0) {
      alternatives.add(
          Expression.sequence(
              new Expression.Bytes(free),
              Expression.repeat(JsonNotation.DIGIT, 0, places - at - 1)));
    }
    return Expression.anyOf(alternatives);
  }

  private static int digit(String digits, int at) {
    return at < digits.length() ? digits.charAt(at) - '0' : 0;
  }

  /** The integers of a range from at least 0. */
  static Expression integers(BigInteger from, BigInteger to) {
    List<Expression> alternatives = new ArrayList<>();
    if (from.signum() == 0) {
      alternatives.add(Expression.text("0"));
    }
    BigInteger first = from.max(BigInteger.ONE);
    int shortest = -1;
    for (int length = first.toString().length(); length <= to.toString().length(); length++) {
      BigInteger min = BigInteger.TEN.pow(length - 1);
      BigInteger max = BigInteger.TEN.pow(length).subtract(BigInteger.ONE);
      boolean whole = first.compareTo(min) <= 0 && max.compareTo(to) <= 0;
      shortest = whole && shortest < 0 ? length : shortest;
      if (!whole && first.compareTo(to) <= 0) {
        alternatives.add(sameLength(first.max(min).toString(), to.min(max).toString(), 0));
      }
      if (shortest > 0 && (!whole || max.equals(to))) {
        int longest = whole ? length : length - 1;
        alternatives.add(
            Expression.sequence(
                new Expression.Bytes(ByteSet.range('1', '9')),
                Expression.repeat(JsonNotation.DIGIT, shortest - 1, longest - 1)));
        shortest = -1;
      }
    }
    return Expression.anyOf(alternatives);
  }

  private static Expression sameLength(@Nullable String from, @Nullable String to, int at) {
    String either = from == null ? to : from;
    int length = either == null ? at : either.length();
    if (at == length) {
      return Expression.EMPTY;
    }
    int min = from == null ? 0 : from.charAt(at) - '0';
    int max = to == null ? 9 : to.charAt(at) - '0';
    List<Expression> alternatives = new ArrayList<>();
    ByteSet free = ByteSet.EMPTY;
    for (int d = min; d <= max; d++) {
      String nextFrom = d == min ? from : null;
      String nextTo = d == max ? to : null;
      if (nextFrom == null && nextTo == null) {
        free = free.or(ByteSet.of('0' + d));
      } else {
        alternatives.add(
            Expression.sequence(
                new Expression.Bytes(ByteSet.of('0' + d)), sameLength(nextFrom, nextTo, at + 1)));
      }
    }
    if (free.size() > 0) {
      int rest = length - at - 1;
      alternatives.add(
          Expression.sequence(
              new Expression.Bytes(free), Expression.repeat(JsonNotation.DIGIT, rest, rest)));
    }
    return Expression.anyOf(alternatives);
  }
}
