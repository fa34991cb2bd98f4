package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A set of code points, made for looking up: 128 bits for ASCII, two levels of bits for the rest.
 */
final class CharTable {
  private static final int BLOCK = 256;
  private static final int WORDS = BLOCK / Long.SIZE;

  private final long low;
  private final long high;

  /** Which block of {@link #bits} serves 256 code points; equal blocks are kept once. */
  private final short[] blocks = new short[CodePoints.LIMIT / BLOCK];

  private final long[] bits;

  CharTable(ImmutableRangeSet<Integer> set) {
    long[] all = Arrays.copyOf(CodePoints.table(set).toLongArray(), CodePoints.LIMIT / Long.SIZE);
    Map<LongBuffer, Short> known = new LinkedHashMap<>();
    for (int block = 0; block < blocks.length; block++) {
      LongBuffer here = LongBuffer.wrap(all, WORDS * block, WORDS).slice();
      Short number = known.putIfAbsent(here, (short) known.size());
      blocks[block] = number == null ? (short) (known.size() - 1) : number;
    }
    bits = new long[WORDS * known.size()];
    LongBuffer to = LongBuffer.wrap(bits);
    known.keySet().forEach(block -> to.put(block.duplicate()));
    low = bits[WORDS * blocks[0]];
    high = bits[WORDS * blocks[0] + 1];
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

  /** The end of a run of members, of at most this many characters. */
  int skip(byte[] text, int from, int end, int max) {
    int at = from;
    for (int i = 0; i < max && at < end && at(text, at); i++) {
      at += TextBuffer.sizeAt(text, at);
    }
    return at;
  }
}
