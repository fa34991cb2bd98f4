package io.fundamentallm.tokenizers.split;

import static io.fundamentallm.tokenizers.split.Kinds.LETTER;
import static io.fundamentallm.tokenizers.split.Kinds.NUMBER;
import static io.fundamentallm.tokenizers.split.Kinds.SPACE;

import io.fundamentallm.tokenizers.text.TextBuffer;

/**
 * The pattern of cl100k (openai/tiktoken, openai_public.py) and, with other numbers of digits, of
 * Llama 3 and Qwen: {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
 * ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+}.
 */
final class Cl100kScanner extends Scanner {
  private final int digits;
  private final boolean trailingWhole;

  /**
   * A scanner.
   *
   * @param digits the most digits in a piece
   * @param trailingWhole whether white space at the end of the text is one piece even with line
   *     ends in it, as tiktoken has it since 0.6 ({@code \s++$} before the alternative with line
   *     ends)
   */
  Cl100kScanner(int digits, boolean trailingWhole) {
    this.digits = digits;
    this.trailingWhole = trailingWhole;
  }

  @Override
  void scan(byte[] text, int from, int to, Pieces out) {
    for (int at = from; at < to; ) {
      int end = end(text, at, to);
      out.add(at, end);
      at = end;
    }
  }

  private int end(byte[] text, int at, int to) {
    int first = text[at];
    if (first == ' ' && at + 1 < to && isAsciiLetter(text[at + 1])) {
      return Kinds.letters(text, at + 1, to);
    }
    if (first == '\'') {
      int size = contraction(text, at + 1, to, true);
      if (size > 0) {
        return at + 1 + size;
      }
    }
    int kind = Kinds.at(text, at);
    if ((kind & LETTER) != 0) {
      return Kinds.letters(text, at, to);
    }
    if ((kind & NUMBER) != 0) {
      return numbers(text, at, to, digits);
    }
    int second = at + TextBuffer.sizeAt(text, at);
    if (second < to && first != '\r' && first != '\n') {
      int next = Kinds.at(text, second);
      if ((next & LETTER) != 0) {
        return Kinds.letters(text, second, to);
      }
      if (first == ' ' && (next & (LETTER | NUMBER | SPACE)) == 0) {
        return symbols(text, second, to);
      }
    }
    if ((kind & SPACE) == 0) {
      return symbols(text, at, to);
    }
    if (trailingWhole) {
      int end = Kinds.run(text, at, to, SPACE);
      if (end == to) {
        return end;
      }
    }
    return whiteSpace(text, at, to, true);
  }

  private static int symbols(byte[] text, int at, int to) {
    return lineEnds(text, Kinds.othersEnd(text, at, to, LETTER | NUMBER | SPACE), to, '\n');
  }

  static int numbers(byte[] text, int at, int to, int max) {
    for (int i = 0; i < max && at < to && (Kinds.at(text, at) & NUMBER) != 0; i++) {
      at += TextBuffer.sizeAt(text, at);
    }
    return at;
  }

  private static boolean isAsciiLetter(byte b) {
    return (b | 0x20) >= 'a' && (b | 0x20) <= 'z';
  }
}
