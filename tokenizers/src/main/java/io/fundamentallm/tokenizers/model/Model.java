package io.fundamentallm.tokenizers.model;

import io.fundamentallm.tokenizers.split.Pieces;

/** Turns pieces of text into tokens. Immutable except for caches, and thread-safe. */
public interface Model {
  /**
   * Appends the tokens of each piece, in order.
   *
   * @param text UTF-8 with a few bytes of slack after the last piece
   */
  void encode(byte[] text, Pieces pieces, TokenSink out);

  /**
   * Whether a text that is not split can be cut before a space between two ASCII letters, and its
   * parts encoded one by one.
   *
   * @param marked whether that space is U+2581 by then
   */
  default boolean cuttable(boolean marked) {
    return false;
  }
}
