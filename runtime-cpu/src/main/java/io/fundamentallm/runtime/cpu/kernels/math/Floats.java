package io.fundamentallm.runtime.cpu.kernels.math;

/**
 * Floats in an array, from an index on. The user knows where they end.
 *
 * @param array which other floats may share
 * @param at index of the first
 */
@SuppressWarnings("ArrayRecordComponent") // a place in an array, never compared
public record Floats(float[] array, int at) {

  /**
   * Index of the first float of large data that should start on a cache line, because vectors that
   * straddle two lines take longer. After the 16 bytes of an array's header, it does if the array
   * itself starts on a line. In G1, all arrays of half a region or more do; regions are 1 to 32
   * MiB. Elsewhere it is a matter of luck.
   */
  public static final int FRONT = 12;

  /** Where the float with that index is in the array. */
  public int at(int index) {
    return at + index;
  }

  /** Copies some of them to the same indices of others. */
  public void copy(int from, int count, Floats to) {
    System.arraycopy(array, at(from), to.array, to.at(from), count);
  }
}
