package io.fundamentallm.tokenizers.train;

import java.util.Arrays;

/**
 * Candidates for the next merge, the best first: the highest count, then the lowest pair, then the
 * one that came first. A heap with four children to a node, in flat arrays.
 */
final class MergeQueue {
  private long[] counts = new long[1 << 10];
  private long[] keys = new long[1 << 10];
  private int[] candidates = new int[1 << 10];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** The count of the best candidate, as it was pushed. */
  long topCount() {
    return counts[0];
  }

  /** The pair of the best candidate. */
  long topKey() {
    return keys[0];
  }

  /** The best candidate. */
  int top() {
    return candidates[0];
  }

  void push(long count, long key, int candidate) {
    if (size == counts.length) {
      int capacity = size + (size >> 1);
      counts = Arrays.copyOf(counts, capacity);
      keys = Arrays.copyOf(keys, capacity);
      candidates = Arrays.copyOf(candidates, capacity);
    }
    int at = size++;
    while (at > 0) {
      int parent = (at - 1) >> 2;
      if (!before(count, key, candidate, parent)) {
        break;
      }
      move(parent, at);
      at = parent;
    }
    put(at, count, key, candidate);
  }

  /** Removes the best candidate. */
  void pop() {
    size--;
    if (size > 0) {
      sink(counts[size], keys[size], candidates[size]);
    }
  }

  /** The best candidate has a lower count now. */
  void lowerTop(long count) {
    sink(count, keys[0], candidates[0]);
  }

  private void sink(long count, long key, int candidate) {
    int at = 0;
    while (true) {
      int first = 4 * at + 1;
      if (first >= size) {
        break;
      }
      int best = first;
      int end = Math.min(first + 4, size);
      for (int child = first + 1; child < end; child++) {
        if (before(counts[child], keys[child], candidates[child], best)) {
          best = child;
        }
      }
      if (before(count, key, candidate, best)) {
        break;
      }
      move(best, at);
      at = best;
    }
    put(at, count, key, candidate);
  }

  private boolean before(long count, long key, int candidate, int other) {
    if (count != counts[other]) {
      return count > counts[other];
    }
    if (key != keys[other]) {
      return key < keys[other];
    }
    return candidate < candidates[other];
  }

  private void move(int from, int to) {
    put(to, counts[from], keys[from], candidates[from]);
  }

  private void put(int at, long count, long key, int candidate) {
    counts[at] = count;
    keys[at] = key;
    candidates[at] = candidate;
  }
}
