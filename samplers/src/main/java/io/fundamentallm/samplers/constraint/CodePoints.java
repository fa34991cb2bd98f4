package io.fundamentallm.samplers.constraint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/** A set of code points: sorted ranges that do not touch. Immutable. */
final class CodePoints {
  static final CodePoints NONE = new CodePoints(new int[0]);
  static final CodePoints ALL = range(0, Character.MAX_CODE_POINT);

  /** First and last of each range, in turn. */
  private final int[] bounds;

  private CodePoints(int[] bounds) {
    this.bounds = bounds;
  }

  static CodePoints of(int... codePoints) {
    CodePoints set = NONE;
    for (int codePoint : codePoints) {
      set = set.or(range(codePoint, codePoint));
    }
    return set;
  }

  /** From the first to the last, both included. */
  static CodePoints range(int first, int last) {
    return new CodePoints(new int[] {first, last});
  }

  /** All for which a predicate holds. */
  static CodePoints where(IntPredicate predicate) {
    List<int[]> ranges = new ArrayList<>();
    int first = -1;
    for (int c = 0; c <= Character.MAX_CODE_POINT + 1; c++) {
      boolean in = c <= Character.MAX_CODE_POINT && predicate.test(c);
      if (in && first < 0) {
        first = c;
      } else if (!in && first >= 0) {
        ranges.add(new int[] {first, c - 1});
        first = -1;
      }
    }
    return new CodePoints(ranges.stream().flatMapToInt(Arrays::stream).toArray());
  }

  int ranges() {
    return bounds.length / 2;
  }

  int first(int range) {
    return bounds[2 * range];
  }

  int last(int range) {
    return bounds[2 * range + 1];
  }

  boolean isEmpty() {
    return bounds.length == 0;
  }

  boolean contains(int codePoint) {
    int at = Arrays.binarySearch(bounds, codePoint);
    return at >= 0 || (-at - 1) % 2 == 1;
  }

  CodePoints or(CodePoints other) {
    List<int[]> all = new ArrayList<>();
    for (int i = 0; i < ranges(); i++) {
      all.add(new int[] {first(i), last(i)});
    }
    for (int i = 0; i < other.ranges(); i++) {
      all.add(new int[] {other.first(i), other.last(i)});
    }
    all.sort((x, y) -> Integer.compare(x[0], y[0]));
    int[] merged = new int[2 * all.size()];
    int n = 0;
    for (int[] range : all) {
      if (n > 0 && range[0] <= merged[n - 1] + 1) {
        merged[n - 1] = Math.max(merged[n - 1], range[1]);
      } else {
        merged[n++] = range[0];
        merged[n++] = range[1];
      }
    }
    return new CodePoints(Arrays.copyOf(merged, n));
  }

  CodePoints not() {
    int[] rest = new int[bounds.length + 2];
    int n = 0;
    int next = 0;
    for (int i = 0; i < ranges(); i++) {
      if (first(i) > next) {
        rest[n++] = next;
        rest[n++] = first(i) - 1;
      }
      next = last(i) + 1;
    }
    if (next <= Character.MAX_CODE_POINT) {
      rest[n++] = next;
      rest[n++] = Character.MAX_CODE_POINT;
    }
    return new CodePoints(Arrays.copyOf(rest, n));
  }

  CodePoints and(CodePoints other) {
    return not().or(other.not()).not();
  }

  CodePoints minus(CodePoints other) {
    return and(other.not());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CodePoints set && Arrays.equals(bounds, set.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }
}
