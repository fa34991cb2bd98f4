package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How to generate. Immutable and thread-safe; one value serves any number of generations. */
public final class DecodingOptions {
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

  /**
   * The most tokens to generate, the prompt not counted, a final end token counted. Default 256.
   */
  public int maxNewTokens() {
    return values.maxNewTokens;
  }

  /** Tokens that end the generation, besides the model's own end tokens. */
  public Set<Integer> stopTokens() {
    return values.stopTokens;
  }

  /** Texts that end the generation; they are not part of its text. They need a tokenizer. */
  public List<String> stopStrings() {
    return values.stopStrings;
  }

  /** The seed; where absent, each generation picks its own at random. */
  public OptionalLong seed() {
    return values.seed;
  }

  /** Tells the sequences that share a seed apart; default 0. */
  public long sequence() {
    return values.sequence;
  }

  /** What to do when the context is full. Default: {@link ContextPolicy#error()}. */
  public ContextPolicy contextPolicy() {
    return values.contextPolicy;
  }

  /** Turns tokens into text; without one, the text of every token is empty. */
  public Optional<Tokenizer> tokenizer() {
    return Optional.ofNullable(values.tokenizer);
  }

  /**
   * How many of the model's best tokens to report with each token; present also asks for
   * log-probability and rank, so 0 asks for those alone.
   */
  public OptionalInt alternatives() {
    return values.alternatives;
  }

  /** Ends the generation from outside, besides {@link Generation#close()}. */
  public Cancellation cancellation() {
    return values.cancellation;
  }

  /** Collects options. One thread at a time. */
  public static final class Builder {
    private Recipe<Sampler> sampler = Samplers.draw();
    private int maxNewTokens = 256;
    private Set<Integer> stopTokens = Set.of();
    private List<String> stopStrings = List.of();
    private OptionalLong seed = OptionalLong.empty();
    private long sequence;
    private ContextPolicy contextPolicy = ContextPolicy.error();
    private @Nullable Tokenizer tokenizer;
    private OptionalInt alternatives = OptionalInt.empty();
    private Cancellation cancellation = Cancellation.none();

    private Builder() {}

    private Builder(Builder other) {
      sampler = other.sampler;
      maxNewTokens = other.maxNewTokens;
      stopTokens = other.stopTokens;
      stopStrings = other.stopStrings;
      seed = other.seed;
      sequence = other.sequence;
      contextPolicy = other.contextPolicy;
      tokenizer = other.tokenizer;
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

    /** See {@link DecodingOptions#stopTokens()}. */
    public Builder stopTokens(Set<Integer> stopTokens) {
      this.stopTokens = Set.copyOf(stopTokens);
      return this;
    }

    /**
     * See {@link DecodingOptions#stopStrings()}.
     *
     * @param stopStrings none of them empty
     */
    public Builder stopStrings(List<String> stopStrings) {
      if (stopStrings.contains("")) {
        throw new IllegalArgumentException("an empty stop string would stop before anything");
      }
      this.stopStrings = List.copyOf(stopStrings);
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
     * @throws IllegalStateException for stop strings without a tokenizer
     */
    public DecodingOptions build() {
      if (!stopStrings.isEmpty() && tokenizer == null) {
        throw new IllegalStateException("stop strings need a tokenizer");
      }
      return new DecodingOptions(new Builder(this));
    }
  }
}
