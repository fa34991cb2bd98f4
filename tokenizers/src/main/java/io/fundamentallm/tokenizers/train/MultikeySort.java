package io.fundamentallm.tokenizers.train;

import io.fundamentallm.model.Cancellation;
import java.util.Arrays;

/**
 * Sorts suffixes of words by multikey quicksort (Bentley and Sedgewick 1997), up to a depth: no
 * more is needed to enumerate substrings of limited length, and no suffix is compared beyond its
 * word.
 */
final class MultikeySort {
  /** What ends a word; lower than every character. */
  static final int SEPARATOR = -1;

  /** Ranges up to this length are sorted by insertion. */
  private static final int SMALL = 12;

  private final int[] text;
  private final int maxDepth;
  private final Cancellation cancellation;
  private int[] stack = new int[96];
  private int stacked;

  /** Sorts by at most this many characters of this text. */
  MultikeySort(int[] text, int maxDepth, Cancellation cancellation) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.cancellation = cancellation;
  }

  /** Sorts starts of suffixes in place. */
  void sort(int[] starts) {
    push(0, starts.length, 0);
    for (int steps = 0; stacked > 0; steps++) {
      if ((steps & 0x3FF) == 0) {
        cancellation.throwIfCancelled();
      }
      int depth = stack[--stacked];
      int to = stack[--stacked];
      int from = stack[--stacked];
      if (to - from <= SMALL) {
        insertionSort(starts, from, to, depth);
      } else {
        partition(starts, from, to, depth);
      }
    }
  }

  private void partition(int[] starts, int from, int to, int depth) {
    int pivot = pivot(starts, from, to, depth);
    int less = from;
    int greater = to;
    for (int i = from; i < greater; ) {
      int c = text[starts[i] + depth];
      if (c < pivot) {
        swap(starts, less++, i++);
      } else if (c > pivot) {
        swap(starts, i, --greater);
      } else {
        i++;
      }
    }
    push(from, less, depth);
    push(greater, to, depth);
    if (pivot != SEPARATOR && depth + 1 < maxDepth) {
      push(less, greater, depth + 1);
    }
  }

  private int pivot(int[] starts, int from, int to, int depth) {
    int a = text[starts[from] + depth];
    int b = text[starts[(from + to) >>> 1] + depth];
    int c = text[starts[to - 1] + depth];
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  private void insertionSort(int[] starts, int from, int to, int depth) {
    for (int i = from + 1; i < to; i++) {
      int start = starts[i];
      int at = i;
      while (at > from && less(start, starts[at - 1], depth)) {
        starts[at] = starts[at - 1];
        at--;
      }
      starts[at] = start;
    }
  }

  private boolean less(int a, int b, int from) {
    for (int depth = from; depth < maxDepth; depth++) {
      int difference = text[a + depth] - text[b + depth];
      if (difference != 0) {
        return difference < 0;
      }
      if (text[a + depth] == SEPARATOR) {
        return false;
      }
    }
    return false;
  }

  private void push(int from, int to, int depth) {
    if (to - from < 2) {
      return;
    }
    if (stacked + 3 > stack.length) {
      stack = Arrays.copyOf(stack, 2 * stack.length);
    }
    stack[stacked++] = from;
    stack[stacked++] = to;
    stack[stacked++] = depth;
  }

  private static void swap(int[] values, int a, int b) {
    int value = values[a];
    values[a] = values[b];
    values[b] = value;
  }
}
