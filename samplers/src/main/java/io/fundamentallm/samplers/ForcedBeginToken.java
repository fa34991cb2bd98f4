package io.fundamentallm.samplers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code forced-begin-token=T}: the first generated token is T (Hugging Face transformers'
 * forced_bos_token_id), an id or a text in the notation of this package. The model need not compute
 * it.
 */
public final class ForcedBeginToken implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public ForcedBeginToken() {}

  @Override
  public String name() {
    return "forced-begin-token";
  }

  @Override
  public SamplerStage create(Options options) {
    TokenList token = TokenList.of(options, "value");
    if (token.size() != 1) {
      throw options.bad("value", options.text("value"), "one token");
    }
    return stage(token);
  }

  static SamplerStage stage(TokenList token) {
    return SamplerStage.named(
        "forced-begin-token",
        SamplerStage.processor(
            binding ->
                new ForcedTokens(
                    history -> history.generated() == 0,
                    token.tokens(binding),
                    binding.model().vocabularySize())));
  }
}
