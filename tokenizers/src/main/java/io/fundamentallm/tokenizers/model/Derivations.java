package io.fundamentallm.tokenizers.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How merging makes each token of its symbols: the last merge, found on first use. Whether two
 * adjacent tokens stay as they are is then decided by undoing merges, the latest first, and
 * checking each time whether the two at the border would have merged earlier
 * (github.com/github/rust-gems, crate bpe, is_valid_token_pair). That needs merges in the order of
 * their ranks; tokens that break this order are marked. Thread-safe, without locks: an entry is one
 * word, and every thread finds the same.
 */
final class Derivations {
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int BITS = 20;
  private static final int MASK = (1 << BITS) - 1;
  private static final long KNOWN = 1L << 60;
  private static final long WHOLE = 1L << 61;
  private static final long REGULAR = 1L << 62;
  private static final long SYMBOL = 1L << 63;

  private final ByteStrings strings;
  private final @Nullable PairTable pairs;
  private final BpeUnits units;

  /** From the lowest bit: left, right and rank, 20 bits each, then flags; 0 for not known. */
  private final long[] entries;

  Derivations(ByteStrings strings, @Nullable PairTable pairs, BpeUnits units) {
    this.strings = strings;
    this.pairs = pairs;
    this.units = units;
    entries = new long[strings.size()];
  }

  /** Whether merging the symbols of a token gives the token. */
  boolean isReachable(int id, Bpe.Scratch scratch) {
    return (of(id, scratch) & WHOLE) != 0;
  }

  private long known(int id) {
    return (long) ENTRY.getOpaque(entries, id);
  }

  private long of(int id, Bpe.Scratch scratch) {
    long entry = known(id);
    return entry == 0 ? findWithParts(id, scratch) : entry;
  }

  /** Without recursion, as the parts of a token may nest as deep as it is long. */
  private long findWithParts(int id, Bpe.Scratch scratch) {
    int[] open = new int[16];
    open[0] = id;
    for (int depth = 0; ; ) {
      long entry = find(open[depth], scratch);
      if (entry != 0) {
        ENTRY.setOpaque(entries, open[depth], entry);
        if (depth-- == 0) {
          return entry;
        }
      } else {
        int left = scratch.merger().lastLeft();
        if (++depth == open.length) {
          open = Arrays.copyOf(open, 2 * depth);
        }
        open[depth] = known(left) == 0 ? left : scratch.merger().lastRight();
      }
    }
  }

  /** The entry; 0 if a part is not known, which is then among the merger's last two. */
  private long find(int id, Bpe.Scratch scratch) {
    byte[] text = scratch.bytes(strings.length(id));
    int length = strings.copy(id, text, 0);
    Merger merger = scratch.merger();
    merger.clear();
    units.addAll(text, 0, length, merger);
    boolean symbol = merger.count() == 1;
    merger.merge(text);
    if (merger.count() != 1 || merger.id(0) != id) {
      return KNOWN;
    }
    if (symbol) {
      return KNOWN | WHOLE | REGULAR | SYMBOL;
    }
    int left = merger.lastLeft();
    int right = merger.lastRight();
    int rank = merger.lastRank();
    if (left > MASK || right > MASK || rank > MASK) {
      return KNOWN | WHOLE;
    }
    long before = known(left);
    long after = known(right);
    if (before == 0 || after == 0) {
      return 0;
    }
    boolean regular = (before & after & REGULAR) != 0 && rank(before) < rank && rank(after) < rank;
    long parts = left | ((long) right << BITS) | ((long) rank << (2 * BITS));
    return parts | KNOWN | WHOLE | (regular ? REGULAR : 0);
  }

  /** When a token is made; -1 for one that exists from the beginning. */
  private static int rank(long entry) {
    return entry < 0 ? -1 : (int) (entry >>> (2 * BITS)) & MASK;
  }

  /**
   * Whether two tokens stay as they are side by side.
   *
   * @param border where in the text the second one begins
   * @return 1 if they do, 0 if not, -1 if this way cannot decide
   */
  int remainSeparate(byte[] text, int border, int left, int right, Bpe.Scratch scratch) {
    long a = of(left, scratch);
    long b = of(right, scratch);
    if ((a & b & REGULAR) == 0) {
      return -1;
    }
    int before = left;
    int after = right;
    int limit = Integer.MAX_VALUE;
    while (true) {
      int merged = rankOf(text, border, before, after);
      if (merged >= 0 && merged < limit) {
        return 0;
      }
      int rankBefore = rank(a);
      int rankAfter = rank(b);
      if (rankBefore > rankAfter) {
        limit = rankBefore;
        before = (int) (a >>> BITS) & MASK;
        a = of(before, scratch);
      } else if (rankAfter < 0) {
        return 1;
      } else {
        limit = rankAfter + 1; // of equal merges the left one comes first
        after = (int) b & MASK;
        b = of(after, scratch);
      }
    }
  }

  private int rankOf(byte[] text, int border, int left, int right) {
    if (pairs == null) {
      return strings.find(text, border - strings.length(left), border + strings.length(right));
    }
    return (int) (pairs.find(left, right) >> 32);
  }
}
