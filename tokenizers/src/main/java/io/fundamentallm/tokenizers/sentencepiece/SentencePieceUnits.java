package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.model.Model;
import io.fundamentallm.tokenizers.model.TokenSink;
import io.fundamentallm.tokenizers.model.UnigramTrie;
import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.text.ScratchPool;
import io.fundamentallm.tokenizers.text.TextBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Models whose pieces are words, or characters: char_model.cc and word_model.cc of SentencePiece.
 * Immutable and thread-safe.
 */
final class SentencePieceUnits implements Model {
  private final SentencePieceVocabulary vocabulary;
  private final boolean words;
  private final ScratchPool<SentencePieceOutput> pool;

  SentencePieceUnits(SentencePieceModel model) {
    vocabulary = new SentencePieceVocabulary(model);
    words = model.type() == SentencePieceModel.Type.WORD;
    pool = new ScratchPool<>(() -> new SentencePieceOutput(vocabulary));
  }

  @Override
  public void encode(byte[] text, Pieces pieces, TokenSink out) {
    SentencePieceOutput output = pool.acquire();
    try {
      for (int i = 0, count = pieces.count(); i < count; i++) {
        int end = pieces.end(i);
        for (int at = pieces.start(i); at < end; ) {
          int next =
              words ? wordEnd(text, at, end) : characterEnd(text, at, end, vocabulary.symbols);
          output.add(vocabulary.pieces.find(text, at, next), text, at, next, out);
          at = next;
        }
        output.flush(out);
      }
    } finally {
      pool.release(output);
    }
  }

  /** The end of the user-defined symbol, or otherwise of the character, that begins here. */
  static int characterEnd(byte[] text, int at, int end, @Nullable UnigramTrie symbols) {
    int symbol = symbols == null ? 0 : symbols.longestPrefix(text, at, end);
    return at + (symbol > 0 ? symbol : TextBuffer.sizeAt(text, at));
  }

  private static int wordEnd(byte[] text, int at, int end) {
    int next = at + 1;
    while (next < end && !isSpace(text, next)) {
      next++;
    }
    return next;
  }

  /** Whether U+2581 is here; readable a few bytes beyond the text. */
  static boolean isSpace(byte[] text, int at) {
    return text[at] == (byte) 0xE2 && text[at + 1] == (byte) 0x96 && text[at + 2] == (byte) 0x81;
  }
}
