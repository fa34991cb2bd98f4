package io.fundamentallm.tokenizers.train;

import java.util.function.IntBinaryOperator;

/** Merge sort of numbers by a given comparison, without boxing them. */
final class StableSort {
  private StableSort() {}

  /** The numbers from 0 to below a count, in this order; equal ones keep theirs. */
  static int[] sorted(int count, IntBinaryOperator comparison) {
    int[] from = new int[count];
    int[] to = new int[count];
    for (int i = 0; i < count; i++) {
      from[i] = i;
    }
    for (long width = 1; width < count; width *= 2) {
      for (long start = 0; start < count; start += 2 * width) {
        int middle = (int) Math.min(start + width, count);
        int end = (int) Math.min(start + 2 * width, count);
        merge(from, to, (int) start, middle, end, comparison);
      }
      int[] other = from;
      from = to;
      to = other;
    }
    return from;
  }

  private static void merge(
      int[] from, int[] to, int start, int middle, int end, IntBinaryOperator comparison) {
    int left = start;
    int right = middle;
    for (int at = start; at < end; at++) {
      boolean takeLeft =
          left < middle && (right >= end || comparison.applyAsInt(from[left], from[right]) <= 0);
      to[at] = takeLeft ? from[left++] : from[right++];
    }
  }
}
