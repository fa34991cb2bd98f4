package io.fundamentallm.decoding;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.text.Tokenizer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How to generate. Immutable and thread-safe; one value serves any number of generations.
 *
 * @apiNote For example:
 *     <pre>{@code
 * TextGenerator careful =
 *     generator.with(options -> options.seed(7).maxNewTokens(40).contextPolicy(ContextPolicy.truncateLeft()));
 * }</pre>
 */
public final class DecodingOptions {
  private static final Recipe<Sampler> DRAW =
      new Recipe<>() {
        @Override
        public Sampler bind(Binding binding) {
          return Sampler.draw();
        }

        @Override
        public String toString() {
          return "draw";
        }
      };

  private final Builder values;

  private DecodingOptions(Builder values) {
    this.values = values;
  }

  /** Plain sampling of at most 256 tokens, without a tokenizer. */
  public static Builder builder() {
    return new Builder();
  }

  /** The same options, to change. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /** Makes the sampler of each generation. Default: a plain draw from the model's distribution. */
  public Recipe<Sampler> sampler() {
    return values.sampler;
  }

  /** The most tokens to generate, without the prompt but with a final end token. Default 256. */
  public int maxNewTokens() {
    return values.maxNewTokens;
  }

  /** Tokens that end the generation, besides the model's own end tokens. */
  public Set<Integer> stopTokens() {
    return values.stopTokens;
  }

  /**
   * Texts that end the generation; not part of its text unless {@link #includeStop()}. The first
   * one to be complete counts; if several are complete at the same character, the longest. They
   * need a tokenizer.
   */
  public List<String> stopStrings() {
    return values.stopStrings;
  }

  /** Whether the stop string that was found is part of the text. Default false. */
  public boolean includeStop() {
    return values.includeStop;
  }

  /** What else ends the generation; asked in order after each token. */
  public List<StopCondition> stopConditions() {
    return values.stopConditions;
  }

  /**
   * The fewest tokens to generate: until then the model's end tokens cannot be chosen and stop
   * tokens and stop strings do not count; the text of these tokens is not searched. If a constraint
   * or a forced end token leaves only the end, it ends all the same. Default 0.
   */
  public int minNewTokens() {
    return values.minNewTokens;
  }

  /**
   * Whether the model's end tokens are never chosen, so that the text goes on until something else
   * ends it, such as a stop string or the limit. If a constraint leaves only the end, it ends all
   * the same. Default false.
   */
  public boolean ignoreEnd() {
    return values.ignoreEnd;
  }

  /**
   * The longest time from the first request for a token, including the prompt and the consumer's
   * time; then the generation ends, within one pass of the model.
   */
  public Optional<Duration> timeLimit() {
    return Optional.ofNullable(values.timeLimit);
  }

  /** What the generated text must conform to; runs before the sampler's stages. */
  public Optional<Recipe<TokenConstraint>> constraint() {
    return Optional.ofNullable(values.constraint);
  }

  /**
   * Beginnings of prompts that other generations have read. Default: none; the options of a {@link
   * io.fundamentallm.TextGenerator} have its own.
   */
  public Optional<PrefixCache> prefixCache() {
    return Optional.ofNullable(values.prefixCache);
  }

  /**
   * What drafts for speculative decoding, instead of what the decoder's spec says; empty if a model
   * does.
   */
  public Optional<Recipe<DraftProposer>> draftProposer() {
    return Optional.ofNullable(values.draftProposer);
  }

  /**
   * A smaller model with the same vocabulary that drafts for speculative decoding, instead of what
   * the decoder's spec says; empty if a proposer does.
   */
  public Optional<LanguageModel> draftModel() {
    return Optional.ofNullable(values.draftModel);
  }

  /** Receives what each stage did; costs one softmax per stage and token. */
  public Optional<SamplingTrace> trace() {
    return Optional.ofNullable(values.trace);
  }

  /** The sampler of one generation, with the constraint before its stages. */
  public Sampler boundSampler(Binding binding) {
    Sampler bound = sampler().bind(binding);
    return values.constraint == null
        ? bound
        : new ConstrainedSampler(values.constraint.bind(binding), bound);
  }

  /** The seed; if absent, each generation picks its own at random. */
  public OptionalLong seed() {
    return values.seed;
  }

  /** Distinguishes the sequences that share a seed; default 0. */
  public long sequence() {
    return values.sequence;
  }

  /** What to do when the context is full. Default: {@link ContextPolicy#stop()}. */
  public ContextPolicy contextPolicy() {
    return values.contextPolicy;
  }

  /** Turns tokens into text; without one, the text of every token is empty. */
  public Optional<Tokenizer> tokenizer() {
    return Optional.ofNullable(values.tokenizer);
  }

