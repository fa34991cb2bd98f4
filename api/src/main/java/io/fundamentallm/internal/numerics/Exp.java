package io.fundamentallm.internal.numerics;

/**
 * The exponential function by our own polynomial: {@code Math.exp} may differ between JDKs, and a
 * seed's text must not. Thread-safe.
 */
public final class Exp {
  private static final double LOG2_E = 1.4426950408889634;
  // ln 2 in two parts, so that x - n ln 2 stays exact (Cephes, exp.c)
  private static final double LN2_HIGH = 6.93145751953125E-1;
  private static final double LN2_LOW = 1.4286068203094173E-6;

  private Exp() {}

  /** e to the power x, with a relative error of about 1e-12; 0 for x below -708. */
  public static double exp(double x) {
    if (!(x >= -708)) {
      return Double.isNaN(x) ? x : 0;
    }
    if (x > 709) {
      return Double.POSITIVE_INFINITY;
    }
    double n = Math.rint(x * LOG2_E);
    double r = x - n * LN2_HIGH - n * LN2_LOW;
    // Taylor to r^11 on |r| <= ln 2 / 2: the next term is under 7e-15
    double p = 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1;
    p = p * r + 1;
    return p * Double.longBitsToDouble(((long) n + 1023) << 52);
  }

  /**
   * A power, with a relative error of about 1e-12 times the exponent's size; unlike {@link
   * StrictMath#pow} it allocates nothing.
   *
   * @param base at least 0
   */
  public static double pow(double base, double exponent) {
    return exponent == 0 ? 1 : exp(exponent * StrictMath.log(base));
  }
}
