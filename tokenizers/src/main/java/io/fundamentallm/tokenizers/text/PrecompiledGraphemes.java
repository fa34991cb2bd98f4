package io.fundamentallm.tokenizers.text;

import io.fundamentallm.tokenizers.unicode.Unicode;

/**
 * Ends of extended grapheme clusters (Unicode Standard Annex 29), as far as they matter to the
 * precompiled normalizer: clusters of six bytes or more are not looked up whole, so the rules that
 * only join characters of three bytes or more (Hangul syllables, flags, emoji sequences, Indic
 * conjuncts) are left out. The property is computed from the general category and its published
 * exceptions.
 */
final class PrecompiledGraphemes {
  private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
  private static final int ZERO_WIDTH_JOINER = 0x200D;

  private PrecompiledGraphemes() {}

  /** The end of the cluster that begins at {@code from}. */
  static int end(byte[] text, int from, int to) {
    int c = TextBuffer.codePointAt(text, from);
    int at = from + TextBuffer.size(c);
    if (c == '\r') {
      return at < to && text[at] == '\n' ? at + 1 : at;
    }
    if (breaks(c)) {
      return at;
    }
    boolean prepend = isPrepend(c);
    while (at < to) {
      int next = text[at];
      if (next >= 0 && !prepend) {
        return at;
      }
      next = TextBuffer.codePointAt(text, at);
      if (!joins(next) && (!prepend || breaks(next))) {
        return at;
      }
      prepend = isPrepend(next);
      at += TextBuffer.size(next);
    }
    return at;
  }

  /** Grapheme_Cluster_Break CR, LF or Control. */
  private static boolean breaks(int c) {
    if (c < 0x80) {
      return c < 0x20 || c == 0x7F;
    }
    return switch (Unicode.category(c)) {
      case Unicode.CC, Unicode.ZL, Unicode.ZP -> true;
      case Unicode.CF -> !joins(c) && !isPrepend(c);
      case Unicode.CN ->
          // unassigned, but Default_Ignorable_Code_Point
          c == 0x2065 || (c >= 0xFFF0 && c <= 0xFFF8) || (c >= 0xE0000 && c <= 0xE0FFF);
      default -> false;
    };
  }

  /** Extend, SpacingMark or ZWJ. */
  private static boolean joins(int c) {
    if (c < 0x300) {
      return false;
    }
    return switch (Unicode.category(c)) {
      case Unicode.MN, Unicode.ME -> true;
      case Unicode.MC -> !isMarkApart(c);
      default ->
          c == ZERO_WIDTH_JOINER
              || c == ZERO_WIDTH_NON_JOINER
              || c == 0xE33 // Thai and Lao vowel sign am
              || c == 0xEB3
              || c == 0xFF9E // halfwidth voiced sound marks
              || c == 0xFF9F
              || (c >= 0x1F3FB && c <= 0x1F3FF) // emoji modifiers
              || (c >= 0xE0020 && c <= 0xE007F); // tags
    };
  }

  /** Spacing marks that the annex excepts, most of them Myanmar and Tai vowels. */
  private static boolean isMarkApart(int c) {
    return c == 0x102B
        || c == 0x102C
        || c == 0x1038
        || (c >= 0x1062 && c <= 0x1064)
        || (c >= 0x1067 && c <= 0x106D)
        || c == 0x1083
        || (c >= 0x1087 && c <= 0x108C)
        || c == 0x108F
        || (c >= 0x109A && c <= 0x109C)
        || c == 0x1A61
        || c == 0x1A63
        || c == 0x1A64
        || c == 0xAA7B
        || c == 0xAA7D
        || c == 0x11720
        || c == 0x11721;
  }

  private static boolean isPrepend(int c) {
    if (c < 0x600) {
      return false;
    }
    return c <= 0x605
        || c == 0x6DD
        || c == 0x70F
        || c == 0x890
        || c == 0x891
        || c == 0x8E2
        || c == 0xD4E
        || c == 0x110BD
        || c == 0x110CD
        || c == 0x111C2
        || c == 0x111C3
        || c == 0x113D1
        || c == 0x1193F
        || c == 0x11941
        || (c >= 0x11A84 && c <= 0x11A89)
        || c == 0x11D46
        || c == 0x11F02;
  }
}
