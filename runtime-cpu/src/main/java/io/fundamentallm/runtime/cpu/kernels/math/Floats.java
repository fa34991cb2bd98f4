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
   * itself starts on a line. In G1, all arrays of half a region or more do, see {@link #aligned}.
   * Elsewhere it is a matter of luck.
   */
  public static final int FRONT = 12;

  // G1 chooses its regions so that the largest heap has some 2,048 of them.
  private static final long REGIONS = 2048;
  private static final long LEAST_REGION = 1 << 20;

  // In a heap with larger regions than this, half a region would be much memory for little.
  private static final long LARGEST_REGION = 8 << 20;

  /**
   * How many floats an array should have so that the one with the index {@link #FRONT} starts on a
   * cache line: half of a region as G1 chooses it. With other collectors, or where regions were
   * chosen with a flag, more than needed may be of no use.
   *
   * @param least how many are needed, which is the answer in heaps of more than 16 GiB
   */
  public static int aligned(int least) {
    long region = region(Runtime.getRuntime().maxMemory());
    return Math.max(least, (int) (region / 2 / Float.BYTES));
  }

  /** Bytes of a region in a heap of so many bytes; 0 if that is too large. */
  static long region(long heap) {
    long region = LEAST_REGION;
    while (region <= LARGEST_REGION && region * REGIONS < heap) {
      region *= 2;
    }
    return region > LARGEST_REGION ? 0 : region;
  }

  /** Where the float with that index is in the array. */
  public int at(int index) {
    return at + index;
  }

  /** Copies some of them to the same indices of others. */
  public void copy(int from, int count, Floats to) {
    System.arraycopy(array, at(from), to.array, to.at(from), count);
  }
}
