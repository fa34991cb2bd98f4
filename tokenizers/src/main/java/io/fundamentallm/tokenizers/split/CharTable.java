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
    Block last = new Block(0, 0, 0, 0);
    short lastNumber = -1;
    int range = 0;
    for (int block = 0; block < blocks.length; block++) {
      int from = block * BLOCK;
      while (range < set.ranges() && set.last(range) < from) {
        range++;
      }
      Block here =
          new Block(
              word(set, range, from),
              word(set, range, from + 64),
              word(set, range, from + 128),
              word(set, range, from + 192));
      // neighbours are often equal
      if (lastNumber < 0 || !here.equals(last)) {
        Short found = known.putIfAbsent(here, (short) known.size());
        if (found == null) {
          lastNumber = (short) (known.size() - 1);
          if (collected.length < 4 * known.size()) {
            collected = Arrays.copyOf(collected, 2 * collected.length);
          }
          here.write(collected, 4 * lastNumber);
        } else {
          lastNumber = found;
        }
        last = here;
      }
      blocks[block] = lastNumber;
    }
    bits = Arrays.copyOf(collected, 4 * known.size());
    low = bits[4 * blocks[0]];
    high = bits[4 * blocks[0] + 1];
  }

  /** The members among 64 code points, when those of no range before this one are. */
  private static long word(CharSet set, int range, int from) {
    long word = 0;
    for (int r = range; r < set.ranges() && set.first(r) < from + 64; r++) {
      int first = Math.max(set.first(r) - from, 0);
      int last = Math.min(set.last(r) - from, 63);
      if (first <= last) {
        word |= (-1L << first) & (-1L >>> (63 - last));
      }
    }
    return word;
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
    void write(long[] to, int at) {
      to[at] = a;
      to[at + 1] = b;
      to[at + 2] = c;
      to[at + 3] = d;
    }
  }
}
