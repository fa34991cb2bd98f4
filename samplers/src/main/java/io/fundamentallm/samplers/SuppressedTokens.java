package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * {@code suppressed-tokens=220;'no'}: the listed tokens cannot be chosen (Hugging Face
 * transformers' suppress_tokens). With {@code suppressed-tokens(value=…,only-at-begin=true)} this
 * holds only for the first generated token (its begin_suppress_tokens). Tokens are written in the
 * notation of this package, each a single token.
 */
public final class SuppressedTokens implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public SuppressedTokens() {}

  @Override
  public String name() {
    return "suppressed-tokens";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(TokenList.of(options, "value"), options.flag("only-at-begin", false));
  }

  static SamplerStage stage(TokenList suppressed, boolean onlyAtBegin) {
    return banned(
        "suppressed-tokens",
        suppressed::tokens,
        history -> !onlyAtBegin || history.generated() == 0);
  }

  /** A stage that makes tokens impossible after certain histories. */
  static SamplerStage banned(
      String name, Function<Binding, int[]> banned, Predicate<History> where) {
    return SamplerStage.named(
        name,
        SamplerStage.processor(
            binding -> {
              int[] tokens = banned.apply(binding);
              return (LogitsProcessor)
                  step -> {
                    if (where.test(step.history())) {
                      ban(step.logits(), tokens);
                    }
                  };
            }));
  }

  /** Makes tokens impossible, where they are candidates. */
  static void ban(Logits logits, int[] tokens) {
    for (int token : tokens) {
      int index = logits.indexOf(token);
      if (index >= 0) {
        logits.setScore(index, Float.NEGATIVE_INFINITY);
      }
    }
  }
}
