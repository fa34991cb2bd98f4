package io.fundamentallm.internal.buffers;

/**
 * Well-formed UTF-8, one sequence at a time: table 3-7 of the Unicode Standard, section 3.9. What
 * is not well-formed falls into maximal subparts, as in WHATWG's decoder, Rust and Python; {@link
 * String#String(byte[], java.nio.charset.Charset)} differs for encoded surrogates.
 */
public final class Utf8Sequence {
  private Utf8Sequence() {}

  /**
   * Looks at the bytes from {@code at} to {@code end}, of which there is at least one.
   *
   * @return how many bytes the code point has; 0 when its beginning stands here but the bytes end
   *     within it; less than 0, the negative of a count, when so many bytes are malformed
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

  /** Leaves out what is too long a form, a surrogate, or beyond the last code point. */
  private static boolean isSecond(int first, int second) {
    int low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    int high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
  }
}
