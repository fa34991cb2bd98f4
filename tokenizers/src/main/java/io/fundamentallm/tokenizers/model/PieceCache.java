package io.fundamentallm.tokenizers.model;

import static io.fundamentallm.tokenizers.model.ByteStrings.LONG;

/**
 * The tokens of short pieces seen before: direct-mapped, one cache line an entry. One thread at a
 * time.
 */
final class PieceCache {
  /** The longest piece that is kept: four words, less a byte for its length. */
  static final int LONGEST = 31;

  /** The most tokens of a piece that is kept. */
  static final int MAX_TOKENS = 7;

  private static final int BITS = 14;

  /** Eight words an entry: four of text, then a count and up to seven ids in 32 bits each. */
  private final long[] entries = new long[8 << BITS];

  private long word0;
  private long word1;
  private long word2;
  private long word3;

  /**
   * Looks a piece up and appends its tokens.
   *
   * @param text readable up to 32 bytes past {@code from}
   * @param length at most {@link #LONGEST}
   * @return how many tokens were written, or -1; then {@link #put} may keep them
   */
  int get(byte[] text, int from, int length, int[] ids, int at) {
    int slot = find(text, from, length);
    if (slot < 0) {
      return -1;
    }
    long first = entries[slot + 4];
    int count = (int) first;
    ids[at] = (int) (first >>> 32);
    for (int i = 1; i < count; i += 2) {
      long two = entries[slot + 4 + ((i + 1) >> 1)];
      ids[at + i] = (int) two;
      if (i + 1 < count) {
        ids[at + i + 1] = (int) (two >>> 32);
      }
    }
    return count;
  }

  private int find(byte[] text, int from, int length) {
    read(text, from, length);
    int slot = slot();
    return entries[slot] == word0
            && entries[slot + 1] == word1
            && entries[slot + 2] == word2
            && entries[slot + 3] == word3
        ? slot
        : -1;
  }

  private void read(byte[] text, int from, int length) {
    word0 = word(text, from, length);
    word1 = length > 8 ? word(text, from + 8, length - 8) : 0;
    word2 = length > 16 ? word(text, from + 16, length - 16) : 0;
    word3 = (length > 24 ? word(text, from + 24, length - 24) : 0) | ((long) length << 56);
  }

  /** Keeps the tokens of a piece. */
  void put(byte[] text, int from, int length, int[] ids, int at, int count) {
    if (count < 1 || count > MAX_TOKENS) {
      return;
    }
    read(text, from, length);
    int slot = slot();
    entries[slot] = word0;
    entries[slot + 1] = word1;
    entries[slot + 2] = word2;
    entries[slot + 3] = word3;
    entries[slot + 4] = count | ((long) ids[at] << 32);
    for (int i = 1; i < count; i += 2) {
      long second = i + 1 < count ? (long) ids[at + i + 1] << 32 : 0;
      entries[slot + 4 + ((i + 1) >> 1)] = ids[at + i] | second;
    }
  }

  private int slot() {
    long hash = (word0 * 0x9E3779B97F4A7C15L) ^ Long.rotateLeft(word1 * 0xC2B2AE3D27D4EB4FL, 23);
    hash ^= Long.rotateLeft((word2 ^ Long.rotateLeft(word3, 17)) * 0x165667B19E3779F9L, 41);
    hash *= 0x9E3779B97F4A7C15L;
    return (int) (hash >>> (64 - BITS)) << 3;
  }

  private static long word(byte[] text, int from, int length) {
    long word = (long) LONG.get(text, from);
    return length >= 8 ? word : word & (-1L >>> (64 - 8 * length));
  }
}
