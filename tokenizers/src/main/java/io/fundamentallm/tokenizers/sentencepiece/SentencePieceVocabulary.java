package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.UnigramTrie;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The pieces of a model in the forms that segmenting needs. Immutable and thread-safe. */
final class SentencePieceVocabulary {
  final SentencePieceModel model;

  /** All pieces; those that are not found in text are hidden. */
  final ByteStrings pieces;

  /** User-defined symbols, or null if there are none. */
  final @Nullable UnigramTrie symbols;

  final boolean hasUnused;

  /** The piece of each byte; only with byte fallback. */
  private final int[] byteIds = new int[256];

  SentencePieceVocabulary(SentencePieceModel model) {
    this.model = model;
    ByteStrings.Builder builder = new ByteStrings.Builder(model.size());
    boolean unused = false;
    for (int id = 0; id < model.size(); id++) {
      Kind kind = model.kinds()[id];
      builder.add(model.pieces()[id], !inText(kind));
      unused |= kind == Kind.UNUSED;
      if (kind == Kind.BYTE) {
        byteIds[SentencePiecePieces.byteOf(model.pieces()[id])] = id;
      }
    }
    pieces = builder.build();
    symbols = symbols(model);
    hasUnused = unused;
  }

  static boolean inText(Kind kind) {
    return kind == Kind.NORMAL || kind == Kind.USER_DEFINED || kind == Kind.UNUSED;
  }

  static @Nullable UnigramTrie symbols(SentencePieceModel model) {
    int[] ids = new int[model.size()];
    int count = 0;
    for (int id = 0; id < ids.length; id++) {
      if (model.kinds()[id] == Kind.USER_DEFINED) {
        ids[count++] = id;
      }
    }
    return count == 0 ? null : UnigramTrie.of(model.pieces(), Arrays.copyOf(ids, count));
  }

  boolean isUnused(int id) {
    return model.kinds()[id] == Kind.UNUSED;
  }

  int byteId(byte b) {
    return byteIds[b & 0xFF];
  }
}
