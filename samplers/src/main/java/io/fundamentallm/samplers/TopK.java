package io.fundamentallm.samplers;

import io.fundamentallm.Logits;
import io.fundamentallm.LogitsProcessor;
import io.fundamentallm.Step;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.Arrays;

/**
 * {@code top-k=K}: keeps the K best tokens (Fan, Lewis, Dauphin: "Hierarchical neural story
 * generation", ACL 2018). Exactly K are left, or all where there are no more; where several tokens
 * share the K-th best score, those with the lowest ids stay. K is at least 1.
 */
public final class TopK implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to give this stage to a registry by hand. */
  public TopK() {}

  @Override
  public String name() {
    return "top-k";
  }

  @Override
  public SamplerStage create(Options options) {
    int k = options.integer("value", 1, Integer.MAX_VALUE);
    return SamplerStage.processor(binding -> new Best(k));
  }

  /**
   * Collects what is better than the K-th best seen so far, and throws out the rest each time the
   * room is full. Once a few hundred tokens were seen, nearly all others cost one comparison.
   */
  private static final class Best implements LogitsProcessor {
    /** Between two cuts at least this many are collected: a cut costs as much as some hundred. */
    private static final int LEAST_BETWEEN_CUTS = 256;

    private final int k;
    private final Cut cut = new Cut();
    private int[] indices = {};
    private int[] keys = {};
    private double[] ones = {};

    Best(int k) {
      this.k = k;
    }

    @Override
    public void process(Step step) {
      Logits logits = step.logits();
      int count = logits.count();
      if (k >= count) {
        return;
      }
      int room = (int) Math.min(count, (long) k + Math.max(k, LEAST_BETWEEN_CUTS));
      makeRoom(room);
      int n = 0;
      boolean full = false;
      float threshold = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < count; i++) {
        float score = logits.score(i);
        if (full && score <= threshold) {
          continue; // an equal score at a higher id is worse
        }
        if (Float.isNaN(score)) {
          logits.maximum(); // throws, naming the token and the position
        }
        indices[n] = i;
        keys[n++] = Cut.key(score);
        if (n == room) {
          n = throwOut(n);
          full = true;
          threshold = cut.score();
        }
      }
      logits.retain(indices, throwOut(n));
    }

    /** Leaves the K best of the first n, in the order they are in. */
    private int throwOut(int n) {
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

    private void makeRoom(int room) {
      if (indices.length < room) {
        indices = new int[room];
        keys = new int[room];
        ones = new double[room];
        Arrays.fill(ones, 1);
      }
    }
  }
}
