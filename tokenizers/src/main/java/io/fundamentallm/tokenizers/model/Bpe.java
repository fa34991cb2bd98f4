package io.fundamentallm.tokenizers.model;

import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.text.ScratchPool;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Byte-pair encoding over bytes or characters.
 *
 * <p>Most pieces are tokens as they are: one look into a hash table. Others come from a cache of
 * short pieces, or are assembled from the left: the longest token that fits, checked against the
 * one before, and taken back if nothing fits after it. A sequence of tokens is the result of
 * merging if and only if merging leaves each pair of neighbours as it is, since the merges inside a
 * stretch do not depend on what is around it until one crosses its border. So anything found this
 * way is the result of the merges (github.com/github/rust-gems, crate bpe), in time that grows only
 * with the length.
 */
public final class Bpe implements Model {
  private static final byte SPACE_MARK_0 = (byte) 0xE2; // U+2581, the first of its three bytes
  private static final byte SPACE_MARK_1 = (byte) 0x96;
  private static final byte SPACE_MARK_2 = (byte) 0x81;

  /** No limit on the length of a token. */
  private static final int ANY = Integer.MAX_VALUE;

  private final ByteStrings strings;
  private final BpeUnits units;
  private final boolean wholePieces;
  private final boolean plain;
  private final boolean mayDropUnknown;
  private final boolean cutAtSpaces;

  /** For each token, whether merging its symbols is known to give it. Races are benign. */
  private final boolean[] reachable;

  private final Derivations derivations;
  private final PairCheck neighbours = new PairCheck();
  private final ScratchPool<Scratch> pool;

  /**
   * A model.
   *
   * @param strings the tokens' bytes; hidden ones are never found in text
   * @param pairs the merges; null for tiktoken's rule, by which any two tokens whose bytes together
   *     are a token merge, the lowest id first
   * @param units what is merged
   * @param wholePieces whether a piece that is a token stays that token, regardless of the merges
   *     (tiktoken's rule, and {@code ignore_merges})
   */
  public Bpe(ByteStrings strings, @Nullable PairTable pairs, BpeUnits units, boolean wholePieces) {
    this.strings = strings;
    this.units = units;
    this.wholePieces = wholePieces;
    plain = pairs == null || units.unknownNeverMerges(pairs);
    mayDropUnknown = units.mayDropUnknown();
    // a word would count as a whole piece, and what is left out joins words
    boolean wordsStandAlone = plain && !wholePieces && !mayDropUnknown;
    cutAtSpaces = pairs != null && wordsStandAlone && !units.bytes() && spacesBegin(pairs);
    reachable = new boolean[strings.size()];
    derivations = new Derivations(strings, pairs, units);
    pool = new ScratchPool<>(() -> new Scratch(new Merger(strings, pairs)));
  }

  /** Whether no merge has a space after a word: then words can be encoded separately. */
  private boolean spacesBegin(PairTable pairs) {
    byte[] mark = {SPACE_MARK_0, SPACE_MARK_1, SPACE_MARK_2};
    if (strings.find(Arrays.copyOf(mark, mark.length + ByteStrings.SLACK), 0, mark.length) < 0) {
      return false;
    }
    return pairs.all(
        (left, right) -> !strings.startsWith(right, mark) || strings.endsWith(left, mark));
  }

  @Override
  public void encode(byte[] text, Pieces pieces, TokenSink out) {
    Scratch scratch = pool.acquire();
    Pieces all = cutAtSpaces ? cut(text, pieces, scratch.pieces) : pieces;
    int[] starts = all.starts();
    int[] ends = all.ends();
    int count = all.count();
    if (out.ranged()) {
      for (int i = 0; i < count; i++) {
        int id = strings.find(text, starts[i], ends[i]);
        encode(text, starts[i], ends[i], id, out, scratch);
      }
    } else if (count > 0) {
      // a token has at least a byte
      int[] ids = out.reserve(ends[count - 1] - starts[0]);
      int n = out.length();
      for (int i = 0; i < count; i++) {
        int from = starts[i];
        int to = ends[i];
        int id = strings.find(text, from, to);
        if (id >= 0 && (wholePieces || reachable[id])) {
          ids[n++] = id;
        } else {
          out.length(n);
          encodeCached(text, from, to, id, out, scratch);
          ids = out.reserve(ends[count - 1] - to);
          n = out.length();
        }
      }
      out.length(n);
    }
    pool.release(scratch);
  }

