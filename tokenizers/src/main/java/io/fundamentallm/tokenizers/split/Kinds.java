package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;
import io.fundamentallm.tokenizers.unicode.Unicode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What published patterns check about a character, as bits, and runs of characters of a kind in
 * UTF-8. Control characters, unassigned ones and the like have none of the bits.
 */
final class Kinds {
  /** Categories Lu and Lt. */
  static final int UPPER = 1;

  /** Category Ll. */
  static final int LOWER = 2;

  /** Categories Lm and Lo. */
  static final int CASELESS = 4;

  /** Categories M. */
  static final int MARK = 8;

  /** Categories N. */
  static final int NUMBER = 16;

  /** The property White_Space. */
  static final int SPACE = 32;

  /** Categories P and S. */
  static final int SYMBOL = 64;

  /** Categories L. */
  static final int LETTER = UPPER | LOWER | CASELESS;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final byte[] BASIC = basic();

  private Kinds() {}

  /** The kind of a code point. */
  static int of(int codePoint) {
    return codePoint < 0x10000 ? BASIC[codePoint] : find(codePoint);
  }

  /** The kind of the character that begins at a place. */
  static int at(byte[] text, int at) {
    int b = text[at];
    return b >= 0 ? BASIC[b] : of(TextBuffer.codePointAt(text, at));
  }

  /** The end of the run of characters of these kinds that begins at a place. */
  static int run(byte[] text, int at, int to, int kinds) {
    while (at < to) {
      int b = text[at];
      if (b >= 0) {
        if ((BASIC[b] & kinds) == 0) {
          return at;
        }
        at++;
      } else {
        if ((of(TextBuffer.codePointAt(text, at)) & kinds) == 0) {
          return at;
        }
        at += TextBuffer.sizeAt(text, at);
      }
    }
    return at;
  }

  /** The end of the run of characters of none of these kinds. */
  static int othersEnd(byte[] text, int at, int to, int kinds) {
    while (at < to) {
      int b = text[at];
      if (b >= 0) {
        if ((BASIC[b] & kinds) != 0) {
          return at;
        }
        at++;
      } else {
        if ((of(TextBuffer.codePointAt(text, at)) & kinds) != 0) {
          return at;
        }
        at += TextBuffer.sizeAt(text, at);
      }
    }
    return at;
  }

  /**
   * The end of the run of letters. Eight ASCII letters are tested at once, so that the common word
   * takes one test and no loop.
   */
  static int letters(byte[] text, int at, int to) {
    while (at < to) {
      if (at + 8 > text.length) {
        return run(text, at, to, LETTER);
      }
      long word = (long) LONG.get(text, at);
      int letters = leading(word | 0x2020202020202020L, 'a', 'z', word);
      at += letters;
      if (letters < 8) {
        if (at >= to) {
          return to;
        }
        if (text[at] >= 0 || (of(TextBuffer.codePointAt(text, at)) & LETTER) == 0) {
          return at;
        }
        at = run(text, at + TextBuffer.sizeAt(text, at), to, LETTER);
        return at;
      }
    }
    return to;
  }

  /** The end of the run of lower-case ASCII letters. */
  static int lowerAscii(byte[] text, int at, int to) {
    while (at < to) {
      if (at + 8 > text.length) {
        while (at < to && text[at] >= 'a' && text[at] <= 'z') {
          at++;
        }
        return at;
      }
      long word = (long) LONG.get(text, at);
      int letters = leading(word, 'a', 'z', word);
      at += letters;
      if (letters < 8) {
        return Math.min(at, to);
      }
    }
    return to;
  }

  /** How many of the eight bytes, from the lowest, are ASCII and in a range. */
  private static int leading(long folded, char first, char last, long word) {
    long low = folded & 0x7F7F7F7F7F7F7F7FL;
    long in =
        (low + 0x0101010101010101L * (0x80 - first))
            & ~(low + 0x0101010101010101L * (0x7F - last))
            & ~word;
    return Long.numberOfTrailingZeros(~in & 0x8080808080808080L) >>> 3;
  }

  private static byte[] basic() {
    byte[] kinds = new byte[0x10000];
    for (int c = 0; c < kinds.length; c++) {
      kinds[c] = (byte) find(c);
    }
    return kinds;
  }

  private static int find(int codePoint) {
    int category = Unicode.category(codePoint);
    if (Unicode.isWhiteSpace(codePoint)) {
      return SPACE;
    }
    return switch (category) {
      case Unicode.LU, Unicode.LT -> UPPER;
      case Unicode.LL -> LOWER;
      case Unicode.LM, Unicode.LO -> CASELESS;
      case Unicode.MN, Unicode.MC, Unicode.ME -> MARK;
      case Unicode.ND, Unicode.NL, Unicode.NO -> NUMBER;
      case Unicode.PC,
          Unicode.PD,
          Unicode.PS,
          Unicode.PE,
          Unicode.PI,
          Unicode.PF,
          Unicode.PO,
          Unicode.SM,
          Unicode.SC,
          Unicode.SK,
          Unicode.SO ->
          SYMBOL;
      default -> 0;
    };
  }
}
