package io.fundamentallm.runtime.cpu.kernels.elementwise;

/** The hash that decides what {@link ElementwiseKernels#dropout} keeps. */
final class DropoutHash {

  static final int WEYL = 0x9E3779B9; // the golden ratio, in 32 bits
  static final int MULTIPLIER_1 = 0x7FEB352D;
  static final int MULTIPLIER_2 = 0x846CA68B;

  private DropoutHash() {}

  /** All ones where element i is kept, else zero. */
  private static int kept(long key, int i, int threshold) {
    int h = i * WEYL + (int) key;
    h = (h ^ (h >>> 16)) * MULTIPLIER_1;
    h = ((h ^ (h >>> 15)) + (int) (key >>> 32)) * MULTIPLIER_2;
    h = (h ^ (h >>> 16)) >>> 8;
    return (threshold - 1 - h) >> 31;
  }

  /** x where element i is kept, else zero. */
  static float drop(float x, long key, int i, int threshold) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(x) & kept(key, i, threshold));
  }
}
