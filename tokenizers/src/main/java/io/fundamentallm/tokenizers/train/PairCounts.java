package io.fundamentallm.tokenizers.train;

import java.util.Arrays;

/** Numbers for pairs of symbols, dense and ascending, and a count for each: open addressing. */
final class PairCounts {
  private static final long FREE = -1;

  private long[] keys = new long[1 << 12];
  private int[] numbers = new int[1 << 12];
  private long[] counts = new long[1 << 11];
  private int size;

  PairCounts() {
    Arrays.fill(keys, FREE);
  }

  /** A pair as one number; the numbers sort by the first, then by the second. */
  static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  int size() {
    return size;
  }

  /** The number of a pair; a new one if it had none. */
  int number(long key) {
    int mask = keys.length - 1;
    int slot = hash(key) & mask;
    while (keys[slot] != key) {
      if (keys[slot] == FREE) {
        return insert(slot, key);
      }
      slot = slot + 1 & mask;
    }
    return numbers[slot];
  }

  long count(int number) {
    return counts[number];
  }

  void add(int number, long change) {
    counts[number] += change;
  }

  private int insert(int slot, long key) {
    if (size == counts.length) {
      counts = Arrays.copyOf(counts, 2 * size);
      grow();
      return number(key);
    }
    keys[slot] = key;
    numbers[slot] = size;
    return size++;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldNumbers = numbers;
    keys = new long[2 * oldKeys.length];
    numbers = new int[keys.length];
    Arrays.fill(keys, FREE);
    int mask = keys.length - 1;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != FREE) {
        int slot = hash(oldKeys[i]) & mask;
        while (keys[slot] != FREE) {
          slot = slot + 1 & mask;
        }
        keys[slot] = oldKeys[i];
        numbers[slot] = oldNumbers[i];
      }
    }
  }

  private static int hash(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L; // Knuth's multiplier, 2^64 over the golden ratio
    return (int) (mixed >>> 32 ^ mixed >>> 15);
  }
}
