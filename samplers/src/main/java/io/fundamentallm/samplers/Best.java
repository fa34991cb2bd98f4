package io.fundamentallm.samplers;

import io.fundamentallm.Logits;
import java.util.Arrays;

/**
 * Keeps the K best candidates; among equals those with the lowest ids, or all that equal the K-th.
 * One thread at a time; reused from step to step.
 *
 * <p>Collects what is better than the K-th best seen so far, and throws out the rest each time the
 * room is full. Once a few hundred tokens were seen, nearly all others cost one comparison.
 */
final class Best {
  /** Between two cuts at least this many are collected: a cut costs as much as some hundred. */
  private static final int LEAST_BETWEEN_CUTS = 256;

  private final Cut cut = new Cut();
  private int[] indices = {};
  private int[] keys = {};
  private double[] ones = {};

  /**
   * Filters.
   *
   * @throws IllegalStateException for a NaN, naming token and position
   */
  void keep(Logits logits, int k, boolean keepTies) {
    int count = logits.count();
    if (k >= count) {
      return;
    }
    int room = (int) Math.min(count, (long) k + Math.max(k, LEAST_BETWEEN_CUTS));
    makeRoom(room);
    float[] scores = logits.scores();
    int n = 0;
    boolean full = false;
    float threshold = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      float score = scores[i];
      if (full && score <= threshold) {
        continue; // an equal score at a higher id is worse
      }
      if (Float.isNaN(score)) {
        logits.maximum(); // throws, naming the token and the position
      }
      indices[n] = i;
      keys[n++] = Cut.key(score);
      if (n == room) {
        n = throwOut(n, k);
        full = true;
        threshold = cut.score();
      }
    }
    n = throwOut(n, k);
    if (keepTies) {
      keepFrom(logits, cut.score());
    } else {
      logits.retain(indices, n);
    }
  }

  /** Leaves the K best of the first n, in the order they are in. */
  private int throwOut(int n, int k) {
    if (n <= k) {
      return n;
    }
    cut.find(keys, ones, n, k);
    int kept = 0;
    for (int i = 0; i < n; i++) {
      if (cut.keeps(keys[i])) {
        indices[kept] = indices[i];
        keys[kept++] = keys[i];
      }
    }
    return kept;
  }

  private void keepFrom(Logits logits, float worst) {
    float[] scores = logits.scores();
    int count = logits.count();
    makeRoom(count);
    int n = 0;
    for (int i = 0; i < count; i++) {
      if (scores[i] >= worst) {
        indices[n++] = i;
      }
    }
    logits.retain(indices, n);
  }

  private void makeRoom(int room) {
    if (indices.length < room) {
      indices = new int[room];
      keys = new int[room];
      ones = new double[room];
      Arrays.fill(ones, 1);
    }
  }
}
