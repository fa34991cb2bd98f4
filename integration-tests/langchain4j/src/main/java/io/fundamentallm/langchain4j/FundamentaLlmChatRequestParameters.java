package io.fundamentallm.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import io.fundamentallm.text.ChatPrompt;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a request may ask for beyond LangChain4j's own {@link ChatRequestParameters}: a seed, any
 * sampler or decoder of the library, how long the model thinks, one call of a tool at a time, and
 * variables of the chat template. The package description says what the values do. Immutable and
 * thread-safe.
 *
 * <pre>{@code
 * ChatRequestParameters parameters =
 *     FundamentaLlmChatRequestParameters.builder().seed(7L).sampler("min-p=0.05,temperature=0.7").build();
 * }</pre>
 */
public final class FundamentaLlmChatRequestParameters extends DefaultChatRequestParameters {
  private final @Nullable Long seed;
  private final @Nullable String sampler;
  private final @Nullable String decoder;
  private final @Nullable Integer thinkingBudget;
  private final @Nullable Boolean parallelToolCalls;
  private final Map<String, @Nullable Object> templateArguments;

  private FundamentaLlmChatRequestParameters(Builder builder) {
    super(builder);
    seed = builder.seed;
    sampler = builder.sampler;
    decoder = builder.decoder;
    thinkingBudget = builder.thinkingBudget;
    parallelToolCalls = builder.parallelToolCalls;
    templateArguments = Collections.unmodifiableMap(new LinkedHashMap<>(builder.templateArguments));
  }

  /** Begins empty parameters. */
  public static Builder builder() {
    return new Builder();
  }

  /** Same seed, same answer; null for the generator's. */
  public @Nullable Long seed() {
    return seed;
  }

  /** A sampler spec, see {@link io.fundamentallm.Samplers}; null for the generator's. */
  public @Nullable String sampler() {
    return sampler;
  }

  /** A decoder spec, see {@link io.fundamentallm.Decoders}; null for the generator's. */
  public @Nullable String decoder() {
    return decoder;
  }

  /** The most tokens of thinking, 0 for none; null for no limit. */
  public @Nullable Integer thinkingBudget() {
    return thinkingBudget;
  }

  /** Whether the answer may call several tools; null for yes. */
  public @Nullable Boolean parallelToolCalls() {
    return parallelToolCalls;
  }

  /** Variables of the chat template, such as {@code enable_thinking}. */
  public Map<String, @Nullable Object> templateArguments() {
    return templateArguments;
  }

  void addTo(ChatPrompt.Builder prompt) {
    if (thinkingBudget != null) {
      prompt.thinkingBudget(thinkingBudget);
    }
    if (parallelToolCalls != null) {
      prompt.parallelToolCalls(parallelToolCalls);
    }
    templateArguments.forEach(prompt::templateArgument);
  }

  @Override
  public FundamentaLlmChatRequestParameters overrideWith(ChatRequestParameters that) {
    return builder().overrideWith(this).overrideWith(that).build();
  }

  @Override
  public FundamentaLlmChatRequestParameters defaultedBy(ChatRequestParameters that) {
    return builder().overrideWith(that).overrideWith(this).build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other)
        && other instanceof FundamentaLlmChatRequestParameters that
        && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), values());
  }

  @Override
  public String toString() {
    return super.toString() + values();
  }

  private Map<String, @Nullable Object> values() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("seed", seed);
    values.put("sampler", sampler);
    values.put("decoder", decoder);
    values.put("thinkingBudget", thinkingBudget);
    values.put("parallelToolCalls", parallelToolCalls);
    values.put("templateArguments", templateArguments);
    return values;
  }

  /** Collects parameters. One thread at a time. */
  public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {
    private @Nullable Long seed;
    private @Nullable String sampler;
    private @Nullable String decoder;
    private @Nullable Integer thinkingBudget;
    private @Nullable Boolean parallelToolCalls;
    private final Map<String, @Nullable Object> templateArguments = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Takes all values that the other has; its template arguments are added. How the other samples
     * replaces all of how this one does: a sampler its temperature, top-k, top-p and penalties, and
     * any of these its sampler.
     */
    @Override
    public Builder overrideWith(ChatRequestParameters other) {
      if (other instanceof FundamentaLlmChatRequestParameters that && that.sampler != null) {
        temperature(null).topK(null).topP(null).frequencyPenalty(null).presencePenalty(null);
      } else if (SamplerStages.hasSingle(other)) {
        sampler = null;
      }
      super.overrideWith(other);
      if (other instanceof FundamentaLlmChatRequestParameters that) {
        seed = that.seed == null ? seed : that.seed;
        sampler = that.sampler == null ? sampler : that.sampler;
        decoder = that.decoder == null ? decoder : that.decoder;
        thinkingBudget = that.thinkingBudget == null ? thinkingBudget : that.thinkingBudget;
        parallelToolCalls =
            that.parallelToolCalls == null ? parallelToolCalls : that.parallelToolCalls;
        templateArguments.putAll(that.templateArguments);
      }
      return this;
    }

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

    /** With a limit of thinking, in tokens; 0 for no thinking at all. */
    public Builder thinkingBudget(@Nullable Integer tokens) {
      thinkingBudget = tokens;
      return this;
    }

    /** Whether the answer may call several tools. */
    public Builder parallelToolCalls(@Nullable Boolean parallelToolCalls) {
      this.parallelToolCalls = parallelToolCalls;
      return this;
    }

    /**
     * Adds a variable of the chat template, or replaces it.
     *
     * @param value see {@link ChatPrompt.Builder#templateArgument}
     */
    public Builder templateArgument(String name, @Nullable Object value) {
      templateArguments.put(name, value);
      return this;
    }

    /** The finished parameters. */
    @Override
    public FundamentaLlmChatRequestParameters build() {
      return new FundamentaLlmChatRequestParameters(this);
    }
  }
}
