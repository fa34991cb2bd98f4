package io.fundamentallm.runtime.cpu.kernels.math;

/**
 * Floats in an array, from a place on. Whoever uses them knows where they end.
 *
 * @param array which other floats may share
 * @param at index of the first
 */
@SuppressWarnings("ArrayRecordComponent") // a place in an array, never compared
public record Floats(float[] array, int at) {

  /**
   * Index of the first float of large data that is to begin with a cache line, as vectors that
   * straddle two take longer. Behind the 16 bytes of an array's header it does where the array
   * begins with a line. In G1 all arrays do that take half a region or more; regions are of 1 to 32
   * MiB. Elsewhere it is a matter of luck.
   */
  public static final int FRONT = 12;

  /** Where the float with that index lies in the array. */
  public int at(int index) {
    return at + index;
  }

  /** Copies some of them to the same place among others. */
  public void copy(int from, int count, Floats to) {
    System.arraycopy(array, at(from), to.array, to.at(from), count);
  }
}
