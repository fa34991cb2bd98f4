package io.fundamentallm.tokenizers;

import io.fundamentallm.tokenizers.pipeline.PrintableBytes;

/**
 * A printable character for each byte, as in GPT-2's vocabulary and every byte-level vocabulary
 * since (openai/gpt-2, encoder.py): bytes that are printable in Latin-1 stand for themselves, the
 * others take the characters from U+0100 on, in ascending order.
 */
final class ByteAlphabet {
  static final int SIZE = 256;

  private ByteAlphabet() {}

  /** The written form of a byte in {@code [0, 256)}. */
  static String form(int b) {
    return String.valueOf(PrintableBytes.of(b));
  }
}
