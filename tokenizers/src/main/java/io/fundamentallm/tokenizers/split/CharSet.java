package io.fundamentallm.tokenizers.split;

import java.util.Arrays;

/** An immutable set of code points: the places where membership changes, ascending. */
final class CharSet {
  static final int LIMIT = 0x110000;
  static final CharSet NONE = new CharSet(new int[0]);
  static final CharSet ALL = of(0, LIMIT - 1);

  /** Members are in {@code [bounds[2k], bounds[2k + 1])}. */
  private final int[] bounds;

  private CharSet(int[] bounds) {
    this.bounds = bounds;
  }

  static CharSet of(int first, int last) {
    return new CharSet(new int[] {first, last + 1});
  }

  static CharSet of(int codePoint) {
    return of(codePoint, codePoint);
  }

  /** Those of a string. */
  static CharSet ofAll(String codePoints) {
    Builder builder = new Builder();
    codePoints.codePoints().forEach(c -> builder.add(c, c));
    return builder.build();
  }

  CharSet or(CharSet other) {
    return combine(other, (a, b) -> a || b);
  }

  CharSet and(CharSet other) {
    return combine(other, (a, b) -> a && b);
  }

  CharSet minus(CharSet other) {
    return combine(other, (a, b) -> a && !b);
  }

  CharSet xor(CharSet other) {
    return combine(other, (a, b) -> a != b);
  }

  CharSet not() {
    return ALL.minus(this);
  }

  boolean isEmpty() {
    return bounds.length == 0;
  }

  boolean contains(int codePoint) {
    int at = Arrays.binarySearch(bounds, codePoint);
    return ((at < 0 ? -at - 2 : at) & 1) == 0;
  }

  boolean meets(CharSet other) {
    return !and(other).isEmpty();
  }

  /** The only member, or -1. */
  int single() {
    return bounds.length == 2 && bounds[1] == bounds[0] + 1 ? bounds[0] : -1;
  }

  int ranges() {
    return bounds.length / 2;
  }

  int first(int range) {
    return bounds[2 * range];
  }

  int last(int range) {
    return bounds[2 * range + 1] - 1;
  }

  private interface Rule {
    boolean in(boolean a, boolean b);
  }

  private CharSet combine(CharSet other, Rule rule) {
    int[] a = bounds;
    int[] b = other.bounds;
    int[] out = new int[a.length + b.length];
    int length = 0;
    int i = 0;
    int j = 0;
    boolean inside = false;
    while (i < a.length || j < b.length) {
      int at = Math.min(i < a.length ? a[i] : LIMIT, j < b.length ? b[j] : LIMIT);
      while (i < a.length && a[i] == at) {
        i++;
      }
      while (j < b.length && b[j] == at) {
        j++;
      }
      boolean now = rule.in((i & 1) == 1, (j & 1) == 1);
      if (now != inside) {
        out[length++] = at;
        inside = now;
      }
    }
    return new CharSet(Arrays.copyOf(out, length));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CharSet set && Arrays.equals(bounds, set.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  /** Collects ranges in any order. */
  static final class Builder {
    private long[] ranges = new long[16];
    private int count;

    Builder add(int first, int last) {
      if (count == ranges.length) {
        ranges = Arrays.copyOf(ranges, 2 * count);
      }
      ranges[count++] = (long) first << 32 | last;
      return this;
    }

    Builder addAll(CharSet set) {
      for (int i = 0; i < set.ranges(); i++) {
        add(set.first(i), set.last(i));
      }
      return this;
    }

    CharSet build() {
      Arrays.sort(ranges, 0, count);
      int[] bounds = new int[2 * count];
      int length = 0;
      for (int i = 0; i < count; i++) {
        int first = (int) (ranges[i] >>> 32);
        int end = (int) ranges[i] + 1;
        if (length > 0 && first <= bounds[length - 1]) {
          bounds[length - 1] = Math.max(bounds[length - 1], end);
        } else {
          bounds[length++] = first;
          bounds[length++] = end;
        }
      }
      return new CharSet(Arrays.copyOf(bounds, length));
    }
  }
}
