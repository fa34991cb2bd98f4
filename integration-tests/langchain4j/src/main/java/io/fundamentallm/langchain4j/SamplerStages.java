package io.fundamentallm.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The sampler spec for a request's parameters. */
final class SamplerStages {
  private SamplerStages() {}

  /**
   * Penalties on the model's own scores, then temperature, then the stages that cut: the order of
   * vLLM, whose parameters mean the same as OpenAI's. Empty if the request has none.
   *
   * @throws IllegalArgumentException if there is a whole spec beside single values
   */
  static String of(ChatRequestParameters parameters) {
    StringJoiner stages = new StringJoiner(",");
    add(stages, "frequency-penalty", parameters.frequencyPenalty());
    add(stages, "presence-penalty", parameters.presencePenalty());
    add(stages, "temperature", parameters.temperature());
    add(stages, "top-k", parameters.topK());
    add(stages, "top-p", parameters.topP());
    if (!(parameters instanceof FundamentaLlmChatRequestParameters own) || own.sampler() == null) {
      return stages.toString();
    }
    if (stages.length() > 0) {
      throw new IllegalArgumentException(
          "the parameters have the sampler \""
              + own.sampler()
              + "\" and beside it "
              + stages
              + ": leave out the one or the other, also in the model's default parameters");
    }
    return own.sampler();
  }

  private static void add(StringJoiner stages, String name, @Nullable Number value) {
    if (value != null) {
      stages.add(name + "=" + value);
    }
  }
}
