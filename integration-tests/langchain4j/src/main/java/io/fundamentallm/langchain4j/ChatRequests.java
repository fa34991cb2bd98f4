package io.fundamentallm.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.Spec;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns requests into generations, and their results into responses. Thread-safe.
 *
 * @param generators by the names under which requests ask for them
 * @param defaults always with one of these names
 */
record ChatRequests(
    Map<String, TextGenerator> generators,
    ChatRequestParameters defaults,
    List<ChatModelListener> listeners,
    Set<Capability> capabilities) {
  /**
   * Looks up once what later requests may need.
   *
   * @param modelName of the generator that answers where nothing names one
   * @throws IllegalStateException if a model's files have no chat template
   * @throws UnsupportedFeatureException if the defaults ask for what no request may ask for
   */
  static ChatRequests of(
      Map<String, TextGenerator> generators,
      String modelName,
      ChatRequestParameters defaults,
      List<ChatModelListener> listeners) {
    ChatRequestParameters named =
        FundamentaLlmChatRequestParameters.builder().modelName(modelName).build();
    ChatRequests requests =
        new ChatRequests(
            Map.copyOf(generators),
            named.overrideWith(defaults),
            listeners,
            generators.values().stream().allMatch(ChatRequests::followsSchemas)
                ? Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
                : Set.of());
    requests.generator(requests.defaults);
    return requests;
  }

  /**
   * Whether the constraint that holds answers to schemas is found.
   *
   * @throws IllegalStateException if the model's files have no chat template
   */
  private static boolean followsSchemas(TextGenerator generator) {
    String notation =
        generator
            .tokenizer()
            .chatTemplate()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "the model's files have no chat template, so it cannot be told who said"
                            + " what: add chat_template.jinja to its directory, as published chat"
                            + " models have it, or continue prompts with"
                            + " FundamentaLlmLanguageModel"))
            .notation()
            .id();
    try {
      generator.withConstraint(
          "chat-answer=" + Spec.quoted("{\"notation\":\"" + notation + "\",\"schema\":{}}"));
      return true;
    } catch (ProviderException e) {
      return false;
    }
  }

  /**
   * A request as a prompt. Fast: nothing is encoded or compiled.
   *
   * @throws UnsupportedFeatureException for what no model of this library can do
   */
  ChatPrompt prompt(ChatRequest request) {
    ChatRequestParameters parameters = request.parameters();
    generator(parameters);
    ChatPrompt.Builder prompt = ChatPrompt.builder(Messages.of(request.messages()));
    Tools.addTo(prompt, parameters);
    String schema = ResponseFormats.schema(parameters.responseFormat());
    if (schema != null) {
      prompt.answerSchema(schema);
    }
    if (parameters instanceof FundamentaLlmChatRequestParameters own) {
      own.addTo(prompt);
    }
    return prompt.build();
  }

  /** Begins to answer; nothing is computed before the first part is requested. */
  ChatAnswer start(ChatPrompt prompt, ChatRequestParameters parameters) {
    TextGenerator generator = with(parameters, prompt);
    // in place of a constraint that the generator has of its own
    return generator
        .chatConstraint(prompt)
        .map(generator::withConstraint)
        .orElse(generator)
        .chat(prompt);
  }

  /** The response with this message. */
  ChatResponse response(
      ChatMessage message, Generation generation, ChatRequestParameters parameters) {
    boolean calls = !message.toolCalls().isEmpty();
    return ChatResponse.builder()
        .aiMessage(
            AiMessage.builder()
                .text(calls && message.content().isEmpty() ? null : message.content())
                .thinking(message.thinking().isEmpty() ? null : message.thinking())
                .toolExecutionRequests(message.toolCalls().stream().map(Messages::request).toList())
                .build())
        .metadata(
            ChatResponseMetadata.builder()
                .id("chatcmpl-" + UUID.randomUUID())
                .modelName(name(parameters))
                .tokenUsage(Outcome.tokenUsage(generation))
                .finishReason(Outcome.finishReason(generation, calls))
                .build())
        .build();
  }

  private TextGenerator with(ChatRequestParameters parameters, ChatPrompt prompt) {
    TextGenerator asked = generator(parameters);
    String stages = SamplerStages.of(parameters);
    TextGenerator sampling = stages.isEmpty() ? asked : asked.withSampler(stages);
    FundamentaLlmChatRequestParameters own =
        parameters instanceof FundamentaLlmChatRequestParameters it ? it : null;
    TextGenerator decoding =
        own == null || own.decoder() == null ? sampling : sampling.withDecoder(own.decoder());
    return decoding.with(
        options -> {
          Integer max = parameters.maxOutputTokens();
          if (max != null) {
            options.maxNewTokens(max);
          }
          if (own != null && own.seed() != null) {
            options.seed(own.seed());
          }
          return options.stopStrings(stops(asked, prompt, parameters.stopSequences()));
        });
  }

  /**
   * The generator's stop strings may be what ends a turn of this model. With a format they would
   * only cut the text short, which ends by itself when complete.
   */
  private static List<String> stops(
      TextGenerator generator, ChatPrompt prompt, @Nullable List<String> requested) {
    List<String> own =
        prompt.answerSchema().isPresent() ? List.of() : generator.options().stopStrings();
    return requested == null ? own : Stream.concat(own.stream(), requested.stream()).toList();
  }

  private String name(ChatRequestParameters parameters) {
    return parameters.modelName() == null ? defaults.modelName() : parameters.modelName();
  }

  private TextGenerator generator(ChatRequestParameters parameters) {
    String name = name(parameters);
    TextGenerator generator = generators.get(name);
    if (generator == null) {
      throw new UnsupportedFeatureException(
          "modelName \""
              + name
              + "\" is not supported: here is \""
              + String.join("\", \"", generators.keySet().stream().sorted().toList())
              + "\", and no other model");
    }
    return generator;
  }
}
