package io.fundamentallm.samplers.filter;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.internal.numerics.ColumnMaxima;
import io.fundamentallm.model.NotFiniteException;
import java.util.Arrays;

/**
 * Keeps the K best candidates; among equals those with the lowest ids, or all that equal the K-th.
 * One thread at a time; reused from token to token.
 *
 * <p>Collects what is better than the K-th best seen so far, and throws out the rest each time its
 * memory is full. After a few hundred tokens, nearly all others cost one comparison; with many
 * candidates, only in columns that hold a good one.
 */
public final class TopKFilter {
  /** Between two cuts at least this many are collected: a cut costs as much as about a hundred. */
  private static final int MIN_BETWEEN_CUTS = 256;

  /** From this many candidates up, most are skipped by columns. */
  private static final int MANY = 8 * ColumnMaxima.COLUMNS;

  private static final int GROUPS = ColumnMaxima.COLUMNS / 4;

  private final CumulativeCutoff cut = new CumulativeCutoff();
  private final ColumnMaxima columns = new ColumnMaxima();
  private final float[] groups = new float[GROUPS];
  private final int[] promising = new int[ColumnMaxima.COLUMNS];
  private int collected;
  private float threshold;
  private boolean passed;
  private int[] indices = {};
  private int[] keys = {};
  private double[] ones = {};

  /**
   * Filters.
   *
   * @throws NotFiniteException for a NaN, naming token and position
   */
  public void keep(Logits logits, int k, boolean keepTies) {
    int count = logits.count();
    if (k >= count) {
      return;
    }
    reserve((int) Math.min(count, (long) k + Math.max(k, MIN_BETWEEN_CUTS)));
    float[] scores = logits.scores();
    collected = 0;
    threshold = Float.NEGATIVE_INFINITY;
    passed = false;
    if (count >= MANY && k <= GROUPS / 2) {
      collectFromColumns(logits, scores, count, k);
    } else {
      for (int i = 0; i < count; i++) {
        offer(logits, i, scores[i], k);
      }
    }
    int n = keepBest(collected, k);
    if (keepTies) {
      keepFrom(logits, cut.score());
    } else {
      logits.retain(indices, n);
    }
  }

  private void offer(Logits logits, int index, float score, int k) {
    if (passed ? score <= threshold : score < threshold) {
      return; // an equal score at a higher id is worse
    }
    if (Float.isNaN(score)) {
      logits.maximum(); // throws, naming the token and the position
    }
    indices[collected] = index;
    keys[collected++] = CumulativeCutoff.key(score);
    if (collected == indices.length) {
      collected = keepBest(collected, k);
      threshold = cut.score();
      passed = true; // by K scores at lower ids
    }
  }

  /**
   * K groups each have a score at least as high as the K-th best of the groups' maxima, so nothing
   * below that can be among the K best, and most columns hold nothing above it.
   */
  private void collectFromColumns(Logits logits, float[] scores, int count, int k) {
    columns.of(scores, count);
    if (Float.isNaN(columns.maximum())) {
      logits.maximum(); // throws, naming the token and the position
    }
    for (int group = 0; group < GROUPS; group++) {
      float largest = columns.column(group);
      for (int c = group + GROUPS; c < ColumnMaxima.COLUMNS; c += GROUPS) {
        largest = Math.max(largest, columns.column(c));
      }
      groups[group] = largest;
    }
    threshold = kthLargest(groups, k);
    int n = 0;
    for (int c = 0; c < ColumnMaxima.COLUMNS; c++) {
      if (columns.column(c) >= threshold) {
        promising[n++] = c;
      }
    }
    for (int row = 0; row < count; row += ColumnMaxima.COLUMNS) {
      for (int c = 0; c < n; c++) {
        int i = row + promising[c];
        if (i < count && scores[i] >= threshold) {
          offer(logits, i, scores[i], k);
        }
      }
    }
  }

  /** Hoare's quickselect. */
  private static float kthLargest(float[] values, int k) {
    int from = 0;
    int to = values.length - 1;
    while (from < to) {
      float pivot = values[(from + to) >>> 1];
      int i = from;
      int j = to;
      while (i <= j) {
        while (values[i] > pivot) {
          i++;
        }
        while (values[j] < pivot) {
          j--;
        }
        if (i <= j) {
          float swapped = values[i];
          values[i++] = values[j];
          values[j--] = swapped;
        }
      }
      if (k - 1 <= j) {
        to = j;
      } else if (k - 1 >= i) {
        from = i;
      } else {
        break;
      }
    }
    return values[k - 1];
  }

  /** Leaves the K best of the first n, in the order they are in. */
  private int keepBest(int n, int k) {
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
    reserve(count);
    int n = 0;
    for (int i = 0; i < count; i++) {
      if (scores[i] >= worst) {
        indices[n++] = i;
      }
    }
    logits.retain(indices, n);
  }

  private void reserve(int capacity) {
    if (indices.length < capacity) {
      indices = new int[capacity];
      keys = new int[capacity];
      ones = new double[capacity];
      Arrays.fill(ones, 1);
    }
  }
}
