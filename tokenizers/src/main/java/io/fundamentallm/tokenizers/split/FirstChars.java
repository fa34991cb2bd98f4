package io.fundamentallm.tokenizers.split;

import java.util.Arrays;
import java.util.BitSet;

/**
 * What a part of a pattern can begin with.
 *
 * @param set every match that has a character begins with one of these
 * @param nullable whether there may be a match without one, so that what follows counts as well
 */
record FirstChars(BitSet set, boolean nullable) {
  static final FirstChars EMPTY = new FirstChars(new BitSet(), true);

  /** Nothing is known. */
  static final FirstChars ANYTHING = new FirstChars(CodePoints.table(CodePoints.ALL), true);

  static FirstChars of(RegexNode node) {
    if (node instanceof RegexNode.Chars c) {
      return new FirstChars(CodePoints.table(c.set()), false);
    }
    if (node instanceof RegexNode.Sequence s) {
      FirstChars first = EMPTY;
      for (RegexNode part : s.parts()) {
        if (!first.nullable) {
          break;
        }
        first = first.then(of(part));
      }
      return first;
    }
    if (node instanceof RegexNode.Choice c) {
      return c.branches().stream()
          .map(FirstChars::of)
          .reduce(new FirstChars(new BitSet(), false), FirstChars::or);
    }
    if (node instanceof RegexNode.Repeat r) {
      if (r.max() == 0) {
        return EMPTY;
      }
      FirstChars first = of(r.body());
      return new FirstChars(first.set, first.nullable || r.min() == 0);
    }
    return node instanceof RegexNode.Atomic a ? of(a.body()) : EMPTY;
  }

  /** This and then that. */
  FirstChars then(FirstChars next) {
    return nullable ? new FirstChars(or(next).set, next.nullable) : this;
  }

  FirstChars or(FirstChars other) {
    BitSet both = (BitSet) set.clone();
    both.or(other.set);
    return new FirstChars(both, nullable || other.nullable);
  }

  /** The first bytes of the characters in UTF-8; all, if nothing is known. Four longs. */
  long[] bytes() {
    long[] bits = new long[4];
    if (nullable) {
      Arrays.fill(bits, -1);
      return bits;
    }
    for (int first = set.nextSetBit(0); first >= 0; ) {
      int end = set.nextClearBit(first);
      for (int b = lead(first); b <= lead(end - 1); b++) {
        bits[b >> 6] |= 1L << b;
      }
      first = set.nextSetBit(end);
    }
    bits[2] = 0; // no character begins with 10xxxxxx
    return bits;
  }

  private static int lead(int codePoint) {
    return codePoint < 0x80
        ? codePoint
        : codePoint < 0x800
            ? 0xC0 | codePoint >> 6
            : codePoint < 0x10000 ? 0xE0 | codePoint >> 12 : 0xF0 | codePoint >> 18;
  }
}
