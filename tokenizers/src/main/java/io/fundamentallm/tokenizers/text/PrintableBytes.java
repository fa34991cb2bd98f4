package io.fundamentallm.tokenizers.text;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A printable character for each byte, as in GPT-2's vocabulary and every byte-level one since
 * (openai/gpt-2, encoder.py): bytes that are printable in Latin-1 stand for themselves, the others
 * take the characters from U+0100 up, in ascending order.
 */
public final class PrintableBytes {
  /** How many bytes there are. */
  public static final int SIZE = 256;

  private static final char[] FORMS = new char[256];

  /** The byte of each character, or -1. */
  private static final short[] BYTES = new short[0x144];

  static {
    Arrays.fill(BYTES, (short) -1);
    char next = 0x100;
    for (char b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b != 0xAD);
      FORMS[b] = printable ? b : next++;
      BYTES[FORMS[b]] = (short) b;
    }
  }

  private PrintableBytes() {}

  /** The character of a byte. */
  public static char of(int b) {
    return FORMS[b & 0xFF];
  }

  /** The character of a byte, as a form by itself. */
  public static String form(int b) {
    return String.valueOf(of(b));
  }

  /** The byte that a character stands for; -1 for any other. */
  public static int read(char c) {
    return c < BYTES.length ? BYTES[c] : -1;
  }

  /** Bytes as their characters. */
  public static String write(byte[] bytes) {
    char[] form = new char[bytes.length];
    for (int i = 0; i < form.length; i++) {
      form[i] = FORMS[bytes[i] & 0xFF];
    }
    return new String(form);
  }

  /** The bytes of a form; null if it has another character. */
  public static byte @Nullable [] read(String form) {
    byte[] bytes = new byte[form.length()];
    for (int i = 0; i < bytes.length; i++) {
      int b = read(form.charAt(i));
      if (b < 0) {
        return null;
      }
      bytes[i] = (byte) b;
    }
    return bytes;
  }
}
