package io.fundamentallm.samplers;

import io.fundamentallm.decoding.History;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.function.Predicate;

/**
 * {@code forced-end-token(max-new-tokens=N)}: the N-th generated token is an end token (Hugging
 * Face transformers' forced_eos_token_id), so that a text cut off by its length still ends as the
 * model's texts do. {@code forced-end-token(max-length=N)} counts the prompt too; exactly one of
 * the two must be given, at least 1.
 *
 * <p>The end tokens are the model's, or those of the option {@code tokens} in the notation of this
 * package. A single one is certain, and the model need not compute it; of several, any can be
 * drawn.
 */
public final class ForcedEndToken implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public ForcedEndToken() {}

  @Override
  public String name() {
    return "forced-end-token";
  }

  @Override
  public SamplerStage create(Options options) {
    EndTokens ends = EndTokens.of(options);
    if (options.has("max-length") && options.has("max-new-tokens")) {
      throw new IllegalArgumentException(
          "stage \"forced-end-token\" takes max-length or max-new-tokens, not both");
    }
    if (options.has("max-length")) {
      int length = options.integer("max-length", 1, Integer.MAX_VALUE);
      return stage(history -> history.length() == length - 1, ends);
    }
    int tokens = options.integer("max-new-tokens", 1, Integer.MAX_VALUE);
    return stage(history -> history.generated() == tokens - 1, ends);
  }

  static SamplerStage stage(Predicate<History> last, EndTokens ends) {
    return SamplerStage.named(
        "forced-end-token",
        SamplerStage.processor(
            binding -> new ForcedTokens(last, ends.of(binding), binding.model().vocabularySize())));
  }
}
