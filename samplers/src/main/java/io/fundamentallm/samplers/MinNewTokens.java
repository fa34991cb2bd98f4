package io.fundamentallm.samplers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code min-new-tokens=N}: no end token can be chosen before N tokens were generated (Hugging Face
 * transformers' min_new_tokens, vLLM's min_tokens). The end tokens are the model's, or those of
 * {@code min-new-tokens(value=N,tokens=LIST)} in the notation of this package. N is at least 0.
 */
public final class MinNewTokens implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public MinNewTokens() {}

  @Override
  public String name() {
    return "min-new-tokens";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(options.integer("value", 0, Integer.MAX_VALUE), EndTokens.of(options));
  }

  static SamplerStage stage(int minimum, EndTokens ends) {
    return SuppressedTokens.banned(
        "min-new-tokens", ends::of, history -> history.generated() < minimum);
  }
}
