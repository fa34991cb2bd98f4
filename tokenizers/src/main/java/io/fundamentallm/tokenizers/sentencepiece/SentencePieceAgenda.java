package io.fundamentallm.tokenizers.sentencepiece;

import java.util.Arrays;

/**
 * Words that come out least first: a heap with four children a node, which share a cache line. A
 * large heap is sorted as a whole, since a run of equal symbols fills it in order anyway; only what
 * is added later is kept in a separate heap. One thread at a time.
 */
final class SentencePieceAgenda {
  /** Below this a heap is fast enough. */
  private static final int LARGE = 64;

  private long[] heap = new long[256];
  private int size;

  /** Those of {@code sorted[next, sortedEnd)} are still to come. */
  private long[] sorted = new long[256];

  private int next;
  private int sortedEnd;

  void clear() {
    size = 0;
    next = 0;
    sortedEnd = 0;
  }

  boolean isEmpty() {
    return size == 0 && next == sortedEnd;
  }

  void add(long word) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    long[] heap = this.heap;
    int at = size++;
    while (at > 0) {
      int parent = (at - 1) >> 2;
      if (heap[parent] <= word) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = word;
  }

  /** Removes the least word. */
  long poll() {
    if (next == sortedEnd && size >= LARGE) {
      Arrays.sort(heap, 0, size);
      long[] other = sorted;
      sorted = heap;
      heap = other;
      next = 0;
      sortedEnd = size;
      size = 0;
    }
    if (next < sortedEnd && (size == 0 || sorted[next] <= heap[0])) {
      return sorted[next++];
    }
    return pollHeap();
  }

  private long pollHeap() {
    long[] heap = this.heap;
    long first = heap[0];
    long last = heap[--size];
    int size = this.size;
    int at = 0;
    while (true) {
      int child = at * 4 + 1;
      if (child >= size) {
        break;
      }
      int min = child;
      for (int other = child + 1; other < Math.min(child + 4, size); other++) {
        if (heap[other] < heap[min]) {
          min = other;
        }
      }
      if (heap[min] >= last) {
        break;
      }
      heap[at] = heap[min];
      at = min;
    }
    heap[at] = last;
    return first;
  }
}
