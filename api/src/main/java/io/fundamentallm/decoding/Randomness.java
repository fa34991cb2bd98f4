package io.fundamentallm.decoding;

/**
 * Counter-based random numbers: a draw is a pure function of seed, sequence, position and purpose.
 * So a seed's text does not depend on batching, other requests, threads or speculation, and there
 * is no state to fork or roll back. Immutable and thread-safe.
 *
 * <p>The generator is Philox4x64-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011), with the seed as its key.
 *
 * @param seed chosen by the caller
 * @param sequence distinguishes the sequences of one request, from 0
 */
public record Randomness(long seed, long sequence) {
  /** The purpose of the draw that chooses a token. */
  public static final long SAMPLE = 0;

  private static final long MULTIPLIER_0 = 0xD2E7470EE14C6C93L;
  private static final long MULTIPLIER_1 = 0xCA5A826395121157L;
  private static final long WEYL_0 = 0x9E3779B97F4A7C15L;
  private static final long WEYL_1 = 0xBB67AE8584CAA73BL;

  /**
   * A plugin's own purpose, for {@link #uniform}: the 64-bit FNV-1a hash of its name, so that
   * stages do not share draws.
   */
  public static long purpose(String name) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
    }
    return hash;
  }

  /**
   * A number in {@code [0, 1)}, a multiple of 2<sup>-53</sup>.
   *
   * @param position index in the history of the token being chosen
   * @param purpose {@link #SAMPLE} or a {@link #purpose}
   */
  public double uniform(long position, long purpose) {
    return (philox(position, purpose, sequence, 0, seed, 0) >>> 11) * 0x1.0p-53;
  }

  /** The first word of the block for this counter and key. */
  static long philox(long c0, long c1, long c2, long c3, long key0, long key1) {
    for (int round = 0; round < 10; round++) {
      long high0 = multiplyHigh(MULTIPLIER_0, c0);
      long low0 = MULTIPLIER_0 * c0;
      long high1 = multiplyHigh(MULTIPLIER_1, c2);
      long low1 = MULTIPLIER_1 * c2;
      c0 = high1 ^ c1 ^ key0;
      c1 = low1;
      c2 = high0 ^ c3 ^ key1;
      c3 = low0;
      key0 += WEYL_0;
      key1 += WEYL_1;
    }
    return c0;
  }

  /** Math.unsignedMultiplyHigh is not in Java 17. */
  private static long multiplyHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a);
  }
}
