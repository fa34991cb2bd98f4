package io.fundamentallm.tokenizers.model;

/**
 * The tokens of short words, in a direct-mapped table: an entry is a cache line of eight 64-bit
 * words. Three are the word, zero past its end, whose length is in the top byte of the fourth;
 * below that are the number of tokens and the length of all but the last; the other four are ids.
 * One thread at a time.
 */
public final class UnigramCache {
  /** The longest word that fits; the top byte of the third word stays 0. */
  public static final int LONGEST = 23;

  /** Two ids each in four words, but lengths of tokens have only six bytes. */
  private static final int MAX_TOKENS = 7;

  /** 2 MB: a missing entry costs many times a miss of the processor's caches. */
  private static final int ENTRY_BITS = 15;

  private static final int STRIDE = 8;
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final long[] entries = new long[STRIDE << ENTRY_BITS];

  /** The word that was last looked up. */
  private long first;

  private long second;
  private long third;
  private int entry;

  /**
   * Adds the tokens of a word, if it is in the table.
   *
   * @param text readable a few bytes beyond the word, which is no longer than {@link #LONGEST}
   */
  public boolean get(byte[] text, int start, int end, TokenSink out) {
    int length = end - start;
    first = word(text, start, length);
    second = length > 8 ? word(text, start + 8, length - 8) : 0;
    third = (length > 16 ? word(text, start + 16, length - 16) : 0) | (long) length << 56;
    long hash = (first * MIX ^ Long.rotateLeft(second * MIX, 29) ^ third) * MIX;
    hash ^= hash >>> 32;
    entry = (int) ((hash * MIX) >>> (64 - ENTRY_BITS)) * STRIDE;
    long[] entries = this.entries;
    if (entries[entry] != first || entries[entry + 1] != second || entries[entry + 2] != third) {
      return false;
    }
    long sizes = entries[entry + 3];
    int count = (int) (sizes & 0xFF);
    int at = start;
    for (int i = 0; i < count; i++) {
      sizes >>>= 8;
      long pair = entries[entry + 4 + (i >> 1)];
      int to = i == count - 1 ? end : at + (int) (sizes & 0xFF);
      out.add((int) ((i & 1) == 0 ? pair : pair >>> 32), at, to);
      at = to;
    }
    return true;
  }

  /**
   * Keeps the tokens of the word that was last looked up, whose ranges are adjacent.
   *
   * @param ends where they end, from the word's start, the last one first
   * @param before the index of the first one
   */
  public void put(int[] ends, TokenSink out, int before) {
    int count = out.length() - before;
    if (count > MAX_TOKENS) {
      return;
    }
    long sizes = count;
    int end = 0;
    for (int i = 0; i < count - 1; i++) {
      int next = ends[count - 1 - i];
      sizes |= (long) (next - end) << (8 * (i + 1));
      end = next;
    }
    entries[entry] = first;
    entries[entry + 1] = second;
    entries[entry + 2] = third;
    entries[entry + 3] = sizes;
    for (int i = 0; i < MAX_TOKENS; i += 2) {
      long low = i < count ? out.id(before + i) & 0xFFFFFFFFL : 0;
      long high = i + 1 < count ? (long) out.id(before + i + 1) << 32 : 0;
      entries[entry + 4 + (i >> 1)] = low | high;
    }
  }

  private static long word(byte[] text, int from, int length) {
    long word = (long) ByteStrings.LONG.get(text, from);
    return length >= 8 ? word : word & ((1L << (8 * length)) - 1);
  }
}
