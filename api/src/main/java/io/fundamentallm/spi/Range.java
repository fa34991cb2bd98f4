package io.fundamentallm.spi;

/**
 * The values that an option accepts; printed in the usual notation, such as {@code (0, 1]}.
 *
 * @param minimum the lower end
 * @param includesMinimum whether {@code minimum} itself is accepted
 * @param maximum the upper end, possibly infinite
 * @param includesMaximum whether {@code maximum} itself is accepted
 */
public record Range(
    double minimum, boolean includesMinimum, double maximum, boolean includesMaximum) {
  /** {@code [minimum, maximum]}. */
  public static Range closed(double minimum, double maximum) {
    return new Range(minimum, true, maximum, true);
  }

  /** {@code (minimum, maximum]}. */
  public static Range openClosed(double minimum, double maximum) {
    return new Range(minimum, false, maximum, true);
  }

  /** {@code [minimum, maximum)}. */
  public static Range closedOpen(double minimum, double maximum) {
    return new Range(minimum, true, maximum, false);
  }

  /** {@code [minimum, infinity)}. */
  public static Range atLeast(double minimum) {
    return new Range(minimum, true, Double.POSITIVE_INFINITY, false);
  }

  /** {@code (minimum, infinity)}. */
  public static Range greaterThan(double minimum) {
    return new Range(minimum, false, Double.POSITIVE_INFINITY, false);
  }

  /** Whether the value is accepted; NaN never is. */
  public boolean contains(double value) {
    return (includesMinimum ? value >= minimum : value > minimum)
        && (includesMaximum ? value <= maximum : value < maximum);
  }

  @Override
  public String toString() {
    return (includesMinimum ? "[" : "(")
        + number(minimum)
        + ", "
        + number(maximum)
        + (includesMaximum ? "]" : ")");
  }

  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "infinity" : "-infinity";
    }
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
