package io.fundamentallm.tokenizers.text;

/** Rewrites a text before it is cut. Stateless and thread-safe. */
public interface Normalizer {
  /**
   * Writes the normalized text.
   *
   * @param in read only
   * @param out empty, tracked if {@code in} is; sources are passed on
   */
  void normalize(TextBuffer in, TextBuffer out);

  /**
   * Whether this text certainly stays the same, found faster than by normalizing it. May return
   * false for a text that would not change.
   */
  default boolean leaves(TextBuffer text) {
    return false;
  }

  /**
   * Writes the normalized form of a text that continues another one; differs where something is
   * added only at the beginning of a text.
   */
  default void continueWith(TextBuffer in, TextBuffer out) {
    normalize(in, out);
  }

  /**
   * Whether a text can be cut before a space between two ASCII letters, and its parts normalized
   * one by one, the later ones by {@link #continueWith}.
   */
  default boolean cuttable() {
    return false;
  }
}
