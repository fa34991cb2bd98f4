package io.fundamentallm.tokenizers.train;

import io.fundamentallm.tokenizers.text.PrintableBytes;
import io.fundamentallm.tokenizers.text.TextBuffer;

/**
 * What the first tokens stand for: bytes, or characters. Both are written as code points, since
 * that is what decides their order in a vocabulary: a byte is written as the printable character
 * that GPT-2's vocabulary has for it (openai/gpt-2, encoder.py: bytes that are printable in Latin-1
 * stand for themselves, the others take the characters from U+0100 up).
 */
enum Units {
  BYTES {
    @Override
    int read(byte[] text, int from, int to, int[] out) {
      for (int i = from; i < to; i++) {
        out[i - from] = PrintableBytes.of(text[i]);
      }
      return to - from;
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
  };

  /**
   * Writes the units of a word.
   *
   * @param out has room for as many as there are bytes
   * @return how many there are
   */
  abstract int read(byte[] text, int from, int to, int[] out);
}
