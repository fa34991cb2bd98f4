package io.fundamentallm.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import io.fundamentallm.Generation;
import io.fundamentallm.Recipe;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.TokenConstraint;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns requests into generations, and what came of these into responses. Thread-safe. */
record ChatRequests(
    TextGenerator generator,
    ChatRequestParameters defaults,
    List<ChatModelListener> listeners,
    ResponseFormats formats,
    Set<Capability> capabilities) {
  /**
   * Looks once for what later requests may need.
   *
   * @throws IllegalStateException where the model's files have no chat template
   */
  static ChatRequests of(
      TextGenerator generator, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
    if (generator.tokenizer().chatTemplate().isEmpty()) {
      throw new IllegalStateException(
          "the model's files have no chat template, so it cannot be told who said what: add "
              + "chat_template.jinja to its directory, as published chat models have it, or "
              + "continue prompts with FundamentaLlmLanguageModel");
    }
    ResponseFormats formats = new ResponseFormats(generator);
    return new ChatRequests(
        generator,
        defaults.modelName() != null
            ? defaults
            : ChatRequestParameters.builder()
                .overrideWith(defaults)
                .modelName(generator.model().info().architecture())
                .build(),
        listeners,
        formats,
        formats.available() ? Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA) : Set.of());
  }

  /** Begins to answer; nothing is computed before the first token is asked for. */
  Generation start(ChatRequest request) {
    ChatRequestParameters parameters = request.parameters();
    refuseTools(parameters);
    refuseOtherModels(parameters);
    return with(parameters).chat(Messages.of(request.messages()));
  }

  /** The response that these words are. */
  ChatResponse response(String text, Generation generation) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from(text))
        .metadata(
            ChatResponseMetadata.builder()
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
          Integer most = parameters.maxOutputTokens();
          if (most != null) {
            options.maxNewTokens(most);
          }
          return options.stopStrings(stops(format != null, parameters.stopSequences()));
        });
  }

  /**
   * Those of the generator may be what ends a turn of this model. In a format they would only cut:
   * it ends by itself where it is complete.
   */
  private List<String> stops(boolean formatted, @Nullable List<String> requested) {
    List<String> own = formatted ? List.of() : generator.options().stopStrings();
    return requested == null ? own : Stream.concat(own.stream(), requested.stream()).toList();
  }

  private static void refuseTools(ChatRequestParameters parameters) {
    boolean tools =
        parameters.toolSpecifications() != null && !parameters.toolSpecifications().isEmpty();
    if (tools || parameters.toolChoice() == ToolChoice.REQUIRED) {
      throw new UnsupportedFeatureException(
          "tools are not supported by FundamentaLLM's models; leave toolSpecifications and "
              + "toolChoice out");
    }
  }

  private void refuseOtherModels(ChatRequestParameters parameters) {
    String asked = parameters.modelName();
    if (asked != null && !asked.equals(defaults.modelName())) {
      throw new ModelNotFoundException(
          "the request is for the model \""
              + asked
              + "\"; here is \""
              + defaults.modelName()
              + "\", and no other");
    }
  }
}
