package io.fundamentallm.tokenizers.train;

import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the first tokens stand for: bytes, or characters. Both are written as code points, since
 * that is what decides their order in a vocabulary: a byte is written as the printable character
 * that GPT-2's vocabulary has for it (openai/gpt-2, encoder.py: bytes that are printable in Latin-1
 * stand for themselves, the others take the characters from U+0100 on).
 */
enum Units {
  BYTES {
    @Override
    int read(byte[] text, int from, int to, int[] out) {
      for (int i = from; i < to; i++) {
        out[i - from] = FORMS[text[i] & 0xFF];
      }
      return to - from;
    }

    @Override
    byte[] bytes(String form) {
      byte[] bytes = new byte[form.length()];
      for (int i = 0; i < bytes.length; i++) {
        char c = form.charAt(i);
        if (c >= VALUES.length || VALUES[c] < 0) {
          return CHARACTERS.bytes(form); // what was asked for as a prefix or a suffix
        }
        bytes[i] = (byte) VALUES[c];
      }
      return bytes;
    }
  },
  CHARACTERS {
    @Override
    int read(byte[] text, int from, int to, int[] out) {
      int count = 0;
      for (int i = from; i < to; i += TextBuffer.sizeAt(text, i)) {
        out[count++] = TextBuffer.codePointAt(text, i);
      }
      return count;
    }

    @Override
    byte[] bytes(String form) {
      return form.getBytes(StandardCharsets.UTF_8);
    }
  };

  /** The written form of each byte. */
  private static final int[] FORMS = forms();

  /** The byte of each written form, -1 for characters that are none. */
  private static final int[] VALUES = valuesOfForms();

  /**
   * Writes the units of a word.
   *
   * @param out has room for as many as there are bytes
   * @return how many there are
   */
  abstract int read(byte[] text, int from, int to, int[] out);

  /** The bytes that a token's written form stands for. */
  abstract byte[] bytes(String form);

  /** The written form of a byte. */
  static int form(int b) {
    return FORMS[b];
  }

  private static int[] forms() {
    int[] forms = new int[256];
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      forms[b] = printable ? b : next++;
    }
    return forms;
  }

  private static int[] valuesOfForms() {
    int[] values = new int[0x180];
    Arrays.fill(values, -1);
    for (int b = 0; b < 256; b++) {
      values[FORMS[b]] = b;
    }
    return values;
  }
}
