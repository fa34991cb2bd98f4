package io.fundamentallm.springai;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/**
 * What a request may ask for beyond Spring AI's own {@link ChatOptions}: a seed, any sampler or
 * decoder of the library, a JSON schema of the answer. The package description says what the values
 * do. Immutable and thread-safe.
 *
 * <p>It can hold tools for one reason: Spring AI's clients silently drop them if options cannot
 * hold them, but here they must be refused.
 */
public final class FundamentaLlmChatOptions extends DefaultToolCallingChatOptions
    implements StructuredOutputChatOptions {
  private final @Nullable Long seed;
  private final @Nullable String sampler;
  private final @Nullable String decoder;
  private final @Nullable String outputSchema;

  private FundamentaLlmChatOptions(
      ToolCallingChatOptions common,
      @Nullable Long seed,
      @Nullable String sampler,
      @Nullable String decoder,
      @Nullable String outputSchema) {
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
    this.seed = seed;
    this.sampler = sampler;
    this.decoder = decoder;
    this.outputSchema = outputSchema;
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
      builder.seed(own.seed).sampler(own.sampler).decoder(own.decoder);
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
        && Objects.equals(outputSchema, that.outputSchema);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), seed, sampler, decoder, outputSchema);
  }

  /** Collects options. One thread at a time. */
  public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
      implements StructuredOutputChatOptions.Builder<Builder> {
    private @Nullable Long seed;
    private @Nullable String sampler;
    private @Nullable String decoder;
    private @Nullable String outputSchema;

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
     * Takes all values that the other has, whatever its kind; stop sequences and tools are added.
     */
    @Override
    public Builder combineWith(ChatOptions.Builder<?> other) {
      Builder that = other instanceof Builder own ? own : from(other.build());
      super.combineWith(that);
      seed = that.seed == null ? seed : that.seed;
      sampler = that.sampler == null ? sampler : that.sampler;
      decoder = that.decoder == null ? decoder : that.decoder;
      outputSchema = that.outputSchema == null ? outputSchema : that.outputSchema;
      return this;
    }

    /** The finished options. */
    @Override
    public FundamentaLlmChatOptions build() {
      return new FundamentaLlmChatOptions(super.build(), seed, sampler, decoder, outputSchema);
    }
  }
}
