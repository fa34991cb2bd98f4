package io.fundamentallm.springai;

import static java.util.Objects.requireNonNullElse;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.GenerationSummary;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/** Turns prompts into generations, and their results into responses. Thread-safe. */
record ChatRequests(
    TextGenerator generator,
    String modelName,
    FundamentaLlmChatOptions defaults,
    OutputSchemas schemas) {
  /** The name of this library in Spring AI's properties and observations. */
  static final String PROVIDER = "fundamentallm";

  /**
   * Looks up once what later requests need.
   *
   * @throws IllegalStateException if the model's files have no chat template
   */
  static ChatRequests of(TextGenerator generator, ChatOptions defaults) {
    if (generator.tokenizer().chatTemplate().isEmpty()) {
      throw new IllegalStateException(
          "the model's files have no chat template, so it cannot be told who said what: add "
              + "chat_template.jinja to its directory, as published chat models have it");
    }
    String modelName =
        requireNonNullElse(defaults.getModel(), generator.model().info().architecture());
    return new ChatRequests(
        generator,
        modelName,
        FundamentaLlmChatOptions.from(defaults).model(modelName).build(),
        new OutputSchemas(generator));
  }

  /** The same prompt with all the options that apply to it. */
  Prompt complete(Prompt prompt) {
    ChatOptions asked = prompt.getOptions();
    if (asked == null) {
      return new Prompt(prompt.getInstructions(), defaults);
    }
    FundamentaLlmChatOptions.Builder options =
        defaults.mutate().combineWith(FundamentaLlmChatOptions.from(asked));
    if (asked.getStopSequences() != null) {
      options.stopSequences(asked.getStopSequences()); // to which a ChatClient has added ours
    }
    return new Prompt(prompt.getInstructions(), options.build());
  }

  /**
   * Begins to answer a complete prompt; nothing is computed before the first token is requested.
   */
  Generation start(Prompt complete) {
    FundamentaLlmChatOptions options = (FundamentaLlmChatOptions) complete.getOptions();
    if (options == null) {
      throw new IllegalArgumentException("a prompt without options is not complete");
    }
    refuseTools(options);
    refuseOtherModels(options);
    return with(options).chat(Messages.of(complete.getInstructions()));
  }

  /** A response with this text, and with what is reported at the end. */
  ChatResponse response(String text, Generation ended) {
    GenerationSummary summary = ended.summary();
    return response(
        text,
        ChatGenerationMetadata.builder().finishReason(reason(ended.finishReason())).build(),
        ChatResponseMetadata.builder()
            .model(modelName)
            .usage(new DefaultUsage(summary.promptTokens(), summary.generatedTokens()))
            .build());
  }

  /** A response with this text, which others follow. */
  ChatResponse piece(String text) {
    return response(
        text, ChatGenerationMetadata.NULL, ChatResponseMetadata.builder().model(modelName).build());
  }

  private static ChatResponse response(
      String text, ChatGenerationMetadata end, ChatResponseMetadata metadata) {
    return new ChatResponse(
        List.of(new org.springframework.ai.chat.model.Generation(new AssistantMessage(text), end)),
        metadata);
  }

  private static String reason(FinishReason reason) {
    return switch (reason) {
      case END_TOKEN, STOP_TOKEN, STOP_STRING, STOP_CONDITION -> "STOP";
      case MAX_NEW_TOKENS, CONTEXT_FULL -> "LENGTH";
      case TIME_LIMIT, REPETITION, CANCELLED -> "OTHER";
    };
  }

  private TextGenerator with(FundamentaLlmChatOptions options) {
    String stages = SamplerStages.of(options);
    TextGenerator sampling = stages.isEmpty() ? generator : generator.withSampler(stages);
    String decoder = options.getDecoder();
    TextGenerator decoding = decoder == null ? sampling : sampling.withDecoder(decoder);
    String schema = options.getOutputSchema();
    Integer max = options.getMaxTokens();
    Long seed = options.getSeed();
    return decoding.with(
        builder -> {
          if (schema != null) {
            builder.constraint(schemas.constraint(schema));
          }
          if (max != null) {
            builder.maxNewTokens(max);
          }
          if (seed != null) {
            builder.seed(seed);
          }
          return builder.stopStrings(stops(schema != null, options.getStopSequences()));
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

  private static void refuseTools(FundamentaLlmChatOptions options) {
    if (options.getToolCallbacks() != null && !options.getToolCallbacks().isEmpty()) {
      throw new UnsupportedOperationException(
          "tools are not supported by FundamentaLLM's models; leave tools and toolCallbacks out");
    }
  }

  private void refuseOtherModels(FundamentaLlmChatOptions options) {
    String asked = options.getModel();
    if (asked != null && !asked.equals(modelName)) {
      throw new IllegalArgumentException(
          "the request is for the model \""
              + asked
              + "\"; here is \""
              + modelName
              + "\", and no other");
    }
  }
}
