package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Tokenizer#encode(CharSequence, EncodingOptions)} is asked for. Immutable and
 * thread-safe.
 */
public final class EncodingOptions {
  private static final EncodingOptions PLAIN = builder().build();

  /** Where text is cut off, or filled up. */
  public enum Side {
    /** At the beginning. */
    LEFT,
    /** At the end. */
    RIGHT
  }

  /** Which of a pair of texts is cut. */
  public enum Strategy {
    /** Token by token the one that is longer, as in BERT. */
    LONGEST_FIRST,
    /** The first only. */
    ONLY_FIRST,
    /** The second only. */
    ONLY_SECOND
  }

  /**
   * Cuts long texts. What is cut off comes in {@link Encoding#overflowing()}, in windows of the
   * same length.
   *
   * @param maxLength the most tokens that are left, added special ones counted; at least 1
   * @param stride how many tokens of a window are repeated in the next; less than a window has for
   *     text
   * @param strategy which of a pair is cut
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
   * Fills short texts up.
   *
   * @param length to how many tokens; 0 for the longest of a batch
   * @param multipleOf rounds the length up; 1 not to
   * @param side where
   * @param id the id of what fills up
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

  /** The ids alone: no special token is allowed or added, nothing cut or filled up, no offsets. */
  public static EncodingOptions plain() {
    return PLAIN;
  }

  /** Begins with what {@link #plain()} is. */
  public static Builder builder() {
    return new Builder();
  }

  /** Begins with these. */
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

  /** Whether the tokens are added that the model expects around a text. */
  public boolean addSpecialTokens() {
    return addSpecialTokens;
  }

  /** What offsets count; empty for no offsets. */
  public Optional<OffsetUnit> offsets() {
    return Optional.ofNullable(offsets);
  }

  /** How long texts are cut; empty not to. */
  public Optional<Truncation> truncation() {
    return Optional.ofNullable(truncation);
  }

  /** How short texts are filled up; empty not to. */
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

    /** Cuts long texts; null not to. */
    public Builder truncation(@Nullable Truncation truncation) {
      this.truncation = truncation;
      return this;
    }

    /** Cuts texts to so many tokens, at the end. */
    public Builder maxLength(int maxLength) {
      return truncation(new Truncation(maxLength, 0, Strategy.LONGEST_FIRST, Side.RIGHT));
    }

    /** Fills short texts up; null not to. */
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
