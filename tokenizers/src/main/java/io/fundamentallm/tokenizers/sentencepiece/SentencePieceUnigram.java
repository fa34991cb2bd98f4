package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.model.Model;
import io.fundamentallm.tokenizers.model.TokenSink;
import io.fundamentallm.tokenizers.model.UnigramTrie;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.text.ScratchPool;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.util.Arrays;

/**
 * The likeliest segmentation as SentencePiece computes it, {@code EncodeOptimized} of
 * unigram_model.cc. Its scores are floats that are summed over the whole text, so rounding, which
 * decides between nearly equal paths, depends on all the text before: words are not independent of
 * each other, and are not cached. Immutable and thread-safe.
 */
final class SentencePieceUnigram implements Model {
  /** kUnkPenalty. */
  private static final float UNKNOWN_PENALTY = 10;

  private final SentencePieceVocabulary vocabulary;
  private final UnigramTrie trie;
  private final float[] scores;

  /** User-defined symbols, which score by length; empty if there are none. */
  private final boolean[] symbols;

  private final float unknownScore;
  private final float max;
  private final ScratchPool<Scratch> pool;

  SentencePieceUnigram(SentencePieceModel model) {
    vocabulary = new SentencePieceVocabulary(model);
    scores = model.scores();
    int[] ids = new int[model.size()];
    int count = 0;
    float min = Float.MAX_VALUE;
    // FLT_MIN, the least positive one, as in the original
    float max = Float.MIN_NORMAL;
    symbols = new boolean[vocabulary.symbols == null ? 0 : model.size()];
    for (int id = 0; id < model.size(); id++) {
      Kind kind = model.kinds()[id];
      if (kind == Kind.NORMAL) {
        min = Math.min(min, scores[id]);
        max = Math.max(max, scores[id]);
      }
      if (kind == Kind.NORMAL || kind == Kind.USER_DEFINED) {
        ids[count++] = id;
      }
      if (kind == Kind.USER_DEFINED) {
        symbols[id] = true;
      }
    }
    this.max = max;
    unknownScore = min - UNKNOWN_PENALTY;
    trie = UnigramTrie.of(model.pieces(), Arrays.copyOf(ids, count));
    pool = new ScratchPool<>(() -> new Scratch(vocabulary));
  }

  @Override
  public void encode(byte[] text, Pieces pieces, TokenSink out) {
    Scratch scratch = pool.acquire();
    try {
      for (int i = 0, count = pieces.count(); i < count; i++) {
        int start = pieces.start(i);
        search(text, start, pieces.end(i), scratch);
        emit(text, start, pieces.end(i), scratch, out);
      }
    } finally {
      pool.release(scratch);
    }
  }

  private void search(byte[] text, int start, int end, Scratch scratch) {
    int size = end - start;
    scratch.prepare(size);
    float[] best = scratch.best;
    int[] from = scratch.from;
    int[] ids = scratch.ids;
    long root = trie.root();
    for (int at = 0; at < size; ) {
      float here = best[at];
      int next = at + TextBuffer.sizeAt(text, start + at);
      boolean single = false;
      long node = root;
      for (int k = at; k < size; ) {
        node = trie.next(node, text[start + k]);
        if (UnigramTrie.isNone(node)) {
          break;
        }
        k++;
        int id = UnigramTrie.id(node);
        if (id >= 0) {
          // doubles, as there: a sum is compared before it is rounded to a float
          double score =
              (symbols.length > 0 && symbols[id] ? (k - at) * max - 0.1 : scores[id]) + here;
          if (from[k] < 0 || score > best[k]) {
            best[k] = (float) score;
            from[k] = at;
            ids[k] = id;
          }
          single |= k == next;
        }
      }
      if (!single) {
        float score = unknownScore + here;
        if (from[next] < 0 || score > best[next]) {
          best[next] = score;
          from[next] = at;
          ids[next] = -1;
        }
      }
      at = next;
    }
  }

  private static void emit(byte[] text, int start, int end, Scratch scratch, TokenSink out) {
    int[] from = scratch.from;
    int[] path = scratch.path;
    int count = 0;
    for (int at = end - start; at > 0; at = from[at]) {
      path[count++] = at;
    }
    int at = 0;
    for (int i = count - 1; i >= 0; i--) {
      int to = path[i];
      scratch.output.add(scratch.ids[to], text, start + at, start + to, out);
      at = to;
    }
    scratch.output.flush(out);
  }

  private static final class Scratch {
    /** Arrays beyond this are not kept after a long text. */
    private static final int KEPT = 1 << 20;

    final SentencePieceOutput output;

    /**
     * For each place: the score of the best path to it, where its last piece begins, and which
     * piece that is.
     */
    float[] best = {};

    int[] from = {};
    int[] ids = {};
    int[] path = {};

    Scratch(SentencePieceVocabulary vocabulary) {
      output = new SentencePieceOutput(vocabulary);
    }

    void prepare(int size) {
      if (size >= from.length || (from.length > KEPT && size < KEPT)) {
        int length = Math.max(256, size + (size >> 2) + 1);
        best = new float[length];
        from = new int[length];
        ids = new int[length];
        path = new int[length];
      }
      Arrays.fill(from, 0, size + 1, -1);
      best[0] = 0;
    }
  }
}
