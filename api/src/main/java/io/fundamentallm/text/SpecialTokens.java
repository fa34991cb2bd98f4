package io.fundamentallm.text;

import java.util.Set;

/**
 * Which special tokens a text may contain as themselves. Text from outside should be encoded with
 * {@link #none()}: otherwise a user who types {@code <|endoftext|>} speaks with the application's
 * authority. Immutable and thread-safe.
 */
public final class SpecialTokens {
  private static final SpecialTokens NONE = new SpecialTokens(Set.of(), false);
  private static final SpecialTokens ALL = new SpecialTokens(Set.of(), true);

  private final Set<String> names;
  private final boolean all;

  private SpecialTokens(Set<String> names, boolean all) {
    this.names = names;
    this.all = all;
  }

  /** Every look-alike is plain text. */
  public static SpecialTokens none() {
    return NONE;
  }

  /** Every special token of the vocabulary stands for itself. */
  public static SpecialTokens all() {
    return ALL;
  }

  /** Only these, by their written form, stand for themselves. */
  public static SpecialTokens of(String... tokens) {
    return new SpecialTokens(Set.of(tokens), false);
  }

  /** Whether the special token with this written form stands for itself. */
  public boolean allows(String token) {
    return all || names.contains(token);
  }

  /** Whether none is allowed, so that a tokenizer need not look for special tokens at all. */
  public boolean isNone() {
    return !all && names.isEmpty();
  }

  @Override
  public String toString() {
    return all ? "all" : names.toString();
  }
}
