package io.fundamentallm.tokenizers.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Merges exactly as the algorithm is written: as long as any adjacent tokens merge, the pair with
 * the lowest rank becomes one token, the leftmost of equals first (Sennrich et al.: "Neural machine
 * translation of rare words with subword units", ACL 2016). A heap keeps this at n log n steps for
 * n symbols. One thread at a time.
 */
final class Merger {
  private static final long NONE = -1;

  private final ByteStrings strings;
  private final @Nullable PairTable pairs;

  /** Symbols in a doubly linked list; an absorbed one has the id -1. */
  private int[] ids = new int[64];

  private int[] starts = new int[64];
  private int[] ends = new int[64];
  private int[] next = new int[64];
  private int[] previous = new int[64];

  /** How each symbol merges with the next one: rank and product. */
  private long[] merges = new long[64];

  private int count;

  /** Rank in the upper half, index of the left symbol in the lower. */
  private long[] heap = new long[64];

  private int heapSize;

  private int lastLeft;
  private int lastRight;
  private int lastRank;

  /**
   * A merger.
   *
   * @param pairs the merges; null for tiktoken's rule, by which any two tokens whose bytes together
   *     are a token merge, with that token's id as the rank
   */
  Merger(ByteStrings strings, @Nullable PairTable pairs) {
    this.strings = strings;
    this.pairs = pairs;
  }

  void clear() {
    count = 0;
  }

  /** Adds the next symbol. */
  void add(int id, int start, int end) {
    if (count == ids.length) {
      int size = count * 2;
      ids = Arrays.copyOf(ids, size);
      starts = Arrays.copyOf(starts, size);
      ends = Arrays.copyOf(ends, size);
      next = Arrays.copyOf(next, size);
      previous = Arrays.copyOf(previous, size);
      merges = Arrays.copyOf(merges, size);
    }
    ids[count] = id;
    starts[count] = start;
    ends[count] = end;
    next[count] = count + 1;
    previous[count] = count - 1;
    merges[count] = NONE;
    count++;
  }

  /** Extends the last symbol to here. */
  void extend(int end) {
    ends[count - 1] = end;
  }

  /** Merges until nothing merges; then {@link #count()} symbols are left. */
  void merge(byte[] text) {
    heapSize = 0;
    for (int i = 0; i + 1 < count; i++) {
      offer(text, i);
    }
    while (heapSize > 0) {
      long top = poll();
      int left = (int) top;
      if (ids[left] < 0 || (merges[left] ^ top) >>> 32 != 0) {
        continue; // it was merged away, or its neighbour has changed
      }
      int right = next[left];
      lastLeft = ids[left];
      lastRight = ids[right];
      lastRank = (int) (top >>> 32);
      ids[left] = (int) merges[left];
      ends[left] = ends[right];
      ids[right] = -1;
      next[left] = next[right];
      merges[left] = NONE;
      if (next[left] < count) {
        previous[next[left]] = left;
        offer(text, left);
      }
      if (previous[left] >= 0) {
        offer(text, previous[left]);
      }
    }
    int kept = 0;
    for (int i = 0; i < count; i = next[i]) {
      ids[kept] = ids[i];
      starts[kept] = starts[i];
      ends[kept] = ends[i];
      kept++;
    }
    count = kept;
  }

  /** Notes how the symbol merges with the next one. */
  private void offer(byte[] text, int left) {
    int right = next[left];
    long merge;
    if (pairs != null) {
      merge = ids[left] < 0 || ids[right] < 0 ? NONE : pairs.find(ids[left], ids[right]);
    } else {
      long product = strings.find(text, starts[left], ends[right]);
      merge = product < 0 ? NONE : product << 32 | product;
    }
    merges[left] = merge;
    if (merge == NONE) {
      return;
    }
    long entry = (merge & ~0xFFFFFFFFL) | left;
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, heapSize * 2);
    }
    int at = heapSize++;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (heap[parent] <= entry) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = entry;
  }

  private long poll() {
    long top = heap[0];
    long last = heap[--heapSize];
    int at = 0;
    for (int child; (child = 2 * at + 1) < heapSize; at = child) {
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= last) {
        break;
      }
      heap[at] = heap[child];
    }
    heap[at] = last;
    return top;
  }

  int count() {
    return count;
  }

  /** The left token of the last merge. */
  int lastLeft() {
    return lastLeft;
  }

  /** The right token of the last merge. */
  int lastRight() {
    return lastRight;
  }

  /** The rank of the last merge. */
  int lastRank() {
    return lastRank;
  }

  int id(int index) {
    return ids[index];
  }

  int start(int index) {
    return starts[index];
  }

  int end(int index) {
    return ends[index];
  }
}
