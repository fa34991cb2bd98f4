package io.fundamentallm.springai;

import io.fundamentallm.decoding.ContextPolicy;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * An application's properties. Any other name is an error; in system properties and the
 * environment, where the library has its own names, one that resembles a property.
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
 * @param temperature How freely the chat model chooses, where a request does not say; 0 takes the
 *     best token. In place of a sampler. By default as the sampler says.
 * @param maxTokens The most tokens of an answer of the chat model, where a request does not say. By
 *     default as the model's generation_config.json says, or 256.
 * @param stop Texts that end an answer of the chat model and are not part of it, where a request
 *     names none.
 * @param seed Same seed, same answer of the chat model, where a request does not say. By default
 *     answers differ.
 * @param whenFull What happens when a conversation outgrows the model's context.
 */
@ConfigurationProperties(prefix = "fundamentallm", ignoreUnknownFields = false)
record FundamentaLlmProperties(
    @Nullable String model,
    @Nullable String modelName,
    @Nullable String device,
    @Nullable String sampler,
    @Nullable String decoder,
    @Nullable Double temperature,
    @Nullable Integer maxTokens,
    @Nullable List<String> stop,
    @Nullable Long seed,
    @DefaultValue("stop") WhenFull whenFull) {

  /** What a request to the chat model may override. */
  FundamentaLlmChatOptions options() {
    return FundamentaLlmChatOptions.builder()
        .model(nameOfModel())
        .temperature(temperature)
        .maxTokens(maxTokens)
        .stopSequences(stop == null || stop.isEmpty() ? null : stop)
        .seed(seed)
        .build();
  }

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
