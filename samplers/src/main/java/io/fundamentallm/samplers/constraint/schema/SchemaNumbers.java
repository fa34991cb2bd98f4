package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The texts of a schema's numbers. */
final class SchemaNumbers {
  /** Multiples between two bounds are listed, up to this many. */
  private static final int LISTED = 1000;

  /** The largest whole number whose unbounded multiples are read, by their remainders. */
  private static final int LARGEST_DIVISOR = 250;

  private final SchemaCompiler compiler;
  private final Schema schema;
  private final boolean integer;
  private final @Nullable BigDecimal low;
  private final boolean lowIn;
  private final @Nullable BigDecimal high;
  private final boolean highIn;

  private SchemaNumbers(SchemaCompiler compiler, Schema schema, boolean integer) {
    this.compiler = compiler;
    this.schema = schema;
    this.integer = integer;
    BigDecimal min = bound("minimum", "exclusiveMinimum");
    BigDecimal above = strict("minimum", "exclusiveMinimum");
    lowIn = above == null || (min != null && min.compareTo(above) > 0);
    low = lowIn ? min : above;
    BigDecimal max = bound("maximum", "exclusiveMaximum");
    BigDecimal below = strict("maximum", "exclusiveMaximum");
    highIn = below == null || (max != null && max.compareTo(below) < 0);
    high = highIn ? max : below;
  }

  static Expression expression(SchemaCompiler compiler, Schema schema, String type) {
    return new SchemaNumbers(compiler, schema, type.equals("integer")).expression();
  }

  /** The bound that is in the range; draft 4 wrote true beside one that is not. */
  private @Nullable BigDecimal bound(String keyword, String strict) {
    return Boolean.TRUE.equals(schema.get(strict)) ? null : schema.number(keyword);
  }

  private @Nullable BigDecimal strict(String keyword, String strict) {
    if (schema.get(strict) instanceof Boolean flag) {
      return flag ? schema.number(keyword) : null;
    }
    return schema.number(strict);
  }

  private Expression expression() {
    BigDecimal divisor = schema.number("multipleOf");
    if (divisor == null) {
      return integer || low != null || high != null
          ? range(integer ? 0 : JsonNotation.DIGITS)
          : new Expression.Rule("number");
    }
    if (divisor.signum() <= 0) {
      throw schema.bad("multipleOf", "above 0");
    }
    if (divisor.scale() <= 0) {
      return multiples(divisor.toBigIntegerExact());
    } else if (!integer
        && divisor.unscaledValue().equals(BigInteger.ONE)
        && divisor.scale() <= JsonNotation.DIGITS) {
      return range(divisor.scale());
    }
    throw schema.error(
        "\"multipleOf\": "
            + divisor.toPlainString()
            + " is not supported: neither whole nor 0.1,"
            + " 0.01 and so on");
  }

  /** No number at all. */
  private Expression none() {
    String kind = integer ? "integer" : "number";
    return compiler.never(schema, "no " + kind + " fits " + schema.written(Schema.NUMBER));
  }

  /** Whether the two bounds leave no room for a number with this many places. */
  private boolean isEmpty(int places) {
    if (low == null || high == null) {
      return false;
    }
    BigDecimal step = BigDecimal.ONE.movePointLeft(places);
    BigDecimal min = low.setScale(places, RoundingMode.CEILING);
    BigDecimal max = high.setScale(places, RoundingMode.FLOOR);
    min = lowIn || min.compareTo(low) > 0 ? min : min.add(step);
    max = highIn || max.compareTo(high) < 0 ? max : max.subtract(step);
    return min.compareTo(max) > 0;
  }

  private Expression range(int places) {
    if (places == 0) {
      if (isEmpty(0)) {
        return none();
      }
      if (low == null && high == null) {
        return Expression.sequence(
            Expression.optional(Expression.text("-")),
            Decimals.integers(BigInteger.ZERO, max().toBigInteger()));
      }
      BigInteger from = first();
      BigInteger to = last();
      return new Decimals(
              from == null ? max().negate() : new BigDecimal(from),
              true,
              to == null ? max() : new BigDecimal(to),
              true,
              0)
          .expression();
    }
    int extra = Math.max(digits(low), digits(high));
    int max = places == JsonNotation.DIGITS ? places + extra : places;
    if (isEmpty(max)) {
      return none();
    }
    return new Decimals(
            low == null ? max().negate() : low,
            low == null || lowIn,
            high == null ? max() : high,
            high == null || highIn,
            max)
        .expression();
  }

