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
    String stages = single(parameters);
    if (!(parameters instanceof FundamentaLlmChatRequestParameters own) || own.sampler() == null) {
      return stages;
    }
    if (!stages.isEmpty()) {
      throw new IllegalArgumentException(
          "the parameters have the sampler \""
              + own.sampler()
              + "\" and beside it "
              + stages
              + ": leave out the one or the other");
    }
    return own.sampler();
  }

  /** Whether there is a temperature, top-k, top-p or penalty. */
  static boolean hasSingle(ChatRequestParameters parameters) {
    return !single(parameters).isEmpty();
  }

  private static String single(ChatRequestParameters parameters) {
    StringJoiner stages = new StringJoiner(",");
    add(stages, "frequency-penalty", parameters.frequencyPenalty());
    add(stages, "presence-penalty", parameters.presencePenalty());
    add(stages, "temperature", parameters.temperature());
    add(stages, "top-k", parameters.topK());
    add(stages, "top-p", parameters.topP());
    return stages.toString();
  }

  private static void add(StringJoiner stages, String name, @Nullable Number value) {
    if (value != null) {
      stages.add(name + "=" + value);
    }
  }
}
