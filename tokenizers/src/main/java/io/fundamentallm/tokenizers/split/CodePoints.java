package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import java.util.BitSet;
import java.util.function.IntPredicate;

/** Sets of code points: ranges, each closed below and open above, so that equal sets are equal. */
final class CodePoints {
  /** One more than the highest. */
  static final int LIMIT = Character.MAX_CODE_POINT + 1;

  static final ImmutableRangeSet<Integer> ALL = range(0, Character.MAX_CODE_POINT);

  private CodePoints() {}

  static ImmutableRangeSet<Integer> of(int codePoint) {
    return range(codePoint, codePoint);
  }

  /** From the first to the last, both included. */
  static ImmutableRangeSet<Integer> range(int first, int last) {
    return ImmutableRangeSet.of(Range.closedOpen(first, last + 1));
  }

  /** Those of a string. */
  static ImmutableRangeSet<Integer> ofAll(String codePoints) {
    BitSet members = new BitSet();
    codePoints.codePoints().forEach(members::set);
    return of(members);
  }

  /** Those for which something is true. */
  static ImmutableRangeSet<Integer> where(IntPredicate property) {
    BitSet members = new BitSet();
    for (int c = 0; c < LIMIT; c++) {
      if (property.test(c)) {
        members.set(c);
      }
    }
    return of(members);
  }

  /** Ranges of a flat table. */
  static ImmutableRangeSet<Integer> of(BitSet members) {
    ImmutableRangeSet.Builder<Integer> set = ImmutableRangeSet.builder();
    for (int first = members.nextSetBit(0); first >= 0; ) {
      int end = members.nextClearBit(first);
      set.add(Range.closedOpen(first, end));
      first = members.nextSetBit(end);
    }
    return set.build();
  }

  /** A flat table, for many questions or unions. */
  static BitSet table(ImmutableRangeSet<Integer> set) {
    BitSet members = new BitSet();
    set.asRanges().forEach(range -> members.set(range.lowerEndpoint(), range.upperEndpoint()));
    return members;
  }

  static ImmutableRangeSet<Integer> not(ImmutableRangeSet<Integer> set) {
    return ALL.difference(set);
  }

  /** The only member, or -1. */
  static int single(ImmutableRangeSet<Integer> set) {
    Range<Integer> span = set.isEmpty() ? Range.closedOpen(0, 0) : set.span();
    return span.upperEndpoint() - span.lowerEndpoint() == 1 ? span.lowerEndpoint() : -1;
  }
}