  /** Digits after the point of a bound, so that there is room between it and the next. */
  private static int digits(@Nullable BigDecimal bound) {
    return bound == null ? 0 : Math.max(0, bound.scale());
  }

  /** A side without a bound ends here: 16 digits, or one more than the other bound has. */
  private BigDecimal max() {
    int digits = JsonNotation.DIGITS;
    for (BigDecimal bound : new @Nullable BigDecimal[] {low, high}) {
      if (bound != null) {
        digits = Math.max(digits, bound.toBigInteger().abs().toString().length() + 1);
      }
    }
    return new BigDecimal(BigInteger.TEN.pow(digits).subtract(BigInteger.ONE));
  }

  /** The least integer of the range; null if there is no lower bound. */
  private @Nullable BigInteger first() {
    if (low == null) {
      return null;
    }
    BigInteger rounded = low.setScale(0, RoundingMode.CEILING).toBigInteger();
    boolean itself = !lowIn && low.compareTo(new BigDecimal(rounded)) == 0;
    return itself ? rounded.add(BigInteger.ONE) : rounded;
  }

  private @Nullable BigInteger last() {
    if (high == null) {
      return null;
    }
    BigInteger rounded = high.setScale(0, RoundingMode.FLOOR).toBigInteger();
    boolean itself = !highIn && high.compareTo(new BigDecimal(rounded)) == 0;
    return itself ? rounded.subtract(BigInteger.ONE) : rounded;
  }

  private Expression multiples(BigInteger divisor) {
    BigInteger from = first();
    BigInteger to = last();
    if (divisor.equals(BigInteger.ONE)) {
      return range(0);
    }
    if (from != null && to != null) {
      return listed(divisor, from, to);
    }
    boolean natural = from != null && from.signum() == 0;
    boolean positive = from != null && from.signum() > 0 && from.compareTo(divisor) <= 0;
    if (divisor.bitLength() > 31
        || divisor.intValue() > LARGEST_DIVISOR
        || to != null
        || (from != null && !natural && !positive)) {
      throw schema.error(
          "\"multipleOf\" is supported between two bounds with at most "
              + LISTED
              + " multiples, and up to "
              + LARGEST_DIVISOR
              + " without bounds or from 0");
    }
    return unbounded(divisor.intValue(), from == null, !positive);
  }

  private Expression listed(BigInteger divisor, BigInteger from, BigInteger to) {
    BigInteger[] parts = from.divideAndRemainder(divisor);
    BigInteger begin = parts[1].signum() > 0 ? parts[0].add(BigInteger.ONE) : parts[0];
    BigInteger multiple = begin.multiply(divisor);
    List<String> all = new ArrayList<>();
    while (multiple.compareTo(to) <= 0) {
      if (all.size() == LISTED) {
        throw schema.error("\"multipleOf\" leaves more than " + LISTED + " numbers to list");
      }
      all.add(multiple.toString());
      multiple = multiple.add(divisor);
    }
    return all.isEmpty() ? none() : Expression.words(all);
  }

  /** By the remainder of the digits so far: after the last digit it is 0. */
  private Expression unbounded(int divisor, boolean negative, boolean zero) {
    Expression[] rests = new Expression[divisor];
    for (int digits = JsonNotation.DIGITS - 1; digits >= 0; digits--) {
      Expression[] before = new Expression[divisor];
      for (int remainder = 0; remainder < divisor; remainder++) {
        List<Expression> alternatives = new ArrayList<>();
        if (digits > 0 && remainder == 0) {
          alternatives.add(Expression.EMPTY);
        }
        for (int d = digits == 0 ? 1 : 0; d < 10 && digits < JsonNotation.DIGITS - 1; d++) {
          alternatives.add(
              Expression.sequence(
                  new Expression.Bytes(ByteSet.of('0' + d)),
                  rests[(10 * remainder + d) % divisor]));
        }
        before[remainder] =
            compiler.rule(schema.path() + " multiples", () -> Expression.anyOf(alternatives));
        if (digits == 0) {
          break;
        }
      }
      rests = before;
    }
    Expression positive = rests[0];
    List<Expression> alternatives = new ArrayList<>(List.of(positive));
    if (zero) {
      alternatives.add(Expression.text("0"));
    }
    if (negative) {
      alternatives.add(Expression.sequence(Expression.text("-"), positive));
    }
    return Expression.anyOf(alternatives);
  }
}
