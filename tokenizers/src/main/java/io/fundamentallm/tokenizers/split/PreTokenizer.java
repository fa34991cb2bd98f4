package io.fundamentallm.tokenizers.split;

/** Cuts the pieces of a text into smaller ones, and may rewrite it. Stateless and thread-safe. */
public interface PreTokenizer {
  /** Replaces the pieces, and the text where it changes. */
  void split(PreTokenizedText text);

  /**
   * Whether a text can be cut before a space between two ASCII letters, and after a line end
   * between a letter and another, and its parts split one by one.
   */
  default boolean cuttable() {
    return false;
  }
}
