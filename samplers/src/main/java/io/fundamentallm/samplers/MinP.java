package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.samplers.filter.ThresholdFilter;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code min-p=P}: keeps the tokens whose probability is at least P times that of the best one
 * (Nguyen, Baker, Neo, Roush, Kirsch, Shwartz-Ziv: "Turning up the heat: min-p sampling for
 * creative and coherent LLM outputs", ICLR 2025). P is in {@code [0, 1]}; 0 keeps all.
 *
 * <p>{@code min-p(value=P,min-keep=N)} keeps at least the N best tokens; N defaults to 1. A
 * probability that falls short of the threshold by a share of 1e-6 or less still reaches it.
 */
public final class MinP implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public MinP() {}

  @Override
  public String name() {
    return "min-p";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("value", Range.closed(0, 1)),
        options.integer("min-keep", 1, 1, Integer.MAX_VALUE));
  }

  static SamplerStage stage(double p, int minKeep) {
    double gap = StrictMath.log(p) - Softmax.ROUNDING; // -infinity for 0
    return SamplerStage.named(
        "min-p",
        SamplerStage.processor(
            binding -> {
              ThresholdFilter floor = new ThresholdFilter(minKeep, false);
              return step -> {
                Logits logits = step.logits();
                floor.keep(logits, logits.maximum() + gap);
              };
            }));
  }
}