  @Override
  public boolean cuttable(boolean marked) {
    return cutAtSpaces && marked;
  }

  private static Pieces cut(byte[] text, Pieces pieces, Pieces words) {
    words.clear();
    for (int p = 0; p < pieces.count(); p++) {
      int start = pieces.start(p);
      int end = pieces.end(p);
      boolean afterMark = true;
      for (int i = start; i < end; i++) {
        if (text[i] == SPACE_MARK_0
            && i + 2 < end
            && text[i + 1] == SPACE_MARK_1
            && text[i + 2] == SPACE_MARK_2) {
          if (!afterMark) {
            words.add(start, i);
            start = i;
            afterMark = true;
          }
          i += 2;
        } else {
          afterMark = false;
        }
      }
      words.add(start, end);
    }
    return words;
  }

  private void encodeCached(byte[] text, int from, int to, int id, TokenSink out, Scratch scratch) {
    int length = to - from;
    if (id >= 0 || length > PieceCache.LONGEST) {
      encode(text, from, to, id, out, scratch);
      return;
    }
    int at = out.length();
    int found = scratch.cache.get(text, from, length, out.reserve(PieceCache.MAX_TOKENS), at);
    if (found >= 0) {
      out.length(at + found);
    } else {
      encode(text, from, to, id, out, scratch);
      scratch.cache.put(text, from, length, out.reserve(0), at, out.length() - at);
    }
  }

  /**
   * Encodes a piece.
   *
   * @param id the token that the piece is; -1 if it is not one
   */
  private void encode(byte[] text, int from, int to, int id, TokenSink out, Scratch scratch) {
    if (id >= 0 && (wholePieces || isReachable(id, scratch))) {
      out.add(id, from, to);
    } else if (!plain || (mayDropUnknown && !allKnown(text, from, to))) {
      scratch.merger.clear();
      units.addAll(text, from, to, scratch.merger);
      mergeInto(text, out, scratch);
    } else if (units.allKnown()) {
      assemble(text, from, to, out, scratch);
    } else {
      encodeKnown(text, from, to, out, scratch);
    }
  }

  private boolean allKnown(byte[] text, int from, int to) {
    for (int i = from; i < to; ) {
      int end = i + units.sizeAt(text, i);
      if (!units.isKnown(text, i, end)) {
        return false;
      }
      i = end;
    }
    return true;
  }

  /** Encodes stretches of known characters alone; the unknown ones between them never merge. */
  private void encodeKnown(byte[] text, int from, int to, TokenSink out, Scratch scratch) {
    int start = from;
    int i = from;
    while (i < to) {
      int size = units.sizeAt(text, i);
      if (units.isKnown(text, i, i + size)) {
        i += size;
        continue;
      }
      assemble(text, start, i, out, scratch);
      int end = i;
      do {
        end += units.sizeAt(text, end);
      } while (end < to && !units.isKnown(text, end, end + units.sizeAt(text, end)));
      scratch.merger.clear();
      units.addAll(text, i, end, scratch.merger);
      for (int k = 0; k < scratch.merger.count(); k++) {
        out.add(scratch.merger.id(k), scratch.merger.start(k), scratch.merger.end(k));
      }
      start = i = end;
    }
    assemble(text, start, to, out, scratch);
  }

