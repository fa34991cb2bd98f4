package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code temperature=T}: divides every score by T, so that the softmax becomes that of a Boltzmann
 * distribution at temperature T (Ackley, Hinton, Sejnowski: "A learning algorithm for Boltzmann
 * machines", Cognitive Science 9, 1985). Below 1 likely tokens gain, above 1 they lose; 1 changes
 * nothing.
 *
 * <p>T is in {@code [0, infinity)}. 0 is greedy: only the best token stays, among equals the one
 * with the lowest id. A T so small that the best score divided by it is no longer a finite float
 * keeps the tokens that share the best score: the limit that the division tends to.
 */
public final class Temperature implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public Temperature() {}

  @Override
  public String name() {
    return "temperature";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(options.real("value", Range.atLeast(0)));
  }

  static SamplerStage stage(double temperature) {
    return SamplerStage.named(
        "temperature",
        SamplerStage.processor(
            binding -> {
              int[] best = new int[1];
              return step -> apply(step.logits(), temperature, best);
            }));
  }

  /**
   * Divides.
   *
   * @param best room for one index
   */
  static void apply(Logits logits, double value, int[] best) {
    if (value == 0) {
      best[0] = logits.maximumIndex();
      logits.retain(best, 1);
      return;
    }
    // a T beyond the range of float would turn the score -infinity into NaN
    float temperature = Math.min((float) value, Float.MAX_VALUE);
    if (temperature < 1) { // otherwise no quotient is larger than its score
      float maximum = logits.maximum();
      if (!Float.isFinite(maximum / temperature)) {
        logits.retainIf(i -> logits.score(i) == maximum);
        return;
      }
    }
    if (temperature != 1) {
      logits.divide(temperature);
    }
  }
}
