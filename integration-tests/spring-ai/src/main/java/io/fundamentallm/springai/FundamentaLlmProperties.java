package io.fundamentallm.springai;

import io.fundamentallm.decoding.ContextPolicy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * An application's properties. Any other name is an error, except in system properties and the
 * environment, where the library has its own names.
 *
 * @param model Directory of the model, or a GGUF file. Relative to the working directory.
 * @param modelName What requests, responses and observations call the model. By default the name of
 *     its directory, or of its file without .gguf.
 * @param device What runs the model, such as cpu(threads=2) or gpu(device=auto). By default what
 *     can.
 * @param sampler How tokens are chosen, such as temperature=0.8,top-p=0.9 or greedy. By default as
 *     the model's generation_config.json says.
 * @param decoder How the model is driven, such as beam(width=4) or speculative. By default as the
 *     model's generation_config.json says.
 * @param maxNewTokens The most tokens of an answer. By default as the model's
 *     generation_config.json says, or 256.
 * @param whenFull What happens when a conversation outgrows the model's context.
 */
@ConfigurationProperties(prefix = "fundamentallm", ignoreUnknownFields = false)
record FundamentaLlmProperties(
    @Nullable String model,
    @Nullable String modelName,
    @Nullable String device,
    @Nullable String sampler,
    @Nullable String decoder,
    @Nullable Integer maxNewTokens,
    @DefaultValue("stop") WhenFull whenFull) {

  /** The model's name; null if nothing gives one. */
  @Nullable String nameOfModel() {
    if (modelName != null || model == null) {
      return modelName;
    }
    Path last = Path.of(model).toAbsolutePath().normalize().getFileName();
    return last == null ? null : last.toString().replaceFirst("\\.gguf$", "");
  }

  /** What happens when a conversation outgrows the context. */
  enum WhenFull {
    /** End the answer. */
    STOP,
    /** Fail. */
    ERROR,
    /** Drop the oldest part, and read the rest again. */
    FORGET,
    /** Keep the first four tokens, and drop what follows them without reading anything again. */
    SINKS;

    ContextPolicy policy() {
      return switch (this) {
        case STOP -> ContextPolicy.stop();
        case ERROR -> ContextPolicy.error();
        case FORGET -> ContextPolicy.truncateLeft();
        case SINKS -> ContextPolicy.attentionSinks(4);
      };
    }
  }
}
