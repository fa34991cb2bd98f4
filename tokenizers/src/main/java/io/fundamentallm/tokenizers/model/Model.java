package io.fundamentallm.tokenizers.model;

import io.fundamentallm.tokenizers.split.Pieces;

/** Turns pieces of text into tokens. Immutable but for caches, and thread-safe. */
public interface Model {
  /**
   * Appends the tokens of each piece, in order.
   *
   * @param text UTF-8 with a few bytes of slack behind the last piece
   */
  void encode(byte[] text, Pieces pieces, TokenSink out);

  /**
   * Whether a text that is not split can be cut before a space between two ASCII letters, which by
   * then is U+2581, and its parts be encoded one by one.
   */
  default boolean cuttable() {
    return false;
  }
}
