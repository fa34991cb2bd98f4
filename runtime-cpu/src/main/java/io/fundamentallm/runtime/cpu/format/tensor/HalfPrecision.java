package io.fundamentallm.runtime.cpu.format.tensor;

import java.io.IOException;

/** 16-bit floats, of IEEE 754 (F16) and of Google Brain (BF16), as 32-bit ones. */
public final class HalfPrecision {
  /** Numbers decoded at a time; the scratch array stays in the L1 cache. */
  private static final int CHUNK = 4096;

  /** Moves the exponent from F16's bias of 15 to F32's of 127. */
  private static final float REBIAS = 0x1p112f;

  private static final int F16_INFINITY = 0x7C00;
  private static final int F32_INFINITY = 0x7F800000;

  private HalfPrecision() {}

  /** The value of an F16; exact, including NaN. */
  public static float f16(short half) {
    int magnitude = half & 0x7FFF;
    // as bits of an F32 the exponent is 112 too small, also where the number is subnormal
    int bits = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude << 13) * REBIAS);
    if (magnitude >= F16_INFINITY) {
      bits |= F32_INFINITY;
    }
    return Float.intBitsToFloat(bits | (half & 0x8000) << 16);
  }

  /** The value of a BF16, which is the upper half of an F32. */
  static float bf16(short half) {
    return Float.intBitsToFloat(half << 16);
  }

  static void readF16(MappedFile file, long position, int count, float[] into, int at)
      throws IOException {
    short[] chunk = new short[Math.min(CHUNK, count)];
    for (int done = 0; done < count; ) {
      int part = Math.min(CHUNK, count - done);
      file.shorts(position + 2L * done, chunk, part);
      for (int i = 0; i < part; i++) {
        into[at + done + i] = f16(chunk[i]);
      }
      done += part;
    }
  }

  static void readBf16(MappedFile file, long position, int count, float[] into, int at)
      throws IOException {
    short[] chunk = new short[Math.min(CHUNK, count)];
    for (int done = 0; done < count; ) {
      int part = Math.min(CHUNK, count - done);
      file.shorts(position + 2L * done, chunk, part);
      for (int i = 0; i < part; i++) {
        into[at + done + i] = bf16(chunk[i]);
      }
      done += part;
    }
  }
}
