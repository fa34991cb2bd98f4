package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.samplers.filter.ThresholdFilter;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.function.ToDoubleFunction;

/**
 * {@code epsilon=E}: keeps the tokens whose probability is at least E (Hewitt, Manning, Liang:
 * "Truncation sampling as language model desmoothing", Findings of EMNLP 2022). E is in {@code (0,
 * 1)}. A probability that falls short of it by a share of 1e-6 or less still reaches it.
 *
 * <p>{@code epsilon(value=E,min-keep=N)} keeps at least the N best tokens; N defaults to 1. With
 * {@code keep-ties=true} those that equal the last of them stay too, as in Hugging Face
 * transformers.
 */
public final class Epsilon implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public Epsilon() {}

  @Override
  public String name() {
    return "epsilon";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("value", new Range(0, false, 1, false)),
        options.integer("min-keep", 1, 1, Integer.MAX_VALUE),
        options.flag("keep-ties", false));
  }

  static SamplerStage stage(double epsilon, int minKeep, boolean keepTies) {
    return cutoff("epsilon", minKeep, keepTies, softmax -> epsilon);
  }

  /** A stage that drops tokens less probable than a function of the distribution. */
  static SamplerStage cutoff(
      String name, int minKeep, boolean keepTies, ToDoubleFunction<Softmax> min) {
    return SamplerStage.named(
        name,
        SamplerStage.processor(
            binding -> {
              Softmax softmax = new Softmax();
              ThresholdFilter floor = new ThresholdFilter(minKeep, keepTies);
              return step -> {
                Logits logits = step.logits();
                softmax.of(logits);
                floor.keep(logits, softmax.scoreOf(min.applyAsDouble(softmax)));
              };
            }));
  }
}
