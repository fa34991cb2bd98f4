package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.tokenizers.unicode.LowerCase;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Closes sets under simple case folding, which maps one character to one. After CaseFolding.txt of
 * the Unicode Character Database: its statuses C and S.
 */
final class CaseClosure {
  /** No cased letter is at or above it. */
  private static final int LIMIT = 0x20000;

  /** Pairs of a character and what it folds to, where that is not its lowercase. */
  private static final String FOLDING_PAIRS =
      "\u017Fs\u00B5\u03BC\u0345\u03B9\u03C2\u03C3\u03D0\u03B2\u03D1\u03B8\u03D5\u03C6\u03D6\u03C0"
          + "\u03F0\u03BA\u03F1\u03C1\u03F5\u03B5\u1E9B\u1E61\u1FBE\u03B9\u1FD3\u0390\u1FE3\u03B0"
          + "\u1C80\u0432\u1C81\u0434\u1C82\u043E\u1C83\u0441\u1C84\u0442\u1C85\u0442\u1C86\u044A"
          + "\u1C87\u0463\u1C88\uA64B\uFB05\uFB06";

  /** Pairs of a character and what it folds to, for all that fold to another. */
  private static final int[] FOLDS = folds();

  private CaseClosure() {}

  static ImmutableRangeSet<Integer> of(ImmutableRangeSet<Integer> set) {
    BitSet members = CodePoints.table(set);
    for (int i = 0; i < FOLDS.length; i += 2) {
      if (set.contains(FOLDS[i])) {
        members.set(FOLDS[i + 1]);
      }
    }
    BitSet closed = (BitSet) members.clone();
    for (int i = 0; i < FOLDS.length; i += 2) {
      if (members.get(FOLDS[i + 1])) {
        closed.set(FOLDS[i]);
      }
    }
    return CodePoints.of(closed);
  }

  private static int[] folds() {
    IntStream.Builder pairs = IntStream.builder();
    for (int c = 0; c < LIMIT; c++) {
      int fold = fold(c);
      if (fold != c) {
        pairs.add(c).add(fold);
      }
    }
    return pairs.build().toArray();
  }

  private static int fold(int c) {
    // its only folding is to two characters
    if (c == LowerCase.DOTTED_I) {
      return c;
    }
    int lower = LowerCase.of(c);
    if (lower == c && c > 0x7F) {
      for (int i = 0; i < FOLDING_PAIRS.length(); i += 2) {
        if (FOLDING_PAIRS.charAt(i) == c) {
          return FOLDING_PAIRS.charAt(i + 1);
        }
      }
    }
    return lower;
  }
}
