package io.fundamentallm.tokenizers.model;

import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.text.ScratchPool;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The segmentation of each piece whose log-probabilities add up to the most, by Viterbi's
 * algorithm, with the rules and the ties of Hugging Face's {@code models/unigram/model.rs}: scores
 * are doubles, the first of equal paths wins, neighbouring unknown characters become one token.
 * Immutable except for caches, and thread-safe.
 */
public final class Unigram implements Model {
  /**
   * How much less likely than the least likely piece an unknown character is; from the same file.
   */
  private static final double UNKNOWN_PENALTY = 10;

  /** Means that there is no unknown token. */
  public static final int NONE = -1;

  private final UnigramTrie trie;
  private final double[] scores;
  private final double unknownScore;
  private final int unknown;

  /**
   * The token of each byte, if every byte has one that may be used; otherwise of those that do, or
   * -1.
   */
  private final int[] byteIds;

  private final boolean byteFallback;
  private final ScratchPool<UnigramScratch> pool = new ScratchPool<>(UnigramScratch::new);

  /**
   * A model. The vocabulary is kept, not copied.
   *
   * @param vocabulary UTF-8, by id; of equal strings the last one counts
   * @param scores log-probabilities, by id
   * @param unknown the id of the unknown token, or {@link #NONE}
   * @param byteFallback whether unknown characters become tokens like {@code <0xE2>}
   * @throws IllegalArgumentException if these do not form a vocabulary
   */
  public Unigram(byte[][] vocabulary, double[] scores, int unknown, boolean byteFallback) {
    if (vocabulary.length != scores.length) {
      throw new IllegalArgumentException(
          vocabulary.length + " pieces, but " + scores.length + " scores");
    }
    if (unknown != NONE && (unknown < 0 || unknown >= vocabulary.length)) {
      throw new IllegalArgumentException(
          "unk_id " + unknown + " is outside the vocabulary [0, " + vocabulary.length + ")");
    }
    this.scores = scores;
    this.unknown = unknown;
    this.byteFallback = byteFallback;
    int[] ids = new int[vocabulary.length];
    int count = 0;
    double min = Double.POSITIVE_INFINITY;
    for (int id = 0; id < vocabulary.length; id++) {
      if (Double.isNaN(scores[id])) {
        throw new IllegalArgumentException("the score of piece " + id + " is not a number");
      }
      min = Math.min(min, scores[id]);
      if (vocabulary[id].length > 0) {
        ids[count++] = id;
      }
    }
    unknownScore = min - UNKNOWN_PENALTY;
    trie = UnigramTrie.of(vocabulary, Arrays.copyOf(ids, count));
    byteIds = new int[256];
    for (int b = 0; b < byteIds.length; b++) {
      byte[] form = String.format("<0x%02X>", b).getBytes(StandardCharsets.US_ASCII);
      byteIds[b] = trie.find(form, 0, form.length);
    }
  }

  @Override
  public void encode(byte[] text, Pieces pieces, TokenSink out) {
    UnigramScratch scratch = pool.acquire();
    try {
      int[] starts = pieces.starts();
      int[] ends = pieces.ends();
      for (int i = 0, count = pieces.count(); i < count; i++) {
        UnigramCache cache = scratch.cache;
        int start = starts[i];
        int end = ends[i];
        if (end - start > UnigramCache.LONGEST) {
          search(text, start, end, scratch);
          emit(text, start, end, scratch, out);
        } else if (!cache.get(text, start, end, out)) {
          int before = out.length();
          search(text, start, end, scratch);
          if (emit(text, start, end, scratch, out)) {
            cache.put(scratch.path, out, before);
          }
        }
      }
    } finally {
      pool.release(scratch);
    }
  }

  /** Finds the best path to each place of the text. */
  private void search(byte[] text, int start, int end, UnigramScratch scratch) {
    int size = end - start;
    scratch.prepare(size);
    double[] best = scratch.best;
    int[] from = scratch.from;
    int[] ids = scratch.ids;
    long root = trie.root();
    for (int at = 0; at < size; ) {
      double here = best[at];
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
          double score = scores[id] + here;
          if (from[k] < 0 || score > best[k]) {
            best[k] = score;
            from[k] = at;
            ids[k] = id;
          }
          single |= k == next;
        }
      }
      if (!single) {
        double score = unknownScore + here;
        if (from[next] < 0 || score > best[next]) {
          if (unknown == NONE) {
            throw new UnknownTextException(start + at, start + next);
          }
          best[next] = score;
          from[next] = at;
          ids[next] = unknown;
        }
      }
      at = next;
    }
  }

  /** Adds the tokens of the best path; returns whether their ranges are adjacent. */
  private boolean emit(byte[] text, int start, int end, UnigramScratch scratch, TokenSink out) {
    int[] from = scratch.from;
    int[] ids = scratch.ids;
    int[] path = scratch.path;
    int count = 0;
    // backwards: the ends of tokens; unknown ones that touch are one
    for (int at = end - start; at > 0; ) {
      path[count++] = at;
      boolean known = ids[at] != unknown;
      at = from[at];
      while (!known && at > 0 && ids[at] == unknown) {
        at = from[at];
      }
    }
    boolean contiguous = true;
    int tokenStart = start;
    for (int i = count - 1; i >= 0; i--) {
      int tokenEnd = start + path[i];
      int id = ids[path[i]];
      if (id != unknown) {
        out.add(id, tokenStart, tokenEnd);
      } else {
        contiguous &= emitUnknown(text, tokenStart, tokenEnd, out);
      }
      tokenStart = tokenEnd;
    }
    return contiguous;
  }

  private boolean emitUnknown(byte[] text, int start, int end, TokenSink out) {
    // joined unknown characters may be a piece that the search passed over
    int id = trie.find(text, start, end);
    if (id < 0 && byteFallback && everyByteHasToken(text, start, end)) {
      for (int i = start; i < end; i++) {
        out.add(byteIds[text[i] & 0xFF], start, end);
      }
      return false;
    }
    out.add(id < 0 ? unknown : id, start, end);
    return true;
  }

  private boolean everyByteHasToken(byte[] text, int start, int end) {
    for (int i = start; i < end; i++) {
      if (byteIds[text[i] & 0xFF] < 0) {
        return false;
      }
    }
    return true;
  }
}
