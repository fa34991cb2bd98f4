package io.fundamentallm.samplers.constraint.grammar;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** A set of code points: sorted ranges that do not touch. Immutable. */
public final class CodePoints {
  public static final CodePoints NONE = new CodePoints(new int[0]);
  public static final CodePoints ALL = range(0, Character.MAX_CODE_POINT);

  /** First and last of each range, in turn. */
  private final int[] bounds;

  private CodePoints(int[] bounds) {
    this.bounds = bounds;
  }

  public static CodePoints of(int... codePoints) {
    return union(Arrays.stream(codePoints).mapToObj(c -> range(c, c)).toList());
  }

  /** From the first to the last, both included. */
  public static CodePoints range(int first, int last) {
    return new CodePoints(new int[] {first, last});
  }

  /** Ranges that are in order and do not touch: first and last of each, in turn. */
  public static CodePoints ofBounds(int[] bounds) {
    return new CodePoints(bounds.clone());
  }

  /** What is in any of the sets: all their ranges are sorted and merged once. */
  public static CodePoints union(Collection<CodePoints> sets) {
    long[] all = new long[sets.stream().mapToInt(CodePoints::ranges).sum()];
    int n = 0;
    for (CodePoints set : sets) {
      for (int i = 0; i < set.ranges(); i++) {
        all[n++] = (long) set.first(i) << Integer.SIZE | set.last(i);
      }
    }
    Arrays.sort(all);
    int[] merged = new int[2 * n];
    int end = 0;
    for (long range : all) {
      int first = (int) (range >> Integer.SIZE);
      int last = (int) range;
      if (end > 0 && first <= merged[end - 1] + 1) {
        merged[end - 1] = Math.max(merged[end - 1], last);
      } else {
        merged[end++] = first;
        merged[end++] = last;
      }
    }
    return new CodePoints(Arrays.copyOf(merged, end));
  }

  public int ranges() {
    return bounds.length / 2;
  }

  public int first(int range) {
    return bounds[2 * range];
  }

  public int last(int range) {
    return bounds[2 * range + 1];
  }

  public boolean isEmpty() {
    return bounds.length == 0;
  }

  public boolean contains(int codePoint) {
    int at = Arrays.binarySearch(bounds, codePoint);
    return at >= 0 || (-at - 1) % 2 == 1;
  }

  public CodePoints or(CodePoints other) {
    return union(List.of(this, other));
  }

  public CodePoints not() {
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

  public CodePoints minus(CodePoints other) {
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
