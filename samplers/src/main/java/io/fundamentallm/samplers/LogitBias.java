package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code logit-bias=50256:-100;11:2.5}: adds a number to the score of each listed token (OpenAI's
 * API reference; llama.cpp and vLLM have the same rule). Tokens are written in the notation of this
 * package, each a single token with a finite number, or {@code -inf} for a token that cannot be
 * chosen. A token listed twice counts twice.
 */
public final class LogitBias implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public LogitBias() {}

  @Override
  public String name() {
    return "logit-bias";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(TokenList.weighted(options, "value"));
  }

  static SamplerStage stage(TokenList biases) {
    return SamplerStage.named(
        "logit-bias",
        SamplerStage.processor(
            binding -> {
              int[] tokens = biases.tokens(binding);
              return (LogitsProcessor)
                  step -> {
                    Logits logits = step.logits();
                    for (int i = 0; i < tokens.length; i++) {
                      int index = logits.indexOf(tokens[i]);
                      if (index >= 0) {
                        logits.setScore(index, (float) (logits.score(index) + biases.weight(i)));
                      }
                    }
                  };
            }));
  }
}
