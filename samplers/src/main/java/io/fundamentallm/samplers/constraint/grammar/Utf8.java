package io.fundamentallm.samplers.constraint.grammar;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Sets of code points as sequences of byte ranges (the method of RE2's and Lucene's UTF-8
 * automata). UTF-8 has no surrogates, so they are left out.
 */
public final class Utf8 {
  /** The message about a lone surrogate. */
  public static final String HALF_A_PAIR = "half of a surrogate pair, which is no character";

  private static final ImmutableRangeSet<Integer> SURROGATES =
      range(Character.MIN_SURROGATE, Character.MAX_SURROGATE);

  public static final ImmutableRangeSet<Integer> ALL = range(0, Character.MAX_CODE_POINT);

  private Utf8() {}

  public static ImmutableRangeSet<Integer> set(int... codePoints) {
    return union(Arrays.stream(codePoints).mapToObj(c -> range(c, c)).toList());
  }

  /** From the first to the last, both included: all sets are of ranges that are open above. */
  public static ImmutableRangeSet<Integer> range(int first, int last) {
    return ImmutableRangeSet.of(Range.closedOpen(first, last + 1));
  }

  /** What is in any of the sets: all their ranges are sorted and merged once. */
  public static ImmutableRangeSet<Integer> union(Collection<ImmutableRangeSet<Integer>> sets) {
    return ImmutableRangeSet.unionOf(
        sets.stream().flatMap(set -> set.asRanges().stream()).toList());
  }

  public static ImmutableRangeSet<Integer> not(ImmutableRangeSet<Integer> set) {
    return ALL.difference(set);
  }

  /** Whether a code point is half of a pair of UTF-16 alone. */
  public static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /** The index of the first such half in a text; -1 if there is none. */
  public static int halfOfPair(String text) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      if (isSurrogate(text.codePointAt(i))) {
        return i;
      }
    }
    return -1;
  }

  /** One code point of the set; {@link Expression.Never} for an empty one. */
  public static Expression of(ImmutableRangeSet<Integer> set) {
    ImmutableRangeSet<Integer> valid = set.difference(SURROGATES);
    if (valid.isEmpty()) {
      return new Expression.Never("a class of characters is empty");
    }
    List<int[]> sequences = new ArrayList<>();
    for (Range<Integer> range : valid.asRanges()) {
      split(range.lowerEndpoint(), range.upperEndpoint() - 1, sequences);
    }
    return grouped(sequences, 0);
  }

  /** Adds ranges that are products of byte ranges, as first and last value of each byte in turn. */
  private static void split(int first, int last, List<int[]> sequences) {
    for (int limit : new int[] {0x7F, 0x7FF, 0xFFFF}) {
      if (first <= limit && limit < last) {
        split(first, limit, sequences);
        split(limit + 1, last, sequences);
        return;
      }
    }
    if (last > 0x7F) {
      for (int bits = 6; bits <= 18; bits += 6) {
        int low = (1 << bits) - 1;
        if ((first & ~low) != (last & ~low)) {
          int cut = (first & low) != 0 ? first | low : (last & ~low) - 1;
          if ((first & low) != 0 || (last & low) != low) {
            split(first, cut, sequences);
            split(cut + 1, last, sequences);
            return;
          }
        }
      }
    }
    byte[] begin = Character.toString(first).getBytes(StandardCharsets.UTF_8);
    byte[] end = Character.toString(last).getBytes(StandardCharsets.UTF_8);
    int[] sequence = new int[2 * begin.length];
    for (int i = 0; i < begin.length; i++) {
      sequence[2 * i] = begin[i] & 0xFF;
      sequence[2 * i + 1] = end[i] & 0xFF;
    }
    sequences.add(sequence);
  }

  /** Sequences, in order, with the same bytes before this one. */
  private static Expression grouped(List<int[]> sequences, int at) {
    ByteSet last = ByteSet.EMPTY;
    List<Expression> branches = new ArrayList<>();
    int begin = 0;
    while (begin < sequences.size()) {
      int[] first = sequences.get(begin);
      ByteSet lead = ByteSet.range(first[2 * at], first[2 * at + 1]);
      int end = begin + 1;
      if (first.length == 2 * at + 2) {
        last = last.or(lead);
      } else {
        while (end < sequences.size()
            && sequences.get(end)[2 * at] == first[2 * at]
            && sequences.get(end)[2 * at + 1] == first[2 * at + 1]) {
          end++;
        }
        branches.add(
            Expression.sequence(
                new Expression.Bytes(lead), grouped(sequences.subList(begin, end), at + 1)));
      }
      begin = end;
    }
    if (last.size() > 0) {
      branches.add(new Expression.Bytes(last));
    }
    return Expression.anyOf(branches);
  }
}
