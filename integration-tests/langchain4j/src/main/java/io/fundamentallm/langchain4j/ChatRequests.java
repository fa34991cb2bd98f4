package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNullElse;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.text.ChatMessage;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns requests into generations, and their results into responses. Thread-safe. */
record ChatRequests(
    TextGenerator generator,
    ChatRequestParameters defaults,
    List<ChatModelListener> listeners,
    ResponseFormats formats,
    Set<Capability> capabilities) {
  /**
   * Looks up once what later requests may need.
   *
   * @param modelName what the model is called; null for its architecture
   * @throws IllegalStateException if the model's files have no chat template
   * @throws UnsupportedFeatureException if the defaults ask for what no request may ask for
   */
  static ChatRequests of(
      TextGenerator generator,
      @Nullable String modelName,
      ChatRequestParameters defaults,
      List<ChatModelListener> listeners) {
    if (generator.tokenizer().chatTemplate().isEmpty()) {
      throw new IllegalStateException(
          "the model's files have no chat template, so it cannot be told who said what: add "
              + "chat_template.jinja to its directory, as published chat models have it, or "
              + "continue prompts with FundamentaLlmLanguageModel");
    }
    ChatRequestParameters named =
        ChatRequestParameters.builder()
            .modelName(requireNonNullElse(modelName, generator.model().info().architecture()))
            .build();
    ResponseFormats formats = new ResponseFormats(generator);
    ChatRequests requests =
        new ChatRequests(
            generator,
            named.overrideWith(defaults),
            listeners,
            formats,
            formats.available() ? Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA) : Set.of());
    refuse(defaults, named.modelName());
    return requests;
  }

  /**
   * The messages of a request as turns. Fast: nothing is encoded or compiled.
   *
   * @throws UnsupportedFeatureException for what no model of this library can do
   */
  List<ChatMessage> turns(ChatRequest request) {
    refuse(request.parameters(), defaults.modelName());
    return Messages.of(request.messages());
  }

  /** Begins to answer; nothing is computed before the first token is requested. */
  Generation start(List<ChatMessage> turns, ChatRequestParameters parameters) {
    return with(parameters).chat(turns);
  }

  /** The response with this text. */
  ChatResponse response(String text, Generation generation) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from(text))
        .metadata(
            ChatResponseMetadata.builder()
                .id("chatcmpl-" + UUID.randomUUID())
                .modelName(defaults.modelName())
                .tokenUsage(Outcome.tokenUsage(generation))
                .finishReason(Outcome.finishReason(generation))
                .build())
        .build();
  }

  private TextGenerator with(ChatRequestParameters parameters) {
    String stages = SamplerStages.of(parameters);
    TextGenerator sampling = stages.isEmpty() ? generator : generator.withSampler(stages);
    Recipe<TokenConstraint> format = formats.constraint(parameters.responseFormat());
    return sampling.with(
        options -> {
          if (format != null) {
            options.constraint(format);
          }
          Integer max = parameters.maxOutputTokens();
          if (max != null) {
            options.maxNewTokens(max);
          }
          return options.stopStrings(stops(format != null, parameters.stopSequences()));
        });
  }

  /**
   * The generator's stop strings may be what ends a turn of this model. With a format they would
   * only cut the text short, which ends by itself when complete.
   */
  private List<String> stops(boolean formatted, @Nullable List<String> requested) {
    List<String> own = formatted ? List.of() : generator.options().stopStrings();
    return requested == null ? own : Stream.concat(own.stream(), requested.stream()).toList();
  }

  private static void refuse(ChatRequestParameters parameters, String modelName) {
    boolean required = parameters.toolChoice() == ToolChoice.REQUIRED;
    if (required
        || (parameters.toolSpecifications() != null
            && !parameters.toolSpecifications().isEmpty())) {
      throw new UnsupportedFeatureException(
          "tools"
              + (required ? " and ToolChoice.REQUIRED" : "")
              + " are not supported by FundamentaLLM's models; leave toolSpecifications and"
              + " toolChoice out");
    }
    String asked = parameters.modelName();
    if (asked != null && !asked.equals(modelName)) {
      throw new UnsupportedFeatureException(
          "modelName \""
              + asked
              + "\" is not supported: here is \""
              + modelName
              + "\", and no other model");
    }
  }
}
