package io.fundamentallm.samplers;

import io.fundamentallm.samplers.filter.TopPFilter;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code top-p=P}: nucleus sampling (Holtzman, Buys, Du, Forbes, Choi: "The curious case of neural
 * text degeneration", ICLR 2020). Keeps the smallest set of best tokens whose probabilities add up
 * to at least P of the mass that earlier stages left. The token that crosses P is kept; if several
 * tokens share the last score, those with the lowest ids stay. P is in {@code (0, 1]}; 1 keeps all.
 *
 * <p>The original FundamentaLLM code that inspired this library drops the crossing token, although
 * its documentation keeps it. This class follows the documentation, as does the paper.
 *
 * <p>{@code top-p(value=P,min-keep=N)} keeps at least the N best tokens; N defaults to 1.
 *
 * <p>Sums are in double. A sum that falls short of P by a share of 1e-6 or less counts as reaching
 * it, so that the order of summation and the rounding of logits and P do not matter: of ten equal
 * tokens P = 0.3 keeps three.
 */
public final class TopP implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public TopP() {}

  @Override
  public String name() {
    return "top-p";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("value", Range.openClosed(0, 1)),
        options.integer("min-keep", 1, 1, Integer.MAX_VALUE));
  }

  static SamplerStage stage(double p, int minKeep) {
    return SamplerStage.named(
        "top-p", SamplerStage.processor(binding -> new TopPFilter(p, minKeep)));
  }
}
