package io.fundamentallm.samplers.filter;

import io.fundamentallm.decoding.Logits;

/**
 * Keeps the candidates whose score reaches a floor, but at least a number of the best. One thread
 * at a time; reused from token to token.
 */
public final class ThresholdFilter {
  private final int minKeep;
  private final boolean keepTies;
  private final TopKFilter best = new TopKFilter();
  private int[] indices = {};

  /**
   * A filter.
   *
   * @param keepTies whether all that equal the last of those {@code minKeep} stay
   */
  public ThresholdFilter(int minKeep, boolean keepTies) {
    this.minKeep = minKeep;
    this.keepTies = keepTies;
  }

  /** Filters; NaN was ruled out before. */
  public void keep(Logits logits, double floor) {
    int count = logits.count();
    if (indices.length < count) {
      indices = new int[count];
    }
    float[] scores = logits.scores();
    int n = 0;
    for (int i = 0; i < count; i++) {
      indices[n] = i;
      n += scores[i] >= floor ? 1 : 0;
    }
    if (n < minKeep) {
      best.keep(logits, minKeep, keepTies);
    } else if (n < count) {
      logits.retain(indices, n);
    }
  }
}
