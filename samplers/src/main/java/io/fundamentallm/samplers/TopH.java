package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.samplers.filter.Ranking;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code top-h=H}: keeps the best tokens as long as their share of the entropy, the sum of their -p
 * ln p, is at most H times the whole (Potraghloo, Azizi, Kundu, Pedram: "Top-H decoding: adapting
 * the creativity and coherence with bounded entropy in text generation", NeurIPS 2025; as in
 * Hugging Face transformers). Only the {@code top} best tokens (default 100) count, as if there
 * were no others. The best token always stays; among equals those with the lowest ids do. H is in
 * {@code (0, 1]}. A sum that exceeds the limit by a share of 1e-6 or less does not.
 */
public final class TopH implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public TopH() {}

  @Override
  public String name() {
    return "top-h";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("value", Range.openClosed(0, 1)),
        options.integer("top", 100, 1, Integer.MAX_VALUE));
  }

  static SamplerStage stage(double h, int top) {
    return SamplerStage.named(
        "top-h", SamplerStage.processor(binding -> new BoundedEntropy(h, top)));
  }

  private static final class BoundedEntropy implements LogitsProcessor {
    private final double h;
    private final int top;
    private final Softmax softmax = new Softmax();
    private final Ranking ranking = new Ranking();
    private double[] terms = {};
    private int[] indices = {};

    BoundedEntropy(double h, int top) {
      this.h = h;
      this.top = top;
    }

    @Override
    public void process(Step step) {
      Logits logits = step.logits();
      softmax.of(logits);
      ranking.of(logits);
      int count = Math.min(top, logits.count());
      if (terms.length < count) {
        terms = new double[count];
        indices = new int[count];
      }
      double total = 0;
      for (int i = 0; i < count; i++) {
        total += softmax.weight(ranking.index(i));
      }
      double entropy = 0;
      for (int i = 0; i < count; i++) {
        double p = softmax.weight(ranking.index(i)) / total;
        terms[i] = p > 0 ? -p * StrictMath.log(p) : 0;
        entropy += terms[i];
      }
      double limit = h * entropy * (1 + Softmax.ROUNDING);
      int kept = 0;
      for (double sum = 0; kept < count; kept++) {
        sum += terms[kept];
        if (kept > 0 && sum > limit) {
          break;
        }
        indices[kept] = ranking.index(kept);
      }
      java.util.Arrays.sort(indices, 0, kept); // candidates stay in the order of ids
      logits.retain(indices, kept);
    }
  }
}
