package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to ask of {@link Tokenizer#encode(CharSequence, EncodingOptions)}. Immutable and
 * thread-safe.
 */
public final class EncodingOptions {
  private static final EncodingOptions PLAIN = builder().build();

  /** Where a text is truncated or padded. */
  public enum Side {
    /** At the beginning. */
    LEFT,
    /** At the end. */
    RIGHT
  }

  /** Which text of a pair is truncated. */
  public enum Strategy {
    /** Whichever is longer, token by token, as in BERT. */
    LONGEST_FIRST,
    /** The first only. */
    ONLY_FIRST,
    /** The second only. */
    ONLY_SECOND
  }

  /**
   * Truncates long texts. What is cut off goes into {@link Encoding#overflowing()}, in windows of
   * the same length.
   *
   * @param maxLength the most tokens to keep, including added special ones; at least 1
   * @param stride how many tokens of a window are repeated in the next; less than a window's room
   *     for text
   * @param strategy which text of a pair is truncated
   * @param side where
   */
  public record Truncation(int maxLength, int stride, Strategy strategy, Side side) {
    /** Checks the ranges. */
    public Truncation {
      requireNonNull(strategy, "strategy");
      requireNonNull(side, "side");
      if (maxLength < 1 || stride < 0) {
        throw new IllegalArgumentException(
            "truncation needs a maxLength of at least 1 and a stride of at least 0, not "
                + maxLength
                + " and "
                + stride);
      }
    }
  }

  /**
   * Pads short texts.
   *
   * @param length the number of tokens to pad to; 0 for the longest of a batch
   * @param multipleOf rounds the length up to a multiple of this; 1 for no rounding
   * @param side where
   * @param id the id of the padding token
   * @param typeId its type id
   */
  public record Padding(int length, int multipleOf, Side side, int id, int typeId) {
    /** Checks the ranges. */
    public Padding {
      requireNonNull(side, "side");
      if (length < 0 || multipleOf < 1 || id < 0 || typeId < 0) {
        throw new IllegalArgumentException(
            "padding needs a length and ids of at least 0 and a multipleOf of at least 1");
      }
    }
  }

  private final SpecialTokens allowed;
  private final boolean addSpecialTokens;
  private final @Nullable OffsetUnit offsets;
  private final @Nullable Truncation truncation;
  private final @Nullable Padding padding;

  private EncodingOptions(Builder builder) {
    allowed = builder.allowed;
    addSpecialTokens = builder.addSpecialTokens;
    offsets = builder.offsets;
    truncation = builder.truncation;
    padding = builder.padding;
  }

  /** The ids alone: no special tokens allowed or added, no truncation, padding or offsets. */
  public static EncodingOptions plain() {
    return PLAIN;
  }

  /** Starts from {@link #plain()}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts from these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.allowed = allowed;
    builder.addSpecialTokens = addSpecialTokens;
    builder.offsets = offsets;
    builder.truncation = truncation;
    builder.padding = padding;
    return builder;
  }

  /** Which special tokens the text may contain as themselves. */
  public SpecialTokens allowed() {
    return allowed;
  }

  /** Whether to add the tokens that the model expects around a text. */
  public boolean addSpecialTokens() {
    return addSpecialTokens;
  }

  /** What offsets count; empty for no offsets. */
  public Optional<OffsetUnit> offsets() {
    return Optional.ofNullable(offsets);
  }

  /** How to truncate long texts; empty for no truncation. */
  public Optional<Truncation> truncation() {
    return Optional.ofNullable(truncation);
  }

  /** How to pad short texts; empty for no padding. */
  public Optional<Padding> padding() {
    return Optional.ofNullable(padding);
  }

  /** Makes options. One thread at a time. */
  public static final class Builder {
    private SpecialTokens allowed = SpecialTokens.none();
    private boolean addSpecialTokens;
    private @Nullable OffsetUnit offsets;
    private @Nullable Truncation truncation;
    private @Nullable Padding padding;

    private Builder() {}

    /** Which special tokens the text may contain as themselves. */
    public Builder allowed(SpecialTokens allowed) {
      this.allowed = requireNonNull(allowed, "allowed");
      return this;
    }

    /** Whether to add the tokens that the model expects around a text, such as {@code [CLS]}. */
    public Builder addSpecialTokens(boolean addSpecialTokens) {
      this.addSpecialTokens = addSpecialTokens;
      return this;
    }

    /** Asks for offsets. */
    public Builder offsets(OffsetUnit unit) {
      offsets = requireNonNull(unit, "unit");
      return this;
    }

    /** Truncates long texts; null for no truncation. */
    public Builder truncation(@Nullable Truncation truncation) {
      this.truncation = truncation;
      return this;
    }

    /** Truncates texts to this many tokens, at the end. */
    public Builder maxLength(int maxLength) {
      return truncation(new Truncation(maxLength, 0, Strategy.LONGEST_FIRST, Side.RIGHT));
    }

    /** Pads short texts; null for no padding. */
    public Builder padding(@Nullable Padding padding) {
      this.padding = padding;
      return this;
    }

    /** The options. */
    public EncodingOptions build() {
      return new EncodingOptions(this);
    }
  }
}
