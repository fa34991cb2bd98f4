package io.fundamentallm.tokenizers.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The byte strings of a vocabulary: by id, and by content in a hash table that compares whole words
 * of memory. Three tables for three ranges of length: a string of up to 7 bytes is one 64-bit word
 * with its length on top, one of up to 15 bytes is two, longer ones are hashed and compared; one or
 * two bytes are a number. So nearly all strings of a text cost one cache line each. Immutable and
 * thread-safe.
 */
public final class ByteStrings {
  /** How far past a searched range the array must be readable. */
  public static final int SLACK = 16;

  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** Masks for the lowest n bytes of a word. */
  private static final long[] MASK = masks();

  private static final long MIX = 0x9E3779B97F4A7C15L;
  private static final int BITS_OF_4 = 18;
  private static final int BITS_OF_8 = 16;

  /** The highest bit of the lengths by eight bytes stands for all lengths from here on. */
  private static final int LONG_LENGTH = 23;

  private final byte[] pool;
  private final int[] offsets;
  private final int longest;

  /** Pairs of key and id + 1. */
  private final long[] upTo7;

  private final int shift7;

  /** Triples of two keys and id + 1, at a stride of four. */
  private final long[] upTo15;

  private final int shift15;

  /** Ids + 1. */
  private final int[] longer;

  /** Ids + 1 of strings of one byte, then of two bytes, indexed by their value as a number. */
  private final int[] upTo2 = new int[256 + 65536];

  /** For each two bytes, 1 if they are a string, 2 if a string of three begins with them. */
  private final byte[] lengthsBy2 = new byte[65536];

  /** For each hashed first four bytes, which lengths from 4 to 7 strings with them have. */
  private final byte[] lengthsBy4 = new byte[1 << BITS_OF_4];

  /** For each hashed first eight bytes, which lengths from 8 up, starting at bit 0. */
  private final short[] lengthsBy8 = new short[1 << BITS_OF_8];

  /** The lengths from {@link #LONG_LENGTH} on, ascending. */
  private final int[] longLengths;

  private ByteStrings(byte[] pool, int[] offsets, boolean[] hidden) {
    this.pool = pool;
    this.offsets = offsets;
    int n7 = 0;
    int n15 = 0;
    int nLonger = 0;
    int longest = 0;
    for (int id = 0; id < size(); id++) {
      int length = length(id);
      longest = Math.max(longest, length);
      n7 += length > 2 && length <= 7 ? 1 : 0;
      n15 += length > 7 && length <= 15 ? 1 : 0;
      nLonger += length > 15 ? 1 : 0;
    }
    this.longest = longest;
    upTo7 = new long[2 * capacity(n7)];
    shift7 = 64 - Integer.numberOfTrailingZeros(upTo7.length / 2);
    upTo15 = new long[4 * capacity(n15)];
    shift15 = 64 - Integer.numberOfTrailingZeros(upTo15.length / 4);
    longer = new int[capacity(nLonger)];
    boolean[] isLong = new boolean[longest + 1];
    for (int id = 0; id < size(); id++) {
      if (!hidden[id] && length(id) > 0) {
        put(id);
        if (length(id) >= LONG_LENGTH) {
          isLong[length(id)] = true;
        }
      }
    }
    int[] lengths = new int[longest + 1];
    int count = 0;
    for (int length = 0; length <= longest; length++) {
      if (isLong[length]) {
        lengths[count++] = length;
      }
    }
    longLengths = Arrays.copyOf(lengths, count);
  }

  private static int capacity(int entries) {
    // between a third and two thirds full
    return Integer.highestOneBit(Math.max(entries + entries / 2, 4)) * 2;
  }

  private void put(int id) {
    int from = offsets[id];
    int to = offsets[id + 1];
    int length = to - from;
    if (length >= 8) {
      lengthsBy8[prefix8(pool, from)] |= (short) (1 << (Math.min(length, LONG_LENGTH) - 8));
    } else if (length >= 4) {
      lengthsBy4[prefix4(pool, from)] |= (byte) (1 << length);
    } else if (length >= 2) {
      lengthsBy2[prefix2(pool, from)] |= (byte) (length - 1);
    }
    if (length <= 2) {
      int at = length == 1 ? pool[from] & 0xFF : 256 + prefix2(pool, from);
      upTo2[at] = upTo2[at] == 0 ? id + 1 : upTo2[at];
    } else if (length <= 7) {
      long key = key7(pool, from, length);
      int at = (int) ((key * MIX) >>> shift7) * 2;
      while (upTo7[at + 1] != 0) {
        at = (at + 2) & (upTo7.length - 1);
      }
      upTo7[at] = key;
      upTo7[at + 1] = id + 1L;
    } else if (length <= 15) {
      long first = (long) LONG.get(pool, from);
      long second = key7(pool, from + 8, length - 8) | (8L << 56);
      int at = (int) (mix(first, second) >>> shift15) * 4;
      while (upTo15[at + 2] != 0) {
        at = (at + 4) & (upTo15.length - 1);
      }
      upTo15[at] = first;
      upTo15[at + 1] = second;
      upTo15[at + 2] = id + 1L;
    } else {
      int at = hash(pool, from, to) & (longer.length - 1);
      while (longer[at] != 0) {
        at = (at + 1) & (longer.length - 1);
      }
      longer[at] = id + 1;
    }
  }

