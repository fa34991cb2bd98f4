package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code dynamic-temperature(value=T,range=R,exponent=E)}: a temperature that is low where the
 * model is sure and high where it is not (llama.cpp's temp-ext). With entropy H of n candidates it
 * is
 *
 * <pre>max(0, T - R) + (T + R - max(0, T - R)) (H / ln n)^E</pre>
 *
 * and scores are divided by it as {@link Temperature} does. T is at least 0, R at least 0 (0 is a
 * plain temperature), E greater than 0 (default 1). A single candidate is left unchanged.
 */
public final class DynamicTemperature implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public DynamicTemperature() {}

  @Override
  public String name() {
    return "dynamic-temperature";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("value", Range.atLeast(0)),
        options.real("range", Range.atLeast(0)),
        options.real("exponent", 1, Range.greaterThan(0)));
  }

  static SamplerStage stage(double temperature, double range, double exponent) {
    return SamplerStage.named(
        "dynamic-temperature",
        SamplerStage.processor(binding -> new ByEntropy(temperature, range, exponent)));
  }

  private static final class ByEntropy implements LogitsProcessor {
    private final double temperature;
    private final double range;
    private final double exponent;
    private final Softmax softmax = new Softmax();
    private final int[] best = new int[1];

    ByEntropy(double temperature, double range, double exponent) {
      this.temperature = temperature;
      this.range = range;
      this.exponent = exponent;
    }

    @Override
    public void process(Step step) {
      Logits logits = step.logits();
      if (range == 0) {
        Temperature.apply(logits, temperature, best);
        return;
      }
      softmax.of(logits);
      if (logits.count() > 1) {
        double lowest = Math.max(0, temperature - range);
        double share = Math.min(1, softmax.entropy() / StrictMath.log(logits.count()));
        double reached = lowest + (temperature + range - lowest) * Exp.pow(share, exponent);
        Temperature.apply(logits, reached, best);
      }
    }
  }
}
