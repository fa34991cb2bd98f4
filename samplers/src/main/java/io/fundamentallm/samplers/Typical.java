package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.samplers.filter.CumulativeCutoff;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.Arrays;

/**
 * {@code typical=P}: locally typical sampling (Meister, Pimentel, Wiher, Cotterell: "Locally
 * typical sampling", TACL 2023). Takes tokens in the order of how little their information -ln p
 * differs from the entropy, and keeps the fewest whose probabilities add up to at least P. Among
 * equals those with the lowest ids stay. P is in {@code (0, 1]}; 1 keeps all.
 *
 * <p>{@code typical(value=P,min-keep=N)} keeps at least N tokens of that order; N defaults to 1.
 * With {@code keep-ties=true} all that equal the last one stay, as in Hugging Face transformers. A
 * sum that falls short of P by 1e-6 or less still reaches it.
 */
public final class Typical implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public Typical() {}

  @Override
  public String name() {
    return "typical";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("value", Range.openClosed(0, 1)),
        options.integer("min-keep", 1, 1, Integer.MAX_VALUE),
        options.flag("keep-ties", false));
  }

  static SamplerStage stage(double p, int minKeep, boolean keepTies) {
    return SamplerStage.named(
        "typical", SamplerStage.processor(binding -> new Nearest(p, minKeep, keepTies)));
  }

  private static final class Nearest implements LogitsProcessor {
    private final double p;
    private final int minKeep;
    private final boolean keepTies;
    private final Softmax softmax = new Softmax();
    private final CumulativeCutoff cut = new CumulativeCutoff();
    private int[] keys = {};
    private double[] ones = {};
    private int[] indices = {};

    Nearest(double p, int minKeep, boolean keepTies) {
      this.p = p;
      this.minKeep = minKeep;
      this.keepTies = keepTies;
    }

    @Override
    public void process(Step step) {
      if (p == 1) {
        return;
      }
      Logits logits = step.logits();
      softmax.of(logits);
      int count = logits.count();
      if (minKeep >= count) {
        return;
      }
      reserve(count);
      float[] scores = logits.scores();
      for (int i = 0; i < count; i++) {
        double distance = Math.abs(softmax.surprise(scores[i]) - softmax.entropy());
        // in steps of 1e-6, so that rounding does not separate equal ones
        keys[i] = CumulativeCutoff.key((float) -(Math.rint(distance * 1e6) / 1e6));
      }
      double target = p * softmax.total() * (1 - Softmax.ROUNDING);
      int kept = keep(count, softmax.weights(), target);
      if (kept < minKeep) {
        kept = keep(count, ones, minKeep);
      }
      logits.retain(indices, kept);
    }

    private int keep(int count, double[] weights, double target) {
      cut.find(keys, weights, count, target);
      if (keepTies) {
        cut.keepTies();
      }
      int kept = 0;
      for (int i = 0; i < count; i++) {
        if (cut.keeps(keys[i])) {
          indices[kept++] = i;
        }
      }
      return kept;
    }

    private void reserve(int count) {
      if (keys.length < count) {
        keys = new int[count];
        indices = new int[count];
        ones = new double[count];
        Arrays.fill(ones, 1);
      }
    }
  }
}
