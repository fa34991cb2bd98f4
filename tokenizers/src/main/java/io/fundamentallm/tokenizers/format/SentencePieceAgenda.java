package io.fundamentallm.tokenizers.format;

import java.util.Arrays;

/** A heap of words, the least first; four children a node, for they share a cache line. */
final class SentencePieceAgenda {
  private long[] heap = new long[256];
  private int size;

  void clear() {
    size = 0;
  }

  boolean isEmpty() {
    return size == 0;
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

  long poll() {
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
      int least = child;
      for (int other = child + 1; other < Math.min(child + 4, size); other++) {
        if (heap[other] < heap[least]) {
          least = other;
        }
      }
      if (heap[least] >= last) {
        break;
      }
      heap[at] = heap[least];
      at = least;
    }
    heap[at] = last;
    return first;
  }
}