  /**
   * Whether the text continues that of the prompt, so that both together read as the tokens do.
   * Otherwise it begins anew, as an answer does, and tokenizers that strip a text's leading space
   * do so here. Either way, constraints hold for the text as it is delivered. Default: it
   * continues, unless the prompt ends with a special token.
   */
  public boolean continuesPrompt() {
    return values.continuesPrompt;
  }

  /**
   * How many of the model's best tokens to report with each token. If present, log-probability and
   * rank are reported too, so 0 asks for those alone.
   */
  public OptionalInt alternatives() {
    return values.alternatives;
  }

  /** Ends the generation from outside, in addition to {@link Generation#close()}. */
  public Cancellation cancellation() {
    return values.cancellation;
  }

  /** Collects options. One thread at a time. */
  public static final class Builder {
    private Recipe<Sampler> sampler = DRAW;
    private int maxNewTokens = 256;
    private Set<Integer> stopTokens = Set.of();
    private List<String> stopStrings = List.of();
    private boolean includeStop;
    private List<StopCondition> stopConditions = List.of();
    private int minNewTokens;
    private boolean ignoreEnd;
    private @Nullable Duration timeLimit;
    private @Nullable Recipe<TokenConstraint> constraint;
    private @Nullable PrefixCache prefixCache;
    private @Nullable Recipe<DraftProposer> draftProposer;
    private @Nullable LanguageModel draftModel;
    private @Nullable SamplingTrace trace;
    private OptionalLong seed = OptionalLong.empty();
    private long sequence;
    private ContextPolicy contextPolicy = ContextPolicy.stop();
    private @Nullable Tokenizer tokenizer;
    private boolean continuesPrompt = true;
    private OptionalInt alternatives = OptionalInt.empty();
    private Cancellation cancellation = Cancellation.none();

    private Builder() {}

    private Builder(Builder other) {
      sampler = other.sampler;
      maxNewTokens = other.maxNewTokens;
      stopTokens = other.stopTokens;
      stopStrings = other.stopStrings;
      includeStop = other.includeStop;
      stopConditions = other.stopConditions;
      minNewTokens = other.minNewTokens;
      ignoreEnd = other.ignoreEnd;
      timeLimit = other.timeLimit;
      constraint = other.constraint;
      prefixCache = other.prefixCache;
      draftProposer = other.draftProposer;
      draftModel = other.draftModel;
      trace = other.trace;
      seed = other.seed;
      sequence = other.sequence;
      contextPolicy = other.contextPolicy;
      tokenizer = other.tokenizer;
      continuesPrompt = other.continuesPrompt;
      alternatives = other.alternatives;
      cancellation = other.cancellation;
    }

    /** See {@link DecodingOptions#sampler()}. */
    public Builder sampler(Recipe<Sampler> sampler) {
      this.sampler = requireNonNull(sampler, "sampler");
      return this;
    }

    /**
     * See {@link DecodingOptions#maxNewTokens()}.
     *
     * @param maxNewTokens at least 0
     */
    public Builder maxNewTokens(int maxNewTokens) {
      if (maxNewTokens < 0) {
        throw new IllegalArgumentException("maxNewTokens " + maxNewTokens + " is negative");
      }
      this.maxNewTokens = maxNewTokens;
      return this;
    }

    /**
     * See {@link DecodingOptions#stopTokens()}.
     *
     * @param stopTokens ids of at least 0
     */
    public Builder stopTokens(Set<Integer> stopTokens) {
      for (int token : stopTokens) {
        if (token < 0) {
          throw new IllegalArgumentException(
              "the stop token " + token + " is negative; expected a token's id, at least 0");
        }
      }
      this.stopTokens = Set.copyOf(stopTokens);
      return this;
    }

    /**
     * See {@link DecodingOptions#stopStrings()}.
     *
     * @param stopStrings none of them empty or with half a surrogate pair
     */
    public Builder stopStrings(List<String> stopStrings) {
      for (int i = 0; i < stopStrings.size(); i++) {
        String stop = requireNonNull(stopStrings.get(i), "stopStrings[" + i + "] is null");
        if (stop.isEmpty()) {
          throw new IllegalArgumentException("an empty stop string would stop before anything");
        }
        if (stop.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF)) {
          throw new IllegalArgumentException(
              "the stop string \""
                  + stop
                  + "\" has half a surrogate pair, which is not text and would cut one in two");
        }
      }
      this.stopStrings = List.copyOf(stopStrings);
      return this;
    }

    /** See {@link DecodingOptions#includeStop()}. */
    public Builder includeStop(boolean includeStop) {
      this.includeStop = includeStop;
      return this;
    }

