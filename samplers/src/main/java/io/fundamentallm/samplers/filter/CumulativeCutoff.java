package io.fundamentallm.samplers.filter;

import java.util.Arrays;

/**
 * Finds where a list of scores, taken from the best down, has gathered a given weight. Radix
 * selection on the bits of the scores: four passes over n elements for any scores, nothing sorted,
 * nothing allocated. One thread at a time.
 */
public final class CumulativeCutoff {
  private static final int DIGITS = 256;

  private final double[] weightOfDigit = new double[DIGITS];

  /** The key of the last score that is kept. */
  private int last;

  /** How many of the scores with that key are still to be kept. */
  private int ties;

  /** An integer whose unsigned order is the order of the scores; the same for 0 and -0. */
  public static int key(float score) {
    int bits = Float.floatToRawIntBits(score + 0f);
    return bits ^ ((bits >> 31) | Integer.MIN_VALUE);
  }

  /**
   * Sets the cut after the shortest list of best elements whose weights add up to the target, or
   * after all if they never do.
   *
   * @param keys [n] {@link #key} of each score, in ascending order of token id
   * @param weights [n], not negative
   */
  public void find(int[] keys, double[] weights, int n, double target) {
    double above = 0;
    int prefix = 0;
    for (int shift = Integer.SIZE - 8; shift >= 0; shift -= 8) {
      Arrays.fill(weightOfDigit, 0);
      for (int i = 0; i < n; i++) {
        // the cast: a shift by 32 must leave nothing, as it does for a long
        if ((int) ((keys[i] & 0xFFFFFFFFL) >>> (shift + 8)) == prefix) {
          weightOfDigit[(keys[i] >>> shift) & (DIGITS - 1)] += weights[i];
        }
      }
      int digit = DIGITS - 1;
      while (digit > 0 && above + weightOfDigit[digit] < target) {
        above += weightOfDigit[digit--];
      }
      prefix = prefix << 8 | digit;
    }
    last = prefix;
    ties = ties(keys, weights, n, target - above);
  }

  private int ties(int[] keys, double[] weights, int n, double missing) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
      if (keys[i] == last) {
        kept++;
        missing -= weights[i];
        if (missing <= 0) {
          return kept;
        }
      }
    }
    return n;
  }

  /** Keeps all elements that share the last key. */
  public void keepTies() {
    ties = Integer.MAX_VALUE;
  }

  /** Whether an element is kept; asked once for each, in ascending order of token id. */
  public boolean keeps(int key) {
    return Integer.compareUnsigned(key, last) > 0 || (key == last && ties-- > 0);
  }

  /** The last score that is kept. */
  float score() {
    return Float.intBitsToFloat(last < 0 ? last ^ Integer.MIN_VALUE : ~last);
  }
}
