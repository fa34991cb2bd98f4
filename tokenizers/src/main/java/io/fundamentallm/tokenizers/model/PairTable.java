package io.fundamentallm.tokenizers.model;

/**
 * The merges of a BPE model: for a pair of adjacent tokens, its rank, the lowest of which is merged
 * first, and the token it becomes. Once built, immutable and thread-safe.
 */
public final class PairTable {
  private static final long MIX = 0x9E3779B97F4A7C15L;

  /** Pairs of key, never 0, and rank and product. */
  private final long[] entries;

  private final int shift;
  private final int mask;
  private int size;

  /** A table for this many merges. */
  public PairTable(int merges) {
    int capacity = Integer.highestOneBit(Math.max(merges, 4)) * 4;
    entries = new long[2 * capacity];
    mask = entries.length - 1;
    shift = 64 - Integer.numberOfTrailingZeros(capacity);
  }

  /**
   * Adds the next merge, whose rank is the number of merges before it; of equal ones the last
   * counts.
   */
  public void add(int left, int right, int product) {
    long key = key(left, right);
    int at = (int) ((key * MIX) >>> shift) * 2;
    while (entries[at] != 0 && entries[at] != key) {
      at = (at + 2) & mask;
    }
    entries[at] = key;
    entries[at + 1] = ((long) size++ << 32) | product;
  }

  /** How many merges were added. */
  public int size() {
    return size;
  }

  /**
   * Left and right of each merge alternating, in the order of their ranks; -1 where another
   * replaced it.
   */
  public int[] ranked() {
    int[] pairs = new int[2 * size];
    java.util.Arrays.fill(pairs, -1);
    for (int at = 0; at < entries.length; at += 2) {
      if (entries[at] != 0) {
        int rank = (int) (entries[at + 1] >>> 32);
        pairs[2 * rank] = (int) (entries[at] >>> 32) - 1;
        pairs[2 * rank + 1] = (int) entries[at];
      }
    }
    return pairs;
  }

  /** Rank in the upper half and product in the lower; -1 for a pair that is not merged. */
  long find(int left, int right) {
    long key = key(left, right);
    int at = (int) ((key * MIX) >>> shift) * 2;
    while (true) {
      long found = entries[at];
      if (found == key) {
        return entries[at + 1];
      }
      if (found == 0) {
        return -1;
      }
      at = (at + 2) & mask;
    }
  }

  /** Whether something holds for all merges. */
  boolean all(BiIntPredicate predicate) {
    for (int at = 0; at < entries.length; at += 2) {
      long key = entries[at];
      if (key != 0 && !predicate.test((int) (key >>> 32) - 1, (int) key)) {
        return false;
      }
    }
    return true;
  }

  /** A test of a pair of ids. */
  interface BiIntPredicate {
    boolean test(int left, int right);
  }

  private static long key(int left, int right) {
    return ((long) (left + 1) << 32) | right;
  }
}
