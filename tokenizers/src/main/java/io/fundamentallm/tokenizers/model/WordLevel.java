package io.fundamentallm.tokenizers.model;

import io.fundamentallm.tokenizers.split.Pieces;

/**
 * Each piece is a token or unknown, as in Hugging Face's {@code models/wordlevel}. Immutable and
 * thread-safe.
 */
public final class WordLevel implements Model {
  private final ByteStrings vocabulary;
  private final int unknown;

  /** A model; without an unknown token, -1, unknown pieces are an error. */
  public WordLevel(ByteStrings vocabulary, int unknown) {
    this.vocabulary = vocabulary;
    this.unknown = unknown;
  }

  @Override
  public void encode(byte[] text, Pieces pieces, TokenSink out) {
    for (int i = 0, count = pieces.count(); i < count; i++) {
      int start = pieces.start(i);
      int end = pieces.end(i);
      int id = vocabulary.find(text, start, end);
      if (id < 0) {
        if (unknown < 0) {
          throw new UnknownTextException(start, end);
        }
        id = unknown;
      }
      out.add(id, start, end);
    }
  }
}
