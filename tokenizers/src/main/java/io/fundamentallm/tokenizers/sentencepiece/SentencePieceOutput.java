package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.model.TokenSink;

/**
 * Passes pieces on as tokens: unknown ones become bytes, or one token while they are adjacent, as
 * in {@code PopulateSentencePieceText} of sentencepiece_processor.cc. One thread at a time.
 */
final class SentencePieceOutput {
  private final SentencePieceVocabulary vocabulary;
  private final int unknown;
  private final boolean byteFallback;
  private int unknownStart = -1;
  private int unknownEnd;

  SentencePieceOutput(SentencePieceVocabulary vocabulary) {
    this.vocabulary = vocabulary;
    unknown = vocabulary.model.unknown();
    byteFallback = vocabulary.model.byteFallback();
  }

  /** Adds a piece; -1 and the unknown one are unknown. */
  void add(int id, byte[] text, int start, int end, TokenSink out) {
    if (id >= 0 && id != unknown) {
      flush(out);
      out.add(id, start, end);
    } else if (byteFallback) {
      for (int i = start; i < end; i++) {
        out.add(vocabulary.byteId(text[i]), start, end);
      }
    } else {
      if (unknownStart < 0) {
        unknownStart = start;
      }
      unknownEnd = end;
    }
  }

  /** Whether there is an unknown token that may still grow. */
  boolean isPending() {
    return unknownStart >= 0;
  }

  /** Adds the pending unknown token; also to be called at the end. */
  void flush(TokenSink out) {
    if (unknownStart >= 0) {
      out.add(unknown, unknownStart, unknownEnd);
      unknownStart = -1;
    }
  }
}
