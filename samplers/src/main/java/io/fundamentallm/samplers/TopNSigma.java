package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.samplers.filter.ThresholdFilter;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code top-n-sigma=N}: keeps the tokens whose score is within N standard deviations of the best
 * score (Tang, Liu, Xu, Huang, Wu: "Top-nσ: not all logits are you need", ACL 2025). The deviation
 * is that of all scores that are not -infinity, divided by their number, as in llama.cpp. N is
 * greater than 0. What this keeps does not depend on the temperature.
 */
public final class TopNSigma implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public TopNSigma() {}

  @Override
  public String name() {
    return "top-n-sigma";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(options.real("value", Range.greaterThan(0)));
  }

  static SamplerStage stage(double n) {
    return SamplerStage.named(
        "top-n-sigma",
        SamplerStage.processor(
            binding -> {
              ThresholdFilter floor = new ThresholdFilter(1, false);
              return step -> {
                Logits logits = step.logits();
                float maximum = logits.maximum();
                floor.keep(logits, maximum - n * deviation(logits, maximum));
              };
            }));
  }

  private static double deviation(Logits logits, float maximum) {
    float[] scores = logits.scores();
    double sum = 0;
    double squares = 0;
    int finite = 0;
    for (int i = 0; i < logits.count(); i++) {
      double below = (double) scores[i] - maximum; // so that large numbers do not cancel
      if (below != Double.NEGATIVE_INFINITY) {
        sum += below;
        squares += below * below;
        finite++;
      }
    }
    double mean = sum / finite;
    return Math.sqrt(Math.max(0, squares / finite - mean * mean));
  }
}
