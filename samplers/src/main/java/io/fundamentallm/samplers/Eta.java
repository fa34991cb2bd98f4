package io.fundamentallm.samplers;

import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code eta=E}: keeps the tokens whose probability is at least min(E, sqrt(E) exp(-H)), where H is
 * the entropy in nats of what earlier stages left (Hewitt, Manning, Liang: "Truncation sampling as
 * language model desmoothing", Findings of EMNLP 2022). E is in {@code (0, 1)}. A probability that
 * falls short of the threshold by a share of 1e-6 or less still reaches it.
 *
 * <p>{@code eta(value=E,min-keep=N)} keeps at least the N best tokens; N defaults to 1. With {@code
 * keep-ties=true} those that equal the last of them stay too, as in Hugging Face transformers.
 */
public final class Eta implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public Eta() {}

  @Override
  public String name() {
    return "eta";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("value", new Range(0, false, 1, false)),
        options.integer("min-keep", 1, 1, Integer.MAX_VALUE),
        options.flag("keep-ties", false));
  }

  static SamplerStage stage(double epsilon, int minKeep, boolean keepTies) {
    return Epsilon.cutoff(
        "eta",
        minKeep,
        keepTies,
        softmax -> Math.min(epsilon, Math.sqrt(epsilon) * Exp.exp(-softmax.entropy())));
  }
}
