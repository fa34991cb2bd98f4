package io.fundamentallm.samplers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code min-length=N}: no end token can be chosen before prompt and generated text together have N
 * tokens (Hugging Face transformers' and onnxruntime-genai's min_length). The end tokens are the
 * model's, or those of {@code min-length(value=N,tokens=LIST)} in the notation of this package. N
 * is at least 0. {@link MinNewTokens} does not count the prompt.
 */
public final class MinLength implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public MinLength() {}

  @Override
  public String name() {
    return "min-length";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(options.integer("value", 0, Integer.MAX_VALUE), EndTokens.of(options));
  }

  static SamplerStage stage(int minimum, EndTokens ends) {
    return SuppressedTokens.banned("min-length", ends::of, history -> history.length() < minimum);
  }
}
