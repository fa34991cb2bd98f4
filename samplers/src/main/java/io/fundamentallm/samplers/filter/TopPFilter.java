package io.fundamentallm.samplers.filter;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.Weights;
import io.fundamentallm.internal.numerics.Exp;
import java.util.Arrays;

/**
 * Keeps the shortest list of best candidates whose probabilities add up to p. Of many candidates a
 * histogram over the scores finds the narrow range that contains the cut; only there is every score
 * examined. One thread at a time; memory is reused.
 */
public final class TopPFilter implements LogitsProcessor {
  /** From this many candidates up, the histogram pays off. */
  private static final int MANY = 4096;

  private static final int BUCKETS = 2048;

  /** Neighbours go to different copies, so that one addition need not wait for the one before. */
  private static final int COPIES = 4;

  private final double p;
  private final int minKeep;
  private final CumulativeCutoff cut = new CumulativeCutoff();
  private final TopKFilter best = new TopKFilter();
  private final Weights approximate = new Weights();
  private final double[] histogram = new double[COPIES * BUCKETS];
  private int[] buckets = {};
  private int[] keys = {};
  private double[] weights = {};
  private int[] indices = {};

  public TopPFilter(double p, int minKeep) {
    this.p = p;
    this.minKeep = minKeep;
  }

  @Override
  public void process(Step step) {
    if (p == 1) {
      return;
    }
    Logits logits = step.logits();
    float maximum = logits.maximum(); // before count(): it may fall back to one candidate
    int count = logits.count();
    if (minKeep >= count) {
      return;
    }
    if (indices.length < count) {
      indices = new int[count];
      keys = new int[count];
      weights = new double[count];
      buckets = new int[count];
    }
    float[] scores = logits.scores();
    int kept =
        count < MANY ? keepAmongFew(scores, count, maximum) : keepAmongMany(scores, count, maximum);
    if (kept < minKeep) {
      best.keep(logits, minKeep, false);
    } else {
      logits.retain(indices, kept);
    }
  }

  private int keepAmongFew(float[] scores, int count, float maximum) {
    double total = 0;
    for (int i = 0; i < count; i++) {
      double weight = Exp.exp(scores[i] - maximum);
      keys[i] = CumulativeCutoff.key(scores[i]);
      weights[i] = weight;
      total += weight;
    }
    cut.find(keys, weights, count, p * total * (1 - Softmax.ROUNDING));
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (cut.keeps(keys[i])) {
        indices[kept++] = i;
      }
    }
    return kept;
  }

  private int keepAmongMany(float[] scores, int count, float maximum) {
    approximate.of(scores, count, maximum, 1);
    double total = 0;
    for (int block = 0; block * Weights.BLOCK < count; block++) {
      total += approximate.sum(block);
    }
    // weights below this add up to less than 1 - p, so the nucleus is complete before them
    double min = Math.max((1 - p) * total / count, 1e-30) / 2;
    float scale = (float) ((BUCKETS - 1) / -StrictMath.log(min));
    sort(scores, count, maximum, scale, buckets);
    computeTotal(count);
    double target = p * total * (1 - Softmax.ROUNDING);
    double above = 0;
    int bucket = 0;
    while (bucket < BUCKETS - 1 && above + weight(bucket) < target) {
      above += weight(bucket++);
    }
    return collect(scores, count, bucket, target - above);
  }

  private static void sort(float[] scores, int count, float maximum, float scale, int[] buckets) {
    for (int i = 0; i < count; i++) {
      buckets[i] = (int) ((maximum - scores[i]) * scale);
    }
  }

  private void computeTotal(int count) {
    Arrays.fill(histogram, 0);
    double[] sums = histogram;
    for (int i = 0; i < count; i++) {
      int bucket = Math.min(buckets[i], BUCKETS - 1);
      sums[bucket * COPIES + (i & COPIES - 1)] += approximate.weight(i);
    }
  }

  private double weight(int bucket) {
    int at = bucket * COPIES;
    return (histogram[at] + histogram[at + 1]) + (histogram[at + 2] + histogram[at + 3]);
  }

  /** What is above a bucket, and the best within it until the target is reached. */
  private int collect(float[] scores, int count, int bucket, double target) {
    int limit = bucket == BUCKETS - 1 ? Integer.MAX_VALUE : bucket;
    int n = 0;
    for (int i = 0; i < count; i++) {
      indices[n] = i;
      n += (buckets[i] - limit - 1) >>> 31; // 1 up to the limit, without a branch
    }
    int within = 0;
    for (int j = 0; j < n; j++) {
      int i = indices[j];
      if (buckets[i] >= bucket) {
        keys[within] = CumulativeCutoff.key(scores[i]);
        weights[within++] = approximate.weight(i);
      }
    }
    cut.find(keys, weights, within, target);
    int kept = 0;
    for (int j = 0; j < n; j++) {
      int i = indices[j];
      if (buckets[i] < bucket || cut.keeps(CumulativeCutoff.key(scores[i]))) {
        indices[kept++] = i;
      }
    }
    return kept;
  }
}
