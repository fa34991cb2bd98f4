package io.fundamentallm.samplers;

import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code allowed-tokens=5;6;'yes'}: only the listed tokens can be chosen (vLLM's allowed_token_ids;
 * Hugging Face transformers' prefix_allowed_tokens_fn, for one set). With {@code
 * allowed-tokens(value=…,only-at-begin=true)} this holds only for the first generated token. Tokens
 * are written in the notation of this package, each a single token; the list is not empty.
 */
public final class AllowedTokens implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public AllowedTokens() {}

  @Override
  public String name() {
    return "allowed-tokens";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(TokenList.of(options, "value"), options.flag("only-at-begin", false));
  }

  static SamplerStage stage(TokenList allowed, boolean onlyAtBegin) {
    return SamplerStage.named(
        "allowed-tokens",
        SamplerStage.processor(
            binding -> {
              long[] mask = allowed.mask(binding);
              return (LogitsProcessor)
                  step -> {
                    if (!onlyAtBegin || step.history().generated() == 0) {
                      step.logits().retainMask(mask);
                    }
                  };
            }));
  }
}
