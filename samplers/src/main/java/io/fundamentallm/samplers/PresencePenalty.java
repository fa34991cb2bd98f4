package io.fundamentallm.samplers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code presence-penalty=F}: lowers the score of a token by F once it has appeared, however often
 * (OpenAI's API reference; llama.cpp and vLLM have the same rule). F is any number; a negative one
 * encourages repetition.
 *
 * <p>{@code presence-penalty(value=F,window=N,prompt=true)} looks only at the last N tokens
 * (default: all), and at those of the prompt too (default: only at generated ones).
 */
public final class PresencePenalty implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public PresencePenalty() {}

  @Override
  public String name() {
    return "presence-penalty";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("value", OccurrencePenalty.ANY), Occurrences.Window.of(options, false));
  }

  static SamplerStage stage(double penalty, Occurrences.Window window) {
    return SamplerStage.named(
        "presence-penalty",
        SamplerStage.processor(binding -> new OccurrencePenalty(penalty, false, window)));
  }
}
