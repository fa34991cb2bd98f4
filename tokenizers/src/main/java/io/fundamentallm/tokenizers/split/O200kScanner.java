package io.fundamentallm.tokenizers.split;

import static io.fundamentallm.tokenizers.split.Kinds.CASELESS;
import static io.fundamentallm.tokenizers.split.Kinds.LETTER;
import static io.fundamentallm.tokenizers.split.Kinds.LOWER;
import static io.fundamentallm.tokenizers.split.Kinds.MARK;
import static io.fundamentallm.tokenizers.split.Kinds.NUMBER;
import static io.fundamentallm.tokenizers.split.Kinds.SPACE;
import static io.fundamentallm.tokenizers.split.Kinds.UPPER;

import io.fundamentallm.tokenizers.text.TextBuffer;

/**
 * The pattern of o200k (openai/tiktoken, openai_public.py), with U for {@code
 * [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]}, W for {@code [\p{Ll}\p{Lm}\p{Lo}\p{M}]} and C for {@code
 * (?i:'s|'t|'re|'ve|'m|'ll|'d)?}: {@code [^\r\n\p{L}\p{N}]?U*W+C|[^\r\n\p{L}\p{N}]?U+W*C|
 * \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+}.
 */
final class O200kScanner extends Scanner {
  private static final int U = UPPER | CASELESS | MARK;
  private static final int W = LOWER | CASELESS | MARK;

  @Override
  void scan(byte[] text, int from, int to, Pieces out) {
    for (int at = from; at < to; ) {
      int end = end(text, at, to);
      out.add(at, end);
      at = end;
    }
  }

  private static int end(byte[] text, int at, int to) {
    int first = text[at];
    // the common case: lower-case letters, perhaps after a space or one upper-case letter
    int letters = first == ' ' ? at + 1 : at;
    if (letters < to) {
      int lower = Kinds.lowerAscii(text, isUpperAscii(text[letters]) ? letters + 1 : letters, to);
      if (lower > letters && isLowerAscii(text[lower - 1])) {
        if (lower == to) {
          return to;
        }
        byte next = text[lower];
        if (next == '\'') {
          return contracted(text, lower, to);
        }
        if (next >= 0) {
          return lower; // not a letter; an upper-case one begins another piece
        }
      }
    }
    int kind = Kinds.at(text, at);
    if ((kind & NUMBER) != 0) {
      return Cl100kScanner.numbers(text, at, to, 3);
    }
    int word = word(text, at, to, kind);
    if (word > at) {
      return contracted(text, word, to);
    }
    int symbols = first == ' ' && at + 1 < to ? at + 1 : at;
    if ((Kinds.at(text, symbols) & (LETTER | NUMBER | SPACE)) == 0) {
      return lineEnds(text, Kinds.othersEnd(text, symbols, to, LETTER | NUMBER | SPACE), to, '/');
    }
    return whiteSpace(text, at, to, true);
  }

  /**
   * The end of the first two alternatives without contraction; the beginning if neither matches.
   */
  private static int word(byte[] text, int at, int to, int kind) {
    boolean prefix = (kind & LETTER) == 0 && text[at] != '\r' && text[at] != '\n';
    int second = prefix ? at + TextBuffer.sizeAt(text, at) : at;
    int end = withLower(text, second, to);
    if (end < 0 && prefix && (kind & MARK) != 0) {
      end = withLower(text, at, to); // the mark is part of the word, not before it
    }
    if (end < 0) {
      end = Kinds.run(text, second, to, U);
      end = end > second ? end : -1;
    }
    return Math.max(end, at);
  }

  /** The end of {@code U*W+}; -1 if it does not match. */
  private static int withLower(byte[] text, int at, int to) {
    int afterCaseless = -1;
    int i = at;
    while (i < to) {
      int kind = Kinds.at(text, i);
      if ((kind & U) == 0) {
        if ((kind & LOWER) != 0) {
          return Kinds.run(text, i, to, W);
        }
        break;
      }
      i += TextBuffer.sizeAt(text, i);
      if ((kind & W) != 0) {
        afterCaseless = i; // U* can give this one back to W+
      }
    }
    return afterCaseless;
  }

  private static int contracted(byte[] text, int at, int to) {
    if (at < to && text[at] == '\'') {
      int size = contraction(text, at + 1, to, true);
      return size > 0 ? at + 1 + size : at;
    }
    return at;
  }

  private static boolean isUpperAscii(byte b) {
    return b >= 'A' && b <= 'Z';
  }

  private static boolean isLowerAscii(byte b) {
    return b >= 'a' && b <= 'z';
  }
}
