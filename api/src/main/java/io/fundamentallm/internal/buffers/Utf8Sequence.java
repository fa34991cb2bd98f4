package io.fundamentallm.internal.buffers;

/**
 * Well-formed UTF-8, one sequence at a time: table 3-7 of the Unicode Standard, section 3.9.
 * Malformed bytes are split into maximal subparts, as in WHATWG's decoder, Rust and Python; {@link
 * String#String(byte[], java.nio.charset.Charset)} differs for encoded surrogates.
 */
public final class Utf8Sequence {
  private Utf8Sequence() {}

  /**
   * Checks the bytes from {@code at} to {@code end}; there must be at least one.
   *
   * @return how many bytes the code point has; 0 when it begins here but the bytes end within it;
   *     negative when bytes are malformed: minus how many
   */
  public static int length(byte[] bytes, int at, int end) {
    int first = bytes[at] & 0xFF;
    if (first < 0x80) {
      return 1;
    }
    if (first < 0xC2 || first > 0xF4) {
      return -1;
    }
    int length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    for (int i = 1; i < length; i++) {
      if (at + i == end) {
        return 0;
      }
      int next = bytes[at + i] & 0xFF;
      if (i == 1 ? !isSecond(first, next) : (next & 0xC0) != 0x80) {
        return -i;
      }
    }
    return length;
  }

  /** Excludes overlong forms, surrogates, and what is beyond the last code point. */
  private static boolean isSecond(int first, int second) {
    int low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    int high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
  }
}
