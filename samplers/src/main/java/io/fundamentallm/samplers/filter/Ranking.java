package io.fundamentallm.samplers.filter;

import io.fundamentallm.decoding.Logits;
import java.util.Arrays;

/**
 * The candidates from the best down; among equals by id. Radix sort: four stable passes, nothing
 * allocated. One thread at a time; reused from token to token.
 */
public final class Ranking {
  private static final int DIGITS = 256;

  private final int[] starts = new int[DIGITS];
  private int[] keys = {};
  private int[] order = {};
  private int[] spare = {};

  /** Sorts. */
  public void of(Logits logits) {
    int count = logits.count();
    if (keys.length < count) {
      keys = new int[count];
      order = new int[count];
      spare = new int[count];
    }
    float[] scores = logits.scores();
    for (int i = 0; i < count; i++) {
      keys[i] = ~CumulativeCutoff.key(scores[i]); // ascending in this is descending in score
      order[i] = i;
    }
    for (int shift = 0; shift < Integer.SIZE; shift += 8) {
      pass(count, shift);
    }
  }

  private void pass(int count, int shift) {
    Arrays.fill(starts, 0);
    for (int i = 0; i < count; i++) {
      starts[keys[i] >>> shift & DIGITS - 1]++;
    }
    int start = 0;
    for (int digit = 0; digit < DIGITS; digit++) {
      int size = starts[digit];
      starts[digit] = start;
      start += size;
    }
    for (int i = 0; i < count; i++) {
      int digit = keys[order[i]] >>> shift & DIGITS - 1;
      spare[starts[digit]++] = order[i];
    }
    int[] sorted = spare;
    spare = order;
    order = sorted;
  }

  /** The index of the candidate at a rank, from 0. */
  public int index(int rank) {
    return order[rank];
  }
}
