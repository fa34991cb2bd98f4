package io.fundamentallm.tokenizers.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * SentencePiece's {@code precompiled_charsmap}: rules that replace one string with another. The
 * blob is the size of a trie, the trie as darts-clone's double array of 32-bit units, and the
 * replacements, which the trie's values point into, each followed by a zero byte. Immutable and
 * thread-safe.
 */
public final class PrecompiledCharsmap {
  private static final int LABEL_MASK = 0x800000FF;
  private static final int HAS_LEAF = 1 << 8;
  private static final int VALUE_MASK = 0x7FFFFFFF;

  /** SentencePiece's normalizer looks at only this many matches (kMaxTrieResultsSize). */
  private static final int MAX_MATCHES = 32;

  private final int[] units;
  private final byte[] replacements;
  private final int root;

  /** ASCII characters that stay as they are if another one, or nothing, follows. */
  private final boolean[] plain = new boolean[256];

  /**
   * Reads a blob.
   *
   * @throws IllegalArgumentException if it is broken; the message says where
   */
  public PrecompiledCharsmap(byte[] blob) {
    ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
    if (blob.length < 8) {
      throw new IllegalArgumentException("precompiled_charsmap has only " + blob.length + " bytes");
    }
    int size = in.getInt();
    // blocks of 256 units: a node's children are at offset ^ byte, within one block
    if (size <= 0 || size % 1024 != 0 || size > blob.length - 4) {
      throw new IllegalArgumentException(
          String.format(
              "precompiled_charsmap, byte 0: a trie of %d bytes among %d",
              size & 0xFFFFFFFFL, blob.length));
    }
    units = new int[size / 4];
    in.asIntBuffer().get(units);
    replacements = Arrays.copyOfRange(blob, 4 + size, blob.length);
    checkText();
    checkUnits();
    root = offset(units[0]);
    findPlain();
  }

  private void checkText() {
    try {
      CharBuffer unused = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "precompiled_charsmap, byte " + (4 + units.length * 4) + ": not UTF-8", e);
    }
  }

  private void checkUnits() {
    for (int i = 0; i < units.length; i++) {
      int unit = units[i];
      if (unit < 0) {
        continue;
      }
      int children = i ^ offset(unit);
      if (children < 0 || children >= units.length) {
        throw new IllegalArgumentException(
            "precompiled_charsmap, byte "
                + (4 + i * 4)
                + ": a node's children are outside the trie");
      }
      int value = units[children] & VALUE_MASK;
      if ((unit & HAS_LEAF) != 0
          && (value >= replacements.length || (replacements[value] & 0xC0) == 0x80)) {
        throw new IllegalArgumentException(
            "precompiled_charsmap, byte "
                + (4 + children * 4)
                + ": no replacement begins at "
                + value);
      }
    }
  }

  private void findPlain() {
    for (int b = 1; b < 128; b++) {
      int at = root ^ b;
      int unit = units[at];
      plain[b] = true;
      if ((unit & LABEL_MASK) == b) {
        int children = at ^ offset(unit);
        plain[b] = (unit & HAS_LEAF) == 0;
        for (int next = 1; next < 128; next++) {
          plain[b] &= (units[children ^ next] & LABEL_MASK) != next;
        }
      }
    }
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >> 6);
  }

  /**
   * Whether this byte is an ASCII character that no rule changes if another ASCII character, or
   * nothing, follows.
   */
  public boolean plain(int b) {
    return plain[b & 0xFF];
  }

  /** The place of the replacement of the shortest string that the text begins with, or -1. */
  int shortest(byte[] text, int from, int to) {
    int node = root;
    for (int i = from; i < to && text[i] != 0; i++) {
      int b = text[i] & 0xFF;
      node ^= b;
      int unit = units[node];
      if ((unit & LABEL_MASK) != b) {
        return -1;
      }
      node ^= offset(unit);
      if ((unit & HAS_LEAF) != 0) {
        return units[node] & VALUE_MASK;
      }
    }
    return -1;
  }

  /**
   * The length of the longest string that the text begins with in the upper 32 bits, the place of
   * its replacement in the lower; or 0.
   */
  public long longest(byte[] text, int from, int to) {
    int node = root;
    long longest = 0;
    int matches = 0;
    for (int i = from; i < to && text[i] != 0; i++) {
      int b = text[i] & 0xFF;
      node ^= b;
      int unit = units[node];
      if ((unit & LABEL_MASK) != b) {
        break;
      }
      node ^= offset(unit);
      if ((unit & HAS_LEAF) != 0) {
        longest = (i + 1L - from) << 32 | (units[node] & VALUE_MASK);
        if (++matches == MAX_MATCHES) {
          break;
        }
      }
    }
    return longest;
  }

  /** The array that the replacements are in; each ends before a zero byte or the array's end. */
  public byte[] replacements() {
    return replacements;
  }

  /** Adds a replacement to a text, all of it with one source. */
  void replace(int place, TextBuffer out, int sourceStart, int sourceEnd) {
    for (int i = place; i < replacements.length && replacements[i] != 0; i++) {
      out.add(replacements[i], sourceStart, sourceEnd);
    }
  }
}
