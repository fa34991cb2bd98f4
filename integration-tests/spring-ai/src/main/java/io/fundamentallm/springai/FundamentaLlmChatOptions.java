package io.fundamentallm.springai;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/**
 * What a request may ask for beyond Spring AI's own {@link ChatOptions}: a seed, any sampler or
 * decoder of the library, a JSON schema of the answer, whether tools are called, how long the model
 * thinks, and variables of the chat template. The package description says what the values do.
 * Immutable and thread-safe.
 */
public final class FundamentaLlmChatOptions extends DefaultToolCallingChatOptions
    implements StructuredOutputChatOptions {
  private final @Nullable Long seed;
  private final @Nullable String sampler;
  private final @Nullable String decoder;
  private final @Nullable String outputSchema;
  private final @Nullable String toolChoice;
  private final @Nullable Boolean parallelToolCalls;
  private final @Nullable Integer thinkingBudget;
  private final Map<String, @Nullable Object> templateArguments;

  private FundamentaLlmChatOptions(ToolCallingChatOptions common, Builder own) {
    super(
        common.getToolCallbacks(),
        common.getToolContext(),
        common.getModel(),
        common.getFrequencyPenalty(),
        common.getMaxTokens(),
        common.getPresencePenalty(),
        common.getStopSequences(),
        common.getTemperature(),
        common.getTopK(),
        common.getTopP());
    seed = own.seed;
    sampler = own.sampler;
    decoder = own.decoder;
    outputSchema = own.outputSchema;
    toolChoice = own.toolChoice;
    parallelToolCalls = own.parallelToolCalls;
    thinkingBudget = own.thinkingBudget;
    templateArguments = Collections.unmodifiableMap(new LinkedHashMap<>(own.templateArguments));
  }

  /** Begins empty options. */
  public static Builder builder() {
    return new Builder();
  }

  /** Begins with the values of these options, of any kind. */
  static Builder from(ChatOptions options) {
    Builder builder =
        builder()
            .model(options.getModel())
            .frequencyPenalty(options.getFrequencyPenalty())
            .maxTokens(options.getMaxTokens())
            .presencePenalty(options.getPresencePenalty())
            .stopSequences(options.getStopSequences())
            .temperature(options.getTemperature())
            .topK(options.getTopK())
            .topP(options.getTopP());
    if (options instanceof ToolCallingChatOptions tools) {
      builder.toolCallbacks(tools.getToolCallbacks()).toolContext(tools.getToolContext());
    }
    if (options instanceof StructuredOutputChatOptions structured) {
      builder.outputSchema(structured.getOutputSchema());
    }
    if (options instanceof FundamentaLlmChatOptions own) {
      builder
          .seed(own.seed)
          .sampler(own.sampler)
          .decoder(own.decoder)
          .toolChoice(own.toolChoice)
          .parallelToolCalls(own.parallelToolCalls)
          .thinkingBudget(own.thinkingBudget);
      own.templateArguments.forEach(builder::templateArgument);
    }
    return builder;
  }

  /** Same seed, same answer; null for the generator's. */
  public @Nullable Long getSeed() {
    return seed;
  }

  /** A sampler spec, see {@link io.fundamentallm.Samplers}; null for the generator's. */
  public @Nullable String getSampler() {
    return sampler;
  }

  /** A decoder spec, see {@link io.fundamentallm.Decoders}; null for the generator's. */
  public @Nullable String getDecoder() {
    return decoder;
  }

  /** The JSON schema that the answer follows; null for any text. */
  @Override
  public @Nullable String getOutputSchema() {
    return outputSchema;
  }

  /** {@code auto}, {@code none}, {@code required} or the name of a tool; null for auto. */
  public @Nullable String getToolChoice() {
    return toolChoice;
  }

  /** Whether the answer may call several tools; null for yes. */
  public @Nullable Boolean getParallelToolCalls() {
    return parallelToolCalls;
  }

  /** The most tokens of thinking, 0 for none; null for no limit. */
  public @Nullable Integer getThinkingBudget() {
    return thinkingBudget;
  }

  /** Variables of the chat template, such as {@code enable_thinking}. */
  public Map<String, @Nullable Object> getTemplateArguments() {
    return templateArguments;
  }

  @Override
  public Builder mutate() {
    return from(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other)
        && other instanceof FundamentaLlmChatOptions that
        && Objects.equals(seed, that.seed)
        && Objects.equals(sampler, that.sampler)
        && Objects.equals(decoder, that.decoder)
        && Objects.equals(outputSchema, that.outputSchema)
        && Objects.equals(toolChoice, that.toolChoice)
        && Objects.equals(parallelToolCalls, that.parallelToolCalls)
        && Objects.equals(thinkingBudget, that.thinkingBudget)
        && templateArguments.equals(that.templateArguments);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        super.hashCode(),
        seed,
        sampler,
        decoder,
        outputSchema,
        toolChoice,
        parallelToolCalls,
        thinkingBudget,
        templateArguments);
  }

  /** Collects options. One thread at a time. */
  public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
      implements StructuredOutputChatOptions.Builder<Builder> {
    private @Nullable Long seed;
    private @Nullable String sampler;
    private @Nullable String decoder;
    private @Nullable String outputSchema;
    private @Nullable String toolChoice;
    private @Nullable Boolean parallelToolCalls;
    private @Nullable Integer thinkingBudget;
    // replaced when it grows: super.clone() copies the reference
    private Map<String, @Nullable Object> templateArguments = Map.of();

    private Builder() {}

    /** With a seed, so that the same conversation gets the same answer. */
    public Builder seed(@Nullable Long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * With a whole sampler, such as {@code min-p=0.05,temperature=0.7}, instead of temperature,
     * top-k, top-p and penalties.
     */
    public Builder sampler(@Nullable String sampler) {
      this.sampler = sampler;
      return this;
    }

    /** With a decoder, such as {@code beam(width=4)}. */
    public Builder decoder(@Nullable String decoder) {
      this.decoder = decoder;
      return this;
    }

    /** With a JSON schema, which the answer follows. */
    @Override
    public Builder outputSchema(@Nullable String outputSchema) {
      this.outputSchema = outputSchema;
      return this;
    }

    /**
     * With a choice of tools: {@code auto}, {@code none}, {@code required} or the name of one. A
     * {@code ChatClient} repeats it after each result of a tool.
     */
    public Builder toolChoice(@Nullable String toolChoice) {
      this.toolChoice = toolChoice;
      return this;
    }

    /** Whether the answer may call several tools. */
    public Builder parallelToolCalls(@Nullable Boolean parallelToolCalls) {
      this.parallelToolCalls = parallelToolCalls;
      return this;
    }

    /** With a limit of thinking, in tokens; 0 for no thinking at all. */
    public Builder thinkingBudget(@Nullable Integer tokens) {
      thinkingBudget = tokens;
      return this;
    }

    /**
     * Adds a variable of the chat template, or replaces it.
     *
     * @param value see {@link io.fundamentallm.text.ChatPrompt.Builder#templateArgument}
     */
    public Builder templateArgument(String name, @Nullable Object value) {
      Map<String, @Nullable Object> more = new LinkedHashMap<>(templateArguments);
      more.put(name, value);
      templateArguments = more;
      return this;
    }

    /**
     * Takes all values that the other has, whatever its kind; stop sequences, tools and template
     * arguments are added. How the other samples replaces all of how this one does: a sampler its
     * temperature, top-k, top-p and penalties, and any of these its sampler.
     */
    @Override
    public Builder combineWith(ChatOptions.Builder<?> other) {
      Builder that = other instanceof Builder own ? own : from(other.build());
      FundamentaLlmChatOptions values = that.build();
      if (that.sampler != null) {
        temperature(null).topK(null).topP(null).frequencyPenalty(null).presencePenalty(null);
      } else if (SamplerStages.hasSingle(values)) {
        sampler = null;
      }
      super.combineWith(that);
      seed = that.seed == null ? seed : that.seed;
      sampler = that.sampler == null ? sampler : that.sampler;
      decoder = that.decoder == null ? decoder : that.decoder;
      outputSchema = that.outputSchema == null ? outputSchema : that.outputSchema;
      toolChoice = that.toolChoice == null ? toolChoice : that.toolChoice;
      parallelToolCalls =
          that.parallelToolCalls == null ? parallelToolCalls : that.parallelToolCalls;
      thinkingBudget = that.thinkingBudget == null ? thinkingBudget : that.thinkingBudget;
      that.templateArguments.forEach(this::templateArgument);
      return this;
    }

    /** The finished options. */
    @Override
    public FundamentaLlmChatOptions build() {
      return new FundamentaLlmChatOptions(super.build(), this);
    }
  }
}
