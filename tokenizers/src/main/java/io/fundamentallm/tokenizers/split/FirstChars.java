package io.fundamentallm.tokenizers.split;

import java.util.Arrays;

/**
 * What a part of a pattern can begin with.
 *
 * @param set every match that has a character begins with one of these
 * @param nullable whether there may be a match without one, so that what follows counts as well
 */
record FirstChars(CharSet set, boolean nullable) {
  static final FirstChars EMPTY = new FirstChars(CharSet.NONE, true);

  /** Nothing is known. */
  static final FirstChars ANYTHING = new FirstChars(CharSet.ALL, true);

  static FirstChars of(RegexNode node) {
    if (node instanceof RegexNode.Chars c) {
      return new FirstChars(c.set(), false);
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
      CharSet.Builder set = new CharSet.Builder();
      boolean nullable = false;
      for (RegexNode branch : c.branches()) {
        FirstChars first = of(branch);
        set.addAll(first.set);
        nullable |= first.nullable;
      }
      return new FirstChars(set.build(), nullable);
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
    return nullable ? new FirstChars(set.or(next.set), next.nullable) : this;
  }

  FirstChars or(FirstChars other) {
    return new FirstChars(set.or(other.set), nullable || other.nullable);
  }

  /** The first bytes of the characters in UTF-8; all, where nothing is known. Four longs. */
  long[] bytes() {
    long[] bits = new long[4];
    if (nullable) {
      Arrays.fill(bits, -1);
      return bits;
    }
    for (int i = 0; i < set.ranges(); i++) {
      int last = lead(set.last(i));
      for (int b = lead(set.first(i)); b <= last; b++) {
        bits[b >> 6] |= 1L << b;
      }
    }
    // no character begins with 10xxxxxx
    bits[2] = 0;
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
