package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.TokenSink;
import java.util.Arrays;

/**
 * Joins the symbols of a text. They are a linked list over arrays; the pairs that may be joined
 * wait in a heap of 64-bit words, the rank of the joined piece above the index of the left symbol,
 * so that the least word is the best, leftmost pair. Words whose pair has changed since are
 * skipped. One thread at a time.
 */
final class SentencePieceMerger {
  /** Arrays beyond this are not kept after a long text. */
  private static final int KEPT = 1 << 20;

  final SentencePieceOutput output;
  private final SentencePieceVocabulary vocabulary;
  private final ByteStrings pieces;
  private final int[] ranks;

  /**
   * By symbol: where it begins, its piece or -1, its neighbours, and the piece that joins it to the
   * next.
   */
  private int[] starts = {};

  private int[] ids = {};
  private int[] previous = {};
  private int[] next = {};
  private int[] pairs = {};
  private boolean[] frozen = {};
  private int[] ends = {};
  private final SentencePieceAgenda agenda = new SentencePieceAgenda();

  /** For each unused piece, the length of the left part of the pair it was last seen as. */
  private final int[] leftLengths;

  private int[] parts = new int[64];

  SentencePieceMerger(SentencePieceVocabulary vocabulary, int[] ranks) {
    this.vocabulary = vocabulary;
    this.ranks = ranks;
    pieces = vocabulary.pieces;
    output = new SentencePieceOutput(vocabulary);
    leftLengths = new int[vocabulary.hasUnused ? pieces.size() : 0];
  }

  /** Joins what can be joined in a text of at least one byte. */
  void merge(byte[] text, int start, int end) {
    prepare(end - start);
    int count = 0;
    for (int at = start; at < end; count++) {
      int to = SentencePieceUnits.characterEnd(text, at, end, vocabulary.symbols);
      starts[count] = at;
      ids[count] = pieces.find(text, at, to);
      frozen[count] =
          vocabulary.symbols != null && vocabulary.symbols.longestPrefix(text, at, end) > 0;
      previous[count] = count - 1;
      next[count] = count + 1;
      at = to;
    }
    next[count - 1] = -1;
    starts[count] = end;
    agenda.clear();
    for (int symbol = 0; symbol < count; symbol++) {
      findPair(text, symbol, end);
    }
    while (!agenda.isEmpty()) {
      long best = agenda.poll();
      int symbol = (int) best;
      int id = pairs[symbol];
      if (id >= 0 && ranks[id] == (int) (best >>> 32)) {
        join(text, symbol, id, end);
      }
    }
  }

  private void join(byte[] text, int symbol, int id, int end) {
    int right = next[symbol];
    ids[symbol] = id;
    pairs[right] = -1;
    int after = next[right];
    next[symbol] = after;
    if (after >= 0) {
      previous[after] = symbol;
    }
    if (previous[symbol] >= 0) {
      findPair(text, previous[symbol], end);
    }
    findPair(text, symbol, end);
  }

  /** Finds the piece that a symbol and the next one form, and puts it on the agenda. */
  private void findPair(byte[] text, int symbol, int end) {
    int right = next[symbol];
    pairs[symbol] = -1;
    if (right < 0 || frozen[symbol] || frozen[right]) {
      return;
    }
    int to = next[right] < 0 ? end : starts[next[right]];
    int id = pieces.find(text, starts[symbol], to);
    if (id >= 0) {
      pairs[symbol] = id;
      agenda.add((long) ranks[id] << 32 | symbol);
      if (leftLengths.length > 0) {
        leftLengths[id] = starts[right] - starts[symbol];
      }
    }
  }

  /** Adds the tokens; returns the number of symbols if all are known and used, otherwise -1. */
  int emit(byte[] text, int start, int end, TokenSink out) {
    int count = 0;
    boolean known = true;
    for (int symbol = 0; symbol >= 0; symbol = next[symbol]) {
      int to = next[symbol] < 0 ? end : starts[next[symbol]];
      int id = ids[symbol];
      known &= id >= 0;
      if (id >= 0 && leftLengths.length > 0 && vocabulary.isUnused(id)) {
        splitUnused(text, starts[symbol], to, out);
        known = false; // these make more tokens than symbols
      } else {
        output.add(id, text, starts[symbol], to, out);
      }
      count++;
    }
    return known && start < end ? count : -1;
  }

  /** The ends of the tokens from the text's start on, the last one first. */
  int[] endsBackwards(int start, int end, int count) {
    int i = count;
    for (int symbol = 0; symbol >= 0; symbol = next[symbol]) {
      ends[--i] = (next[symbol] < 0 ? end : starts[next[symbol]]) - start;
    }
    return ends;
  }

  /** Adds the parts of an unused piece that are used. */
  private void splitUnused(byte[] text, int start, int end, TokenSink out) {
    int depth = 0;
    parts[depth++] = end;
    int at = start;
    while (depth > 0) {
      int to = parts[depth - 1];
      int id = pieces.find(text, at, to);
      int left = id >= 0 && vocabulary.isUnused(id) ? leftLengths[id] : 0;
      if (left > 0) {
        if (depth == parts.length) {
          parts = Arrays.copyOf(parts, depth * 2);
        }
        parts[depth++] = at + left;
      } else {
        output.add(id, text, at, to, out);
        at = to;
        depth--;
      }
    }
  }

  private void prepare(int size) {
    if (size >= starts.length || (starts.length > KEPT && size < KEPT)) {
      int length = Math.max(256, size + (size >> 2) + 1);
      starts = new int[length];
      ids = new int[length];
      previous = new int[length];
      next = new int[length];
      pairs = new int[length];
      frozen = new boolean[length];
      ends = new int[length];
    }
  }
}
