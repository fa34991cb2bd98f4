package io.fundamentallm.model;

import static java.util.Objects.requireNonNull;

import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** What is known about a loaded model. Immutable and thread-safe. */
public final class ModelInfo {
  private static final String UNKNOWN = "unknown";

  private final Builder values;

  private ModelInfo(Builder values) {
    this.values = values;
  }

  /**
   * Begins a description.
   *
   * @param architecture the {@code model_type} of config.json, such as {@code gpt2}
   * @param vocabularySize number of logits, at least 1
   * @param contextLength the most tokens a session can hold, at least 1
   */
  public static Builder builder(String architecture, int vocabularySize, int contextLength) {
    return new Builder(architecture, vocabularySize, contextLength);
  }

  /** The {@code model_type} of config.json. */
  public String architecture() {
    return values.architecture;
  }

  /** V: the number of logits for each token. */
  public int vocabularySize() {
    return values.vocabularySize;
  }

  /** The most tokens a session can hold. */
  public int contextLength() {
    return values.contextLength;
  }

  /** C: the width of a hidden state; 0 if unknown. */
  public int hiddenSize() {
    return values.hiddenSize;
  }

  /** The number of transformer layers; 0 if unknown. */
  public int layers() {
    return values.layers;
  }

  /** The number of attention heads; 0 if unknown. */
  public int heads() {
    return values.heads;
  }

  /** The number of trained parameters; 0 if unknown. */
  public long parameters() {
    return values.parameters;
  }

  /**
   * Where the model actually runs, such as {@code cpu (Vector API, 2 threads)}; {@code unknown} if
   * its runtime does not say.
   */
  public String device() {
    return values.device;
  }

  /**
   * The format of the weights in memory, such as {@code f32}; {@code unknown} if its runtime does
   * not say.
   */
  public String precision() {
    return values.precision;
  }

  /** The token that begins a text, if the model's files name one. */
  public OptionalInt beginToken() {
    return values.beginToken;
  }

  /** All tokens that end a text; ascending, possibly none. */
  public Set<Integer> endTokens() {
    return values.endTokens;
  }

  /** What this runtime can do with this model. */
  public Set<Capability> capabilities() {
    return values.capabilities;
  }

  /** A description to change from this one. */
  public Builder toBuilder() {
    return values.copy();
  }

  @Override
  public String toString() {
    return values.architecture
        + (values.parameters == 0 ? "" : ", " + values.parameters + " parameters")
        + ", vocabulary "
        + values.vocabularySize
        + ", context "
        + values.contextLength
        + known(", ", values.precision)
        + known(values.precision.equals(UNKNOWN) ? ", on " : " on ", values.device);
  }

  private static String known(String before, String text) {
    return text.equals(UNKNOWN) ? "" : before + text;
  }

  /** Collects a description. One thread at a time. */
  public static final class Builder {
    private final String architecture;
    private final int vocabularySize;
    private final int contextLength;
    private int hiddenSize;
    private int layers;
    private int heads;
    private long parameters;
    private String device = UNKNOWN;
    private String precision = UNKNOWN;
    private OptionalInt beginToken = OptionalInt.empty();
    private Set<Integer> endTokens = Set.of();
    private Set<Capability> capabilities = Set.of();

    private Builder(String architecture, int vocabularySize, int contextLength) {
      this.architecture = requireNonNull(architecture, "architecture");
      if (vocabularySize < 1 || contextLength < 1) {
        throw new IllegalArgumentException(
            "vocabularySize "
                + vocabularySize
                + " and contextLength "
                + contextLength
                + " must be at least 1");
      }
      this.vocabularySize = vocabularySize;
      this.contextLength = contextLength;
    }

    private Builder copy() {
      Builder copy = new Builder(architecture, vocabularySize, contextLength);
      copy.hiddenSize = hiddenSize;
      copy.layers = layers;
      copy.heads = heads;
      copy.parameters = parameters;
      copy.device = device;
      copy.precision = precision;
      copy.beginToken = beginToken;
      copy.endTokens = endTokens;
      copy.capabilities = capabilities;
      return copy;
    }

    /**
     * See {@link ModelInfo#hiddenSize()}, {@link ModelInfo#layers()}, {@link ModelInfo#heads()}.
     */
    public Builder shape(int hiddenSize, int layers, int heads) {
      this.hiddenSize = hiddenSize;
      this.layers = layers;
      this.heads = heads;
      return this;
    }

    /** See {@link ModelInfo#parameters()}. */
    public Builder parameters(long parameters) {
      this.parameters = parameters;
      return this;
    }

    /** See {@link ModelInfo#device()}. */
    public Builder device(String device) {
      this.device = requireNonNull(device, "device");
      return this;
    }

    /** See {@link ModelInfo#precision()}. */
    public Builder precision(String precision) {
      this.precision = requireNonNull(precision, "precision");
      return this;
    }

    /** See {@link ModelInfo#beginToken()}; in {@code [0, vocabularySize)}. */
    public Builder beginToken(OptionalInt beginToken) {
      this.beginToken = beginToken;
      return this;
    }

    /** See {@link ModelInfo#endTokens()}; each in {@code [0, vocabularySize)}. */
    public Builder endTokens(Set<Integer> endTokens) {
      this.endTokens = java.util.Collections.unmodifiableSet(new TreeSet<>(endTokens));
      return this;
    }

    /** See {@link ModelInfo#capabilities()}. */
    public Builder capabilities(Capability... capabilities) {
      EnumSet<Capability> set = EnumSet.noneOf(Capability.class);
      set.addAll(java.util.List.of(capabilities));
      this.capabilities = java.util.Collections.unmodifiableSet(set);
      return this;
    }

    /**
     * The finished description.
     *
     * @throws IllegalArgumentException if a begin or end token is outside the vocabulary
     */
    public ModelInfo build() {
      beginToken.ifPresent(token -> requireToken("begin", token));
      endTokens.forEach(token -> requireToken("end", token));
      return new ModelInfo(copy());
    }

    private void requireToken(String role, int token) {
      if (token < 0 || token >= vocabularySize) {
        throw new IllegalArgumentException(
            "the "
                + role
                + " token "
                + token
                + " is outside the vocabulary [0, "
                + vocabularySize
                + ")");
      }
    }
  }
}
