package io.fundamentallm.tokenizers.train;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * How often each word was seen. The words are one after the other in one array, in the order in
 * which they first appeared, and are found through an open-addressing table.
 *
 * <p>The table is bounded, so that a text of any size can be counted in a fixed heap. When the
 * words or their bytes would exceed the limit, rare words are dropped as in word2vec's {@code
 * ReduceVocab}: all words seen at most t times, with the smallest t that leaves at most half of
 * both limits in use. A dropped word that reappears begins at one. So counts of frequent words stay
 * exact unless they were rare for a long time, the result depends only on the words and their
 * order, and a text that fits is counted exactly. A word longer than half of the limit of bytes is
 * never counted.
 *
 * <p>One thread at a time.
 */
public final class WordCounts {
  /** Words kept by default. */
  public static final int DEFAULT_MAX_WORDS = 4_000_000;

  /** Bytes of words kept by default. */
  public static final int DEFAULT_MAX_BYTES = 64 << 20;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Reads of eight bytes may run past a word's end by this much. */
  private static final int SLACK = Long.BYTES;

  /** 2^64 divided by the golden ratio, Knuth's multiplier for hashing. */
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final int maxWords;
  private final int maxBytes;

  private byte[] pool = new byte[(1 << 16) + SLACK];
  private int[] starts = new int[1 << 12]; // [size + 1]
  private long[] counts = new long[1 << 12];
  private int size;

  /** The upper half of a word's hash and its number plus one; 0 if free. */
  private long[] slots = new long[1 << 13];

  private byte[] tail = new byte[64];

  /** An empty table with the default limits. */
  public WordCounts() {
    this(DEFAULT_MAX_WORDS, DEFAULT_MAX_BYTES);
  }

  /** An empty table that never holds more than this many words, or bytes of words. */
  public WordCounts(int maxWords, int maxBytes) {
    if (maxWords < 2 || maxBytes < 2 || maxWords > 1 << 28 || maxBytes > 1 << 30) {
      throw new IllegalArgumentException(
          "limits of a word table are 2 to 2^28 words and 2 to 2^30 bytes, not "
              + maxWords
              + " and "
              + maxBytes);
    }
    this.maxWords = maxWords;
    this.maxBytes = maxBytes;
  }

  /** How many different words there are. */
  public int size() {
    return size;
  }

  /** How often a word was seen. */
  public long count(int word) {
    return counts[word];
  }

  /** Where a word begins in {@link #pool}. */
  public int start(int word) {
    return starts[word];
  }

  /** Where a word ends in {@link #pool}. */
  public int end(int word) {
    return starts[word + 1];
  }

  /** The words' bytes; another array after growth. */
  public byte[] pool() {
    return pool;
  }

  /** How many bytes the words have. */
  public int bytes() {
    return starts[size];
  }

  /** Counts a word, {@code text[from, to)}, this many more times. */
  public void add(byte[] text, int from, int to, long times) {
    if (to + SLACK > text.length) { // only near the end of an array
      int length = to - from;
      if (tail.length < length + SLACK) {
        tail = new byte[length + SLACK];
      }
      System.arraycopy(text, from, tail, 0, length);
      addSlack(tail, 0, length, times);
    } else {
      addSlack(text, from, to, times);
    }
  }

  private void addSlack(byte[] text, int from, int to, long times) {
    int length = to - from;
    if (length <= 0) {
      return;
    }
    if (length > maxBytes / 2) {
      return;
    }
    int tag = hash(text, from, length);
    int mask = slots.length - 1;
    for (int slot = tag & mask; ; slot = slot + 1 & mask) {
      long entry = slots[slot];
      if (entry == 0) {
        insert(text, from, length, tag, slot, times);
        return;
      }
      if ((int) (entry >>> 32) == tag) {
        int word = (int) entry - 1;
        if (starts[word + 1] - starts[word] == length && equal(starts[word], text, from, length)) {
          counts[word] += times;
          return;
        }
      }
    }
  }

  private void insert(byte[] text, int from, int length, int tag, int slot, long times) {
    if (size == maxWords || length > maxBytes - starts[size]) {
      prune();
      addSlack(text, from, from + length, times);
      return;
    }
    int start = starts[size];
    if (start + length + SLACK > pool.length) {
      long grown = Math.max((long) pool.length + (pool.length >> 1), (long) start + length);
      pool = Arrays.copyOf(pool, (int) Math.min(grown, maxBytes) + SLACK);
    }
    System.arraycopy(text, from, pool, start, length);
    if (size + 2 > starts.length) {
      starts = Arrays.copyOf(starts, starts.length + (starts.length >> 1));
      counts = Arrays.copyOf(counts, starts.length);
    }
    counts[size] = times;
    starts[++size] = start + length;
    slots[slot] = (long) tag << 32 | size;
    if (size > slots.length / 4 * 3) {
      rehash(slots.length * 2);
    }
  }

  private void prune() {
    long threshold = 0;
    long words;
    long bytes;
    do {
      long min = Long.MAX_VALUE;
      for (int word = 0; word < size; word++) {
        if (counts[word] > threshold) {
          min = Math.min(min, counts[word]);
        }
      }
      threshold = min;
      words = 0;
      bytes = 0;
      for (int word = 0; word < size; word++) {
        if (counts[word] > threshold) {
          words++;
          bytes += starts[word + 1] - starts[word];
        }
      }
    } while (words > maxWords / 2 || bytes > maxBytes / 2);
    keepAbove(threshold);
  }

  private void keepAbove(long threshold) {
    int kept = 0;
    int at = 0;
    for (int word = 0; word < size; word++) {
      int start = starts[word];
      int length = starts[word + 1] - start;
      if (counts[word] > threshold) {
        System.arraycopy(pool, start, pool, at, length);
        counts[kept] = counts[word];
        starts[kept++] = at; // starts[word + 1] is still to be read, and kept <= word
        at += length;
      }
    }
    starts[kept] = at;
    size = kept;
    rehash(slots.length);
  }

  private void rehash(int capacity) {
    slots = new long[capacity];
    int mask = capacity - 1;
    for (int word = 0; word < size; word++) {
      int tag = hash(pool, starts[word], starts[word + 1] - starts[word]);
      int slot = tag & mask;
      while (slots[slot] != 0) {
        slot = slot + 1 & mask;
      }
      slots[slot] = (long) tag << 32 | (word + 1);
    }
  }

  private static int hash(byte[] text, int from, int length) {
    long hash = length * MULTIPLIER;
    int at = from;
    for (int left = length; left > 0; left -= Long.BYTES, at += Long.BYTES) {
      long chunk = (long) LONG.get(text, at);
      if (left < Long.BYTES) {
        chunk &= -1L >>> (64 - 8 * left);
      }
      hash = (hash ^ chunk) * MULTIPLIER;
      hash ^= hash >>> 32;
    }
    return (int) ((hash * MULTIPLIER) >>> 32);
  }

  private boolean equal(int start, byte[] text, int from, int length) {
    for (int i = 0; i < length; i += Long.BYTES) {
      long difference = (long) LONG.get(pool, start + i) ^ (long) LONG.get(text, from + i);
      int left = length - i;
      if (left < Long.BYTES) {
        difference &= -1L >>> (64 - 8 * left);
      }
      if (difference != 0) {
        return false;
      }
    }
    return true;
  }
}