  /** How many strings there are, hidden ones included. */
  public int size() {
    return offsets.length - 1;
  }

  /** The length of a string in bytes. */
  public int length(int id) {
    return offsets[id + 1] - offsets[id];
  }

  boolean startsWith(int id, byte[] prefix) {
    return length(id) >= prefix.length
        && Arrays.equals(pool, offsets[id], offsets[id] + prefix.length, prefix, 0, prefix.length);
  }

  boolean endsWith(int id, byte[] suffix) {
    int end = offsets[id + 1];
    return length(id) >= suffix.length
        && Arrays.equals(pool, end - suffix.length, end, suffix, 0, suffix.length);
  }

  /** A copy of a string. */
  public byte[] bytes(int id) {
    return Arrays.copyOfRange(pool, offsets[id], offsets[id + 1]);
  }

  /** Copies a string to a place in an array, and may write up to {@link #SLACK} bytes past it. */
  public int copy(int id, byte[] target, int at) {
    int from = offsets[id];
    int length = offsets[id + 1] - from;
    if (length <= 16) {
      LONG.set(target, at, (long) LONG.get(pool, from));
      LONG.set(target, at + 8, (long) LONG.get(pool, from + 8));
    } else {
      System.arraycopy(pool, from, target, at, length);
    }
    return at + length;
  }

  /**
   * The id of the string {@code text[from, to)}, or -1.
   *
   * @param text readable up to {@code to + SLACK}
   */
  public int find(byte[] text, int from, int to) {
    int length = to - from;
    if (length <= 2) {
      return length == 2
          ? upTo2[256 + prefix2(text, from)] - 1
          : length == 1 ? upTo2[text[from] & 0xFF] - 1 : -1;
    }
    if (length <= 7) {
      long key = key7(text, from, length);
      int at = (int) ((key * MIX) >>> shift7) * 2;
      while (true) {
        long id = upTo7[at + 1];
        if (upTo7[at] == key || id == 0) {
          return (int) id - 1;
        }
        at = (at + 2) & (upTo7.length - 1);
      }
    }
    return length <= 15 ? find15(text, from, length) : findLonger(text, from, to);
  }

  private int find15(byte[] text, int from, int length) {
    long first = (long) LONG.get(text, from);
    long second = key7(text, from + 8, length - 8) | (8L << 56);
    int at = (int) (mix(first, second) >>> shift15) * 4;
    while (true) {
      long id = upTo15[at + 2];
      if ((upTo15[at] == first && upTo15[at + 1] == second) || id == 0) {
        return (int) id - 1;
      }
      at = (at + 4) & (upTo15.length - 1);
    }
  }

  private int findLonger(byte[] text, int from, int to) {
    if (to - from > longest) {
      return -1;
    }
    int at = hash(text, from, to) & (longer.length - 1);
    while (true) {
      int id = longer[at] - 1;
      if (id < 0 || Arrays.equals(pool, offsets[id], offsets[id + 1], text, from, to)) {
        return id;
      }
      at = (at + 1) & (longer.length - 1);
    }
  }

  /** The longest string that is a prefix of {@code text[from, to)}; or -1. */
  public int longestPrefix(byte[] text, int from, int to) {
    return (int) longestPrefix(text, from, to, Integer.MAX_VALUE);
  }

  /**
   * The longest string that is a prefix of {@code text[from, to)} and shorter than a limit.
   *
   * @return its length in the upper half and its id in the lower; or -1
   */
  long longestPrefix(byte[] text, int from, int to, int shorterThan) {
    int max = Math.min(to - from, shorterThan - 1);
    if (max >= 8) {
      int lengths = lengthsBy8[prefix8(text, from)];
      if (lengths != 0) {
        if (lengths < 0) {
          long found = longPrefix(text, from, max);
          if (found >= 0) {
            return found;
          }
        }
        lengths &= max >= LONG_LENGTH ? 0x7FFF : (2 << (max - 8)) - 1;
        while (lengths != 0) {
          int length = 39 - Integer.numberOfLeadingZeros(lengths);
          int id = find(text, from, from + length);
          if (id >= 0) {
            return (long) length << 32 | id;
          }
          lengths ^= 1 << (length - 8);
        }
      }
    }
    if (max >= 4) {
      int lengths = lengthsBy4[prefix4(text, from)] & ((2 << Math.min(max, 7)) - 1);
      while (lengths != 0) {
        int length = 31 - Integer.numberOfLeadingZeros(lengths);
        int id = find(text, from, from + length);
        if (id >= 0) {
          return (long) length << 32 | id;
        }
        lengths ^= 1 << length;
      }
    }
    return shortPrefix(text, from, max);
  }

