package io.fundamentallm.runtime.cpu.kernels.math;

/** 16-bit floats, without infinities and NaN. The JDK has them only since version 20. */
public final class Half {

  /** 2¹¹²: what the exponent of a 16-bit float lacks when its bits are moved to a 32-bit one. */
  public static final float SCALE = 0x1p112f;

  public static final float LARGEST = 65504f;

  /** The smallest number that would be rounded to more than the largest. */
  public static final float BEYOND = 65520f;

  private static final float SMALLEST_NORMAL = 0x1p-14f;
  private static final int HALF_BITS = Float.floatToRawIntBits(0.5f);

  private Half() {}

  /** The float that a 16-bit float stands for; exact, subnormal ones too. */
  public static float toFloat(short half) {
    int magnitude = (half & 0x7FFF) << 13;
    float value = Float.intBitsToFloat(magnitude) * SCALE;
    return half < 0 ? -value : value;
  }

  /**
   * The nearest 16-bit float, ties to even; larger numbers become the largest, NaN becomes zero.
   */
  public static short fromFloat(float x) {
    if (Float.isNaN(x)) {
      return 0;
    }
    int sign = Float.floatToRawIntBits(x) >>> 16 & 0x8000;
    float bounded = Math.min(Math.abs(x), LARGEST);
    if (bounded < SMALLEST_NORMAL) {
      // Floats from 0.5 to 1 have the same last bit as subnormals: the sum is rounded to it.
      return (short) (sign | Float.floatToRawIntBits(bounded + 0.5f) - HALF_BITS);
    }
    int bits = Float.floatToRawIntBits(bounded / SCALE);
    return (short) (sign | bits + 0xFFF + (bits >>> 13 & 1) >>> 13);
  }
}
