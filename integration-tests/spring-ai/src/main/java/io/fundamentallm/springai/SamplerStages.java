package io.fundamentallm.springai;

import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The sampler spec for a request's options. */
final class SamplerStages {
  private SamplerStages() {}

  /**
   * Penalties on the model's own scores, then temperature, then the stages that cut: the order of
   * vLLM, whose parameters mean the same as OpenAI's. Empty if the request has none.
   *
   * @throws IllegalArgumentException if there is a whole spec beside single values
   */
  static String of(FundamentaLlmChatOptions options) {
    String stages = single(options);
    String spec = options.getSampler();
    if (spec == null) {
      return stages;
    }
    if (!stages.isEmpty()) {
      throw new IllegalArgumentException(
          "the options have the sampler \""
              + spec
              + "\" and beside it "
              + stages
              + ": leave out the one or the other");
    }
    return spec;
  }

  /** Whether there is a temperature, top-k, top-p or penalty. */
  static boolean hasSingle(FundamentaLlmChatOptions options) {
    return !single(options).isEmpty();
  }

  private static String single(FundamentaLlmChatOptions options) {
    StringJoiner stages = new StringJoiner(",");
    add(stages, "frequency-penalty", options.getFrequencyPenalty());
    add(stages, "presence-penalty", options.getPresencePenalty());
    add(stages, "temperature", options.getTemperature());
    add(stages, "top-k", options.getTopK());
    add(stages, "top-p", options.getTopP());
    return stages.toString();
  }

  private static void add(StringJoiner stages, String name, @Nullable Number value) {
    if (value != null) {
      stages.add(name + "=" + value);
    }
  }
}
