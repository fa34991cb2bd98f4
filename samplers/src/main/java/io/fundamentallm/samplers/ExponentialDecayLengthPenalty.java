package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code exponential-decay-length-penalty(start=N,factor=F)}: makes the end ever more likely once
 * more than N tokens were generated (Hugging Face transformers' rule). After n more tokens, the
 * score s of each end token becomes
 *
 * <pre>s + |s| (F^n - 1)</pre>
 *
 * N is at least 0, F greater than 0; an F below 1 makes the end less likely. The end tokens are the
 * model's, or those of the option {@code tokens} in the notation of this package.
 */
public final class ExponentialDecayLengthPenalty implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public ExponentialDecayLengthPenalty() {}

  @Override
  public String name() {
    return "exponential-decay-length-penalty";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.integer("start", 0, Integer.MAX_VALUE),
        options.real("factor", Range.greaterThan(0)),
        EndTokens.of(options));
  }

  static SamplerStage stage(int start, double factor, EndTokens ends) {
    return SamplerStage.named(
        "exponential-decay-length-penalty",
        SamplerStage.processor(
            binding -> {
              int[] tokens = ends.of(binding);
              return (LogitsProcessor)
                  step -> {
                    int beyond = step.history().generated() - start;
                    if (beyond > 0) {
                      lengthen(step.logits(), tokens, Exp.pow(factor, beyond) - 1);
                    }
                  };
            }));
  }

  private static void lengthen(Logits logits, int[] tokens, double growth) {
    for (int token : tokens) {
      int index = logits.indexOf(token);
      // what cannot be chosen stays that way, and a finite score stays finite
      if (index >= 0 && logits.score(index) != Float.NEGATIVE_INFINITY) {
        float score = logits.score(index);
        logits.setScore(index, (float) Math.min(Float.MAX_VALUE, score + Math.abs(score) * growth));
      }
    }
  }
}