    /** See {@link DecodingOptions#stopConditions()}. */
    public Builder stopConditions(List<StopCondition> stopConditions) {
      this.stopConditions = List.copyOf(stopConditions);
      return this;
    }

    /**
     * See {@link DecodingOptions#minNewTokens()}.
     *
     * @param minNewTokens at least 0, at most {@link DecodingOptions#maxNewTokens()}
     */
    public Builder minNewTokens(int minNewTokens) {
      if (minNewTokens < 0) {
        throw new IllegalArgumentException("minNewTokens " + minNewTokens + " is negative");
      }
      this.minNewTokens = minNewTokens;
      return this;
    }

    /** See {@link DecodingOptions#ignoreEnd()}. */
    public Builder ignoreEnd(boolean ignoreEnd) {
      this.ignoreEnd = ignoreEnd;
      return this;
    }

    /**
     * See {@link DecodingOptions#timeLimit()}.
     *
     * @param timeLimit not negative
     */
    public Builder timeLimit(Duration timeLimit) {
      if (timeLimit.isNegative()) {
        throw new IllegalArgumentException("timeLimit " + timeLimit + " is negative");
      }
      this.timeLimit = timeLimit;
      return this;
    }

    /** See {@link DecodingOptions#constraint()}. */
    public Builder constraint(Recipe<TokenConstraint> constraint) {
      this.constraint = requireNonNull(constraint, "constraint");
      return this;
    }

    /** See {@link DecodingOptions#prefixCache()}. */
    public Builder prefixCache(PrefixCache prefixCache) {
      this.prefixCache = requireNonNull(prefixCache, "prefixCache");
      return this;
    }

    /** Every prompt is read as a whole; see {@link DecodingOptions#prefixCache()}. */
    public Builder withoutPrefixCache() {
      prefixCache = null;
      return this;
    }

    /** See {@link DecodingOptions#draftProposer()}. Replaces a draft given before. */
    public Builder draft(Recipe<DraftProposer> proposer) {
      draftProposer = requireNonNull(proposer, "proposer");
      draftModel = null;
      return this;
    }

    /** See {@link DecodingOptions#draftModel()}. Replaces a draft given before. */
    public Builder draft(LanguageModel model) {
      draftModel = requireNonNull(model, "model");
      draftProposer = null;
      return this;
    }

    /** See {@link DecodingOptions#trace()}. */
    public Builder trace(SamplingTrace trace) {
      this.trace = requireNonNull(trace, "trace");
      return this;
    }

    /** See {@link DecodingOptions#seed()}. */
    public Builder seed(long seed) {
      this.seed = OptionalLong.of(seed);
      return this;
    }

    /** See {@link DecodingOptions#sequence()}. */
    public Builder sequence(long sequence) {
      this.sequence = sequence;
      return this;
    }

    /** See {@link DecodingOptions#contextPolicy()}. */
    public Builder contextPolicy(ContextPolicy contextPolicy) {
      this.contextPolicy = requireNonNull(contextPolicy, "contextPolicy");
      return this;
    }

    /** See {@link DecodingOptions#tokenizer()}. */
    public Builder tokenizer(Tokenizer tokenizer) {
      this.tokenizer = requireNonNull(tokenizer, "tokenizer");
      return this;
    }

    /** See {@link DecodingOptions#continuesPrompt()}. */
    public Builder continuesPrompt(boolean continuesPrompt) {
      this.continuesPrompt = continuesPrompt;
      return this;
    }

    /**
     * See {@link DecodingOptions#alternatives()}.
     *
     * @param alternatives at least 0
     */
    public Builder alternatives(int alternatives) {
      if (alternatives < 0) {
        throw new IllegalArgumentException("alternatives " + alternatives + " is negative");
      }
      this.alternatives = OptionalInt.of(alternatives);
      return this;
    }

    /** See {@link DecodingOptions#cancellation()}. */
    public Builder cancellation(Cancellation cancellation) {
      this.cancellation = requireNonNull(cancellation, "cancellation");
      return this;
    }

    /**
     * The finished options.
     *
     * @throws IllegalArgumentException if {@code minNewTokens} is above {@code maxNewTokens}
     * @throws IllegalStateException for stop strings without a tokenizer
     */
    public DecodingOptions build() {
      if (!stopStrings.isEmpty() && tokenizer == null) {
        throw new IllegalStateException("stop strings need a tokenizer");
      }
      if (minNewTokens > maxNewTokens) {
        throw new IllegalArgumentException(
            "minNewTokens "
                + minNewTokens
                + " is above maxNewTokens "
                + maxNewTokens
                + ": no text can have so many");
      }
      return new DecodingOptions(new Builder(this));
    }
  }
}
