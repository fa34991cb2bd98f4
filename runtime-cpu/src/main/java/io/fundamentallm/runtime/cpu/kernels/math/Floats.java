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

  // G1 chooses regions so that the largest heap has some 2,048 of them. In a heap with larger ones
  // than these, arrays of half a region would take much memory for little.
  private static final long REGIONS = 2048;
  private static final long LEAST_REGION = 1 << 20;
  private static final long LARGEST_REGION = 16 << 20;

  /**
   * How many floats an array should have so that the one with the index {@link #FRONT} starts on a
   * cache line: half a region, if the collector is G1 and chose its regions itself for a heap of at
   * most 32 GiB.
   *
   * @param least how many are needed
   */
  public static int aligned(int least) {
    return Math.max(least, half(Runtime.getRuntime().maxMemory()));
  }

  /** Floats of half a region in a heap of so many bytes; 0 if that is too large. */
  static int half(long heap) {
    long region = LEAST_REGION;
    while (region <= LARGEST_REGION && region * REGIONS < heap) {
      region *= 2;
    }
    return region > LARGEST_REGION ? 0 : (int) (region / 2 / Float.BYTES);
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
