package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.model.language.LanguageModel;
import dev.langchain4j.model.output.Response;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.Generation;

/**
 * Continues a prompt, on the calling thread; no chat template is needed. The generator's options
 * set how it samples and where it stops.
 *
 * <p>Immutable and thread-safe. The caller must close the generator.
 */
public final class FundamentaLlmLanguageModel implements LanguageModel {
  private final TextGenerator generator;

  private FundamentaLlmLanguageModel(TextGenerator generator) {
    this.generator = generator;
  }

  /** A language model of this generator. */
  public static FundamentaLlmLanguageModel of(TextGenerator generator) {
    return new FundamentaLlmLanguageModel(requireNonNull(generator, "generator"));
  }

  /**
   * The continuation, without the prompt, with token usage and finish reason.
   *
   * @throws io.fundamentallm.model.ContextFullException if the prompt alone is longer than the
   *     model's context and no {@link io.fundamentallm.decoding.ContextPolicy} shortens it
   * @throws io.fundamentallm.model.ClosedModelException if the generator is closed
   * @throws java.util.concurrent.CancellationException if the generator's cancellation requests it
   */
  @Override
  public Response<String> generate(String prompt) {
    try (Generation generation = generator.tokens(prompt)) {
      String text = generation.text();
      return Response.from(
          text, Outcome.tokenUsage(generation), Outcome.finishReason(generation, false));
    }
  }
}
