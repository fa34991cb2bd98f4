package io.fundamentallm.tokenizers;

/**
 * A printable character for each byte, as in GPT-2's vocabulary and every byte-level vocabulary
 * since (openai/gpt-2, encoder.py): bytes that are printable in Latin-1 stand for themselves, the
 * others take the characters from U+0100 on, in ascending order.
 */
final class ByteAlphabet {
  static final int SIZE = 256;

  private static final String FORMS = forms();

  private ByteAlphabet() {}

  /** The written form of a byte in {@code [0, 256)}. */
  static String form(int b) {
    return FORMS.substring(b, b + 1);
  }

  private static String forms() {
    StringBuilder forms = new StringBuilder();
    char next = 0x100;
    for (char b = 0; b < SIZE; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      forms.append(printable ? b : next++);
    }
    return forms.toString();
  }
}
