package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of a text's UTF-8 are in the text, counted in another unit. A lone surrogate
 * counts as the three bytes of U+FFFD. Immutable and thread-safe.
 */
public final class TextOffsets {
  private final int bytes;

  /**
   * For each byte, and for the end, where its character begins; null if that is the byte itself.
   */
  private final int @Nullable [] begins;

  private TextOffsets(int bytes, int @Nullable [] begins) {
    this.bytes = bytes;
    this.begins = begins;
  }

  /** The offsets of a text; for ASCII they take no memory. */
  public static TextOffsets of(CharSequence text, OffsetUnit unit) {
    requireNonNull(text, "text");
    requireNonNull(unit, "unit");
    int length = text.length();
    int ascii = 0;
    while (ascii < length && text.charAt(ascii) < 0x80) {
      ascii++;
    }
    if (ascii == length) {
      return new TextOffsets(length, null);
    }
    int bytes = ascii;
    for (int at = ascii; at < length; ) {
      int codePoint = Character.codePointAt(text, at);
      at += Character.charCount(codePoint);
      bytes = Math.addExact(bytes, utf8Length(codePoint));
    }
    return new TextOffsets(bytes, begins(text, unit, bytes));
  }

  private static int[] begins(CharSequence text, OffsetUnit unit, int bytes) {
    int[] begins = new int[Math.addExact(bytes, 1)];
    int toByte = 0;
    int position = 0;
    for (int at = 0; at < text.length(); ) {
      int codePoint = Character.codePointAt(text, at);
      int chars = Character.charCount(codePoint);
      int length = utf8Length(codePoint);
      for (int i = 0; i < length; i++) {
        begins[toByte++] = position;
      }
      position +=
          switch (unit) {
            case BYTES -> length;
            case UTF16 -> chars;
            case CODE_POINTS -> 1;
          };
      at += chars;
    }
    begins[bytes] = position;
    return begins;
  }

  /** For a lone surrogate it is that of U+FFFD, also three. */
  private static int utf8Length(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    } else if (codePoint < 0x800) {
      return 2;
    } else {
      return codePoint < 0x10000 ? 3 : 4;
    }
  }

  /** How many bytes the text has in UTF-8. */
  public int bytes() {
    return bytes;
  }

  /**
   * Where this byte's character begins.
   *
   * @param byteOffset in {@code [0, bytes()]}; the last is the end of the text
   * @throws IndexOutOfBoundsException outside that range
   */
  public int at(int byteOffset) {
    Objects.checkIndex(byteOffset, bytes + 1);
    return begins == null ? byteOffset : begins[byteOffset];
  }

  /**
   * Where the previous byte's character ends: the end of what stops at this byte, in whole
   * characters.
   *
   * @param byteOffset in {@code [0, bytes()]}
   * @throws IndexOutOfBoundsException outside that range
   */
  public int endAt(int byteOffset) {
    Objects.checkIndex(byteOffset, bytes + 1);
    if (begins == null) {
      return byteOffset;
    }
    int at = byteOffset;
    // within a character the previous byte has the same beginning
    while (at > 0 && at < bytes && begins[at] == begins[at - 1]) {
      at++;
    }
    return begins[at];
  }
}
