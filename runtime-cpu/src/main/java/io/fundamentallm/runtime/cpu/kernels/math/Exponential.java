package io.fundamentallm.runtime.cpu.kernels.math;

/**
 * {@code exp} in single precision, the same bits on every JDK: {@link Math#exp} and the Vector
 * API's EXP may differ between versions and widths.
 *
 * <p>Cephes' expf (Moshier): {@code x = n·ln 2 + r} with |r| ≤ ln 2 / 2, a polynomial in r, and a
 * scaling by 2ⁿ. Within 1.1 ulp of the true value; subnormal results are rounded once.
 */
public final class Exponential {

  public static final float LOG2_E = 1.442695f;
  // ln 2 in two parts; the first has few enough bits that n times it is exact.
  public static final float LN2_HIGH = 0.6933594f;
  public static final float LN2_LOW = -2.12194440e-4f;
  public static final float P0 = 0.00019875691f;
  public static final float P1 = 0.0013981999f;
  public static final float P2 = 0.008333452f;
  public static final float P3 = 0.041665796f;
  public static final float P4 = 0.16666666f;
  public static final float P5 = 0.5f;

  // Adding 1.5·2²³ rounds to an integer, which is then in the low bits of the sum.
  public static final float ROUNDER = 12582912f;
  public static final int ROUNDER_BITS = 0x4B400000;
  // exp(89) is beyond the largest float, exp(-104) below half the smallest.
  public static final float OVERFLOW = 89f;
  public static final float UNDERFLOW = -104f;
  // exp(-87) is the power of e just above the smallest normal number.
  public static final float SUBNORMAL = -87f;

  private Exponential() {}

  /** {@code eˣ}. */
  public static float exp(float x) {
    float rounded = Math.fma(x, LOG2_E, ROUNDER);
    float p = ofRest(x, rounded);
    // Two factors, because 2ⁿ itself is not a normal number at either end.
    int exponent = Float.floatToRawIntBits(rounded) - ROUNDER_BITS;
    int half = exponent >> 1;
    float y = p * powerOfTwo(half) * powerOfTwo(exponent - half);
    if (x > OVERFLOW) {
      return Float.POSITIVE_INFINITY;
    }
    return x < UNDERFLOW ? 0f : y;
  }

  /** The same for numbers not greater than zero, but zero where the result would be subnormal. */
  public static float expOfNegative(float x) {
    float rounded = Math.fma(x, LOG2_E, ROUNDER);
    float y = ofRest(x, rounded) * powerOfTwo(Float.floatToRawIntBits(rounded) - ROUNDER_BITS);
    return x < SUBNORMAL ? 0f : y;
  }

  /** {@code exp(r)}. */
  private static float ofRest(float x, float rounded) {
    float n = rounded - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float p = Math.fma(P0, r, P1);
    p = Math.fma(p, r, P2);
    p = Math.fma(p, r, P3);
    p = Math.fma(p, r, P4);
    p = Math.fma(p, r, P5);
    return Math.fma(p, r * r, r) + 1f;
  }

  private static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }
}
