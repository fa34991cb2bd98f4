package io.fundamentallm.tokenizers.split;

import java.util.Arrays;

/**
 * Ranges of bytes of one text, ascending and disjoint; what is between them is dropped. Grows and
 * is reused; one thread at a time.
 */
public final class Pieces {
  private int[] starts = new int[64];
  private int[] ends = new int[64];
  private int count;

  /** Forgets all pieces. */
  public void clear() {
    count = 0;
  }

  /** How many there are. */
  public int count() {
    return count;
  }

  /** Adds a piece; an empty one is left out. */
  public void add(int start, int end) {
    if (start < end) {
      if (count == starts.length) {
        int size = count + (count >> 1) + 64;
        starts = Arrays.copyOf(starts, size);
        ends = Arrays.copyOf(ends, size);
      }
      starts[count] = start;
      ends[count++] = end;
    }
  }

  /** The array of starts; another one after growth. */
  public int[] starts() {
    return starts;
  }

  /** The array of ends; another one after growth. */
  public int[] ends() {
    return ends;
  }

  /** Where a piece starts. */
  public int start(int index) {
    return starts[index];
  }

  /** Where a piece ends. */
  public int end(int index) {
    return ends[index];
  }
}