  private long longPrefix(byte[] text, int from, int max) {
    for (int i = longLengths.length - 1; i >= 0; i--) {
      if (longLengths[i] <= max) {
        int id = find(text, from, from + longLengths[i]);
        if (id >= 0) {
          return (long) longLengths[i] << 32 | id;
        }
      }
    }
    return -1;
  }

  private long shortPrefix(byte[] text, int from, int max) {
    if (max >= 2) {
      int two = prefix2(text, from);
      int lengths = lengthsBy2[two];
      if (max >= 3 && (lengths & 2) != 0) {
        int id = find(text, from, from + 3);
        if (id >= 0) {
          return 3L << 32 | id;
        }
      }
      if ((lengths & 1) != 0) {
        return 2L << 32 | (upTo2[256 + two] - 1);
      }
    }
    int id = max >= 1 ? upTo2[text[from] & 0xFF] - 1 : -1;
    return id < 0 ? -1 : 1L << 32 | id;
  }

  private static long key7(byte[] text, int from, int length) {
    return ((long) LONG.get(text, from) & MASK[length]) | ((long) length << 56);
  }

  private static long mix(long first, long second) {
    return ((first * MIX) ^ Long.rotateLeft(second * MIX, 32)) * MIX;
  }

  private static int prefix2(byte[] text, int from) {
    return (text[from] & 0xFF) | ((text[from + 1] & 0xFF) << 8);
  }

  private static int prefix4(byte[] text, int from) {
    return ((int) INT.get(text, from) * 0x9E3779B1) >>> (32 - BITS_OF_4);
  }

  private static int prefix8(byte[] text, int from) {
    return (int) (((long) LONG.get(text, from) * MIX) >>> (64 - BITS_OF_8));
  }

  private static int hash(byte[] text, int from, int to) {
    long hash = (long) to - from;
    int i = from;
    for (; i + 8 <= to; i += 8) {
      hash = (hash ^ (long) LONG.get(text, i)) * MIX;
      hash ^= hash >>> 32;
    }
    hash = (hash ^ ((long) LONG.get(text, i) & MASK[to - i])) * MIX;
    return (int) (hash >>> 32);
  }

  private static long[] masks() {
    long[] masks = new long[9];
    for (int i = 1; i <= 8; i++) {
      masks[i] = -1L >>> (64 - 8 * i);
    }
    return masks;
  }

  /** Collects strings in the order of their ids. One thread at a time. */
  public static final class Builder {
    private byte[] pool;
    private int length;
    private int[] offsets;
    private boolean[] hidden;
    private int count;

    /** A builder for about this many strings. */
    public Builder(int expected) {
      pool = new byte[expected * 8 + 64];
      offsets = new int[expected + 1];
      hidden = new boolean[expected];
    }

    /** How many there are so far; the id of the next. */
    public int size() {
      return count;
    }

    /** Room for a string of at most this many bytes, to be written from {@link #at()} on. */
    public byte[] reserve(int max) {
      int needed = Math.addExact(length, Math.addExact(max, SLACK));
      if (needed > pool.length) {
        pool = Arrays.copyOf(pool, Math.max(needed, length + (length >> 1)));
      }
      return pool;
    }

    /** Where in {@link #reserve} the next string begins. */
    public int at() {
      return length;
    }

    /** Adds the string that was written into {@link #reserve}. */
    public void add(int size, boolean hide) {
      if (count == hidden.length) {
        hidden = Arrays.copyOf(hidden, count + (count >> 1) + 16);
        offsets = Arrays.copyOf(offsets, hidden.length + 1);
      }
      hidden[count++] = hide;
      length += size;
      offsets[count] = length;
    }

    /** Adds a string. A hidden one has its bytes, but is never found in text. */
    public void add(byte[] string, boolean hide) {
      System.arraycopy(string, 0, reserve(string.length), length, string.length);
      add(string.length, hide);
    }

    /** The strings. Of equal ones, the first is found. */
    public ByteStrings build() {
      reserve(SLACK);
      return new ByteStrings(pool, Arrays.copyOf(offsets, count + 1), hidden);
    }
  }
}
