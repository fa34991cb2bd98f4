package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A {@link CharSet} made for looking up: 128 bits for ASCII, two levels of bits for the rest. */
final class CharTable {
  private static final int BLOCK = 256;

  private final long low;
  private final long high;

  /** Which block of {@link #bits} serves 256 code points; equal blocks are kept once. */
  private final short[] blocks = new short[CharSet.LIMIT / BLOCK];

  private final long[] bits;

  CharTable(CharSet set) {
    Map<Block, Short> known = new HashMap<>();
    long[] collected = new long[64];
    int range = 0;
    for (int block = 0; block < blocks.length; block++) {
      int from = block * BLOCK;
      while (range < set.ranges() && set.last(range) < from) {
        range++;
      }
      long[] here = new long[4];
      for (int r = range; r < set.ranges() && set.first(r) < from + BLOCK; r++) {
        int first = Math.max(set.first(r), from);
        int last = Math.min(set.last(r), from + BLOCK - 1);
        for (int c = first; c <= last; c++) {
          if ((c & 63) == 0 && c + 63 <= last) {
            here[(c - from) >> 6] = -1;
            c += 63;
          } else {
            here[(c - from) >> 6] |= 1L << c;
          }
        }
      }
      Short found = known.get(new Block(here));
      if (found == null) {
        found = (short) known.size();
        known.put(new Block(here), found);
        if (collected.length < 4 * known.size()) {
          collected = Arrays.copyOf(collected, 2 * collected.length);
        }
        System.arraycopy(here, 0, collected, 4 * found, 4);
      }
      blocks[block] = found;
    }
    bits = Arrays.copyOf(collected, 4 * known.size());
    low = bits[4 * blocks[0]];
    high = bits[4 * blocks[0] + 1];
  }

  boolean contains(int codePoint) {
    return (bits[(blocks[codePoint >> 8] << 2) + (codePoint >> 6 & 3)] >>> codePoint & 1) != 0;
  }

  boolean containsAscii(int b) {
    return ((b < 64 ? low : high) >>> b & 1) != 0;
  }

  /** Whether the character at an index is a member. */
  boolean at(byte[] text, int index) {
    int b = text[index];
    return b >= 0 ? containsAscii(b) : contains(TextBuffer.codePointAt(text, index));
  }

  /** The end of the longest run of members from a position on. */
  int skip(byte[] text, int from, int end) {
    long lowBits = low;
    long highBits = high;
    int at = from;
    while (at < end) {
      int b = text[at];
      if (b >= 0) {
        if (((b < 64 ? lowBits : highBits) >>> b & 1) == 0) {
          return at;
        }
        at++;
      } else {
        if (!contains(TextBuffer.codePointAt(text, at))) {
          return at;
        }
        at += TextBuffer.sizeAt(text, at);
      }
    }
    return at;
  }

  /** The end of the longest run of non-members from a position on. */
  int skipOthers(byte[] text, int from, int end) {
    long lowBits = low;
    long highBits = high;
    int at = from;
    while (at < end) {
      int b = text[at];
      if (b >= 0) {
        if (((b < 64 ? lowBits : highBits) >>> b & 1) != 0) {
          return at;
        }
        at++;
      } else {
        if (contains(TextBuffer.codePointAt(text, at))) {
          return at;
        }
        at += TextBuffer.sizeAt(text, at);
      }
    }
    return at;
  }

  /** The end of a run of members of at most so many characters. */
  int skip(byte[] text, int from, int end, int most) {
    int at = from;
    for (int i = 0; i < most && at < end && at(text, at); i++) {
      at += TextBuffer.sizeAt(text, at);
    }
    return at;
  }

  private record Block(long a, long b, long c, long d) {
    Block(long[] bits) {
      this(bits[0], bits[1], bits[2], bits[3]);
    }
  }
}