  private void assemble(byte[] text, int from, int to, TokenSink out, Scratch scratch) {
    scratch.reserve(to - from);
    int[] ids = scratch.ids;
    long[] dead = scratch.dead;
    int count = 0;
    int shorterThan = ANY;
    for (int at = from; at < to; ) {
      // in a run the same token comes again: trying it first saves trying all others
      long found =
          count > 0 && shorterThan == ANY && repeats(text, at, to, ids[count - 1])
              ? again(text, at, from, ids[count - 1], scratch)
              : -1;
      if (found < 0) {
        found = strings.longestPrefix(text, at, to, shorterThan);
      }
      if (found >= 0) {
        int id = (int) found;
        int length = (int) (found >>> 32);
        int end = at + length - from;
        if ((dead[end >> 6] >>> end & 1) == 0
            && (count == 0
                ? isReachable(id, scratch)
                : remainSeparate(text, at, ids[count - 1], id, scratch))) {
          ids[count++] = id;
          at += length;
          shorterThan = ANY;
        } else {
          shorterThan = length;
        }
      } else if (count > 0) {
        // nothing follows the token before, so it does not end here
        int bit = at - from;
        dead[bit >> 6] |= 1L << bit;
        int id = ids[--count];
        int length = strings.length(id);
        at -= length;
        // tried out of turn, before longer ones
        shorterThan = count > 0 && ids[count - 1] == id ? ANY : length;
      } else {
        // a symbol that is also a special token's form is never found in text
        scratch.merger.clear();
        units.addAll(text, from, to, scratch.merger);
        mergeInto(text, out, scratch);
        return;
      }
    }
    if (!out.ranged()) {
      int n = out.length();
      System.arraycopy(ids, 0, out.reserve(count), n, count);
      out.length(n + count);
      return;
    }
    int start = from;
    for (int i = 0; i < count; i++) {
      int end = start + strings.length(ids[i]);
      out.add(ids[i], start, end);
      start = end;
    }
  }

  /** Whether the text continues with the token that it ends with here. */
  private boolean repeats(byte[] text, int at, int to, int token) {
    int length = strings.length(token);
    return text[at] == text[at - length]
        && at + length <= to
        && Arrays.equals(text, at - length, at, text, at, at + length);
  }

  /** The token, if it can repeat here; otherwise -1. */
  private long again(byte[] text, int at, int from, int token, Scratch scratch) {
    int length = strings.length(token);
    int end = at + length - from;
    return (scratch.dead[end >> 6] >>> end & 1) == 0
            && remainSeparate(text, at, token, token, scratch)
        ? (long) length << 32 | token
        : -1;
  }

  private boolean isReachable(int id, Scratch scratch) {
    return reachable[id] || (reachable[id] = derivations.isReachable(id, scratch));
  }

  /** Whether merging the symbols of two adjacent tokens gives the two. */
  private boolean remainSeparate(byte[] text, int border, int left, int right, Scratch scratch) {
    int separate = neighbours.known(left, right);
    if (separate < 0) {
      separate = derivations.remainSeparate(text, border, left, right, scratch);
      if (separate < 0) {
        separate = remainSeparateWhenMerged(left, right, scratch) ? 1 : 0;
      }
      neighbours.learn(left, right, separate == 1);
    }
    return separate == 1;
  }

  private boolean remainSeparateWhenMerged(int left, int right, Scratch scratch) {
    byte[] text = scratch.bytes(strings.length(left) + strings.length(right));
    int length = strings.copy(right, text, strings.copy(left, text, 0));
    Merger merger = scratch.merger;
    merger.clear();
    units.addAll(text, 0, length, merger);
    merger.merge(text);
    return merger.count() == 2 && merger.id(0) == left && merger.id(1) == right;
  }

  private static void mergeInto(byte[] text, TokenSink out, Scratch scratch) {
    Merger merger = scratch.merger;
    merger.merge(text);
    for (int i = 0; i < merger.count(); i++) {
      out.add(merger.id(i), merger.start(i), merger.end(i));
    }
  }

  /** Working memory of one thread. */
  static final class Scratch {
    private final Merger merger;
    final PieceCache cache = new PieceCache();
    final Pieces pieces = new Pieces();
    int[] ids = new int[64];

    /** A bit for each place at which no token may end. */
    long[] dead = new long[2];

    private byte[] bytes = new byte[256];

    Scratch(Merger merger) {
      this.merger = merger;
    }

    Merger merger() {
      return merger;
    }

    void reserve(int length) {
      if (ids.length < length) {
        ids = new int[length + (length >> 1)];
        dead = new long[(ids.length >> 6) + 1];
      }
      Arrays.fill(dead, 0, (length >> 6) + 1, 0);
    }

    byte[] bytes(int length) {
      if (bytes.length < length + ByteStrings.SLACK) {
        bytes = new byte[length + length / 2 + ByteStrings.SLACK];
      }
      return bytes;
    }
  }
}
