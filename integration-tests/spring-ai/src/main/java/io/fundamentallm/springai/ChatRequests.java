package io.fundamentallm.springai;

import static java.util.Objects.requireNonNullElse;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ToolChoice;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.tool.definition.ToolDefinition;

/** Turns prompts into answers. Thread-safe. */
record ChatRequests(
    TextGenerator generator,
    String modelName,
    FundamentaLlmChatOptions defaults,
    ToolCallingManager tools) {
  /** The name of this library in Spring AI's properties and observations. */
  static final String PROVIDER = "fundamentallm";

  /**
   * Looks up once what later requests need.
   *
   * @throws IllegalStateException if the model's files have no chat template
   */
  static ChatRequests of(TextGenerator generator, ChatOptions defaults, ToolCallingManager tools) {
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
        tools);
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

  /** Begins to answer a complete prompt; nothing is computed before the first part is requested. */
  ChatAnswer start(Prompt complete) {
    FundamentaLlmChatOptions options = (FundamentaLlmChatOptions) complete.getOptions();
    if (options == null) {
      throw new IllegalArgumentException("a prompt without options is not complete");
    }
    refuseOtherModels(options);
    ChatPrompt prompt = prompt(complete, options);
    TextGenerator generating = with(options);
    // in place of a constraint that the generator has of its own
    return generating
        .chatConstraint(prompt)
        .map(generating::withConstraint)
        .orElse(generating)
        .chat(prompt);
  }

  private ChatPrompt prompt(Prompt complete, FundamentaLlmChatOptions options) {
    ChatPrompt.Builder prompt =
        ChatPrompt.builder(Messages.of(complete.getInstructions()))
            .tools(tools.resolveToolDefinitions(options).stream().map(ChatRequests::tool).toList())
            .toolChoice(choice(options.getToolChoice()));
    if (options.getOutputSchema() != null) {
      prompt.answerSchema(options.getOutputSchema());
    }
    if (options.getParallelToolCalls() != null) {
      prompt.parallelToolCalls(options.getParallelToolCalls());
    }
    if (options.getThinkingBudget() != null) {
      prompt.thinkingBudget(options.getThinkingBudget());
    }
    options.getTemplateArguments().forEach(prompt::templateArgument);
    return prompt.build();
  }

  private static ChatTool tool(ToolDefinition definition) {
    return new ChatTool(
        definition.name(),
        requireNonNullElse(definition.description(), ""),
        definition.inputSchema());
  }

  private static ToolChoice choice(@Nullable String choice) {
    String asked = requireNonNullElse(choice, "auto");
    return switch (asked) {
      case "auto" -> ToolChoice.auto();
      case "none" -> ToolChoice.none();
      case "required" -> ToolChoice.required();
      default -> ToolChoice.required(asked);
    };
  }

  private TextGenerator with(FundamentaLlmChatOptions options) {
    String stages = SamplerStages.of(options);
    TextGenerator sampling = stages.isEmpty() ? generator : generator.withSampler(stages);
    String decoder = options.getDecoder();
    TextGenerator decoding = decoder == null ? sampling : sampling.withDecoder(decoder);
    Integer max = options.getMaxTokens();
    Long seed = options.getSeed();
    return decoding.with(
        builder -> {
          if (max != null) {
            builder.maxNewTokens(max);
          }
          if (seed != null) {
            builder.seed(seed);
          }
          return builder.stopStrings(
              stops(options.getOutputSchema() != null, options.getStopSequences()));
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
