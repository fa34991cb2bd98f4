package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.Model;
import io.fundamentallm.tokenizers.model.TokenSink;
import io.fundamentallm.tokenizers.model.UnigramCache;
import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.text.ScratchPool;
import java.util.Arrays;

/**
 * Joins the two neighbours whose concatenation is the piece with the best score, the leftmost of
 * equal ones, until none is left: {@code bpe_model.cc} of SentencePiece. If no piece crosses the
 * beginning of a word, words are independent of each other, and the short ones are cached.
 * Immutable except for caches, and thread-safe.
 */
final class SentencePieceBpe implements Model {
  private final SentencePieceVocabulary vocabulary;
  private final boolean wordByWord;
  private final ScratchPool<Scratch> pool;

  SentencePieceBpe(SentencePieceModel model) {
    vocabulary = new SentencePieceVocabulary(model);
    // the parts of an unused piece depend on the rest of the text
    wordByWord = !vocabulary.hasUnused && noneCrossesWords(vocabulary.pieces);
    int[] ranks = ranks(model);
    pool = new ScratchPool<>(() -> new Scratch(vocabulary, ranks));
  }

  /** The place of each piece in the order of scores, the best first; equal scores share a place. */
  private static int[] ranks(SentencePieceModel model) {
    Integer[] order = new Integer[model.size()];
    Arrays.setAll(order, id -> id);
    float[] scores = model.scores();
    Arrays.sort(order, (a, b) -> Float.compare(scores[b], scores[a]));
    int[] ranks = new int[order.length];
    for (int i = 1; i < order.length; i++) {
      int before = order[i - 1];
      int id = order[i];
      ranks[id] = scores[id] == scores[before] ? ranks[before] : i;
    }
    return ranks;
  }

  private boolean noneCrossesWords(ByteStrings pieces) {
    for (int id = 0; id < pieces.size(); id++) {
      byte[] piece = Arrays.copyOf(pieces.bytes(id), pieces.length(id) + ByteStrings.SLACK);
      for (int at = 1; at < pieces.length(id); at++) {
        if (SentencePieceVocabulary.inText(vocabulary.model.kinds()[id])
            && SentencePieceUnits.isSpace(piece, at)
            && (at < 3 || !SentencePieceUnits.isSpace(piece, at - 3))) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void encode(byte[] text, Pieces pieces, TokenSink out) {
    Scratch scratch = pool.acquire();
    try {
      for (int i = 0, count = pieces.count(); i < count; i++) {
        int end = pieces.end(i);
        for (int at = pieces.start(i); at < end; ) {
          int next = wordByWord ? wordEnd(text, at, end) : end;
          encode(text, at, next, scratch, out);
          at = next;
        }
        scratch.merger.output.flush(out);
      }
    } finally {
      pool.release(scratch);
    }
  }

  private static void encode(byte[] text, int start, int end, Scratch scratch, TokenSink out) {
    SentencePieceMerger merger = scratch.merger;
    if (end - start > UnigramCache.LONGEST || merger.output.isPending()) {
      merger.merge(text, start, end);
      merger.emit(text, start, end, out);
    } else if (!scratch.cache.get(text, start, end, out)) {
      merger.merge(text, start, end);
      int before = out.length();
      int known = merger.emit(text, start, end, out);
      if (known >= 0) {
        scratch.cache.put(merger.endsBackwards(start, end, known), out, before);
      }
    }
  }

  /** The end of a run of white space and the text after it. */
  private static int wordEnd(byte[] text, int from, int end) {
    int at = from;
    while (at < end && SentencePieceUnits.isSpace(text, at)) {
      at += 3;
    }
    while (at < end && !(text[at] == (byte) 0xE2 && SentencePieceUnits.isSpace(text, at))) {
      at++;
    }
    return Math.min(at, end);
  }

  private static final class Scratch {
    final UnigramCache cache = new UnigramCache();
    final SentencePieceMerger merger;

    Scratch(SentencePieceVocabulary vocabulary, int[] ranks) {
      merger = new SentencePieceMerger(vocabulary, ranks);
    }
  }
}
