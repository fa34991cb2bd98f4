package io.fundamentallm.text;

/** What offsets into a text count. */
public enum OffsetUnit {
  /** Bytes of the text in UTF-8; a lone surrogate counts as the three bytes of U+FFFD. */
  BYTES,
  /** Java's {@code char}s, as {@link String#substring} takes them. */
  UTF16,
  /** Unicode code points. */
  CODE_POINTS
}
