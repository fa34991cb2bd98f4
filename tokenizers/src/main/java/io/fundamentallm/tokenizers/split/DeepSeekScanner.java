package io.fundamentallm.tokenizers.split;

import static io.fundamentallm.tokenizers.split.Kinds.LETTER;
import static io.fundamentallm.tokenizers.split.Kinds.MARK;
import static io.fundamentallm.tokenizers.split.Kinds.NUMBER;
import static io.fundamentallm.tokenizers.split.Kinds.SPACE;
import static io.fundamentallm.tokenizers.split.Kinds.SYMBOL;

import io.fundamentallm.tokenizers.text.TextBuffer;

/**
 * DeepSeek-V3's three patterns, each applied to the pieces of the one before: {@code \p{N}{1,3}},
 * {@code [一-龥぀-ゟ゠-ヿ]+} and {@code
 * [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
 * ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+}. What no alternative of the last one matches is a
 * piece too.
 */
final class DeepSeekScanner extends Scanner {
  @Override
  void scan(byte[] text, int from, int to, Pieces out) {
    for (int at = from; at < to; ) {
      int end;
      if ((Kinds.at(text, at) & NUMBER) != 0) {
        end = Cl100kScanner.numbers(text, at, to, 3);
        out.add(at, end);
      } else if (isHanOrKana(text, at)) {
        end = at;
        while (end < to && isHanOrKana(text, end)) {
          end += 3;
        }
        out.add(at, end);
      } else {
        end = at;
        while (end < to && (Kinds.at(text, end) & NUMBER) == 0 && !isHanOrKana(text, end)) {
          end += TextBuffer.sizeAt(text, end);
        }
        words(text, at, end, out);
      }
      at = end;
    }
  }

  private static boolean isHanOrKana(byte[] text, int at) {
    if (text[at] >= 0 || (text[at] & 0xF0) != 0xE0) {
      return false;
    }
    int c = TextBuffer.codePointAt(text, at);
    return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x4E00 && c <= 0x9FA5);
  }

  /** The third pattern. */
  private static void words(byte[] text, int from, int to, Pieces out) {
    int unmatched = from;
    for (int at = from; at < to; ) {
      int end = end(text, at, to);
      if (end == at) {
        at += TextBuffer.sizeAt(text, at);
      } else {
        out.add(unmatched, at);
        out.add(at, end);
        unmatched = at = end;
      }
    }
    out.add(unmatched, to);
  }

  private static int end(byte[] text, int at, int to) {
    int first = text[at];
    int kind = Kinds.at(text, at);
    int second = at + TextBuffer.sizeAt(text, at);
    if ((kind & SYMBOL) != 0 && first >= 0 && second < to && isAsciiLetter(text[second])) {
      int end = second;
      while (end < to && isAsciiLetter(text[end])) {
        end++;
      }
      return end;
    }
    if ((kind & (LETTER | SYMBOL)) == 0
        && first != '\r'
        && first != '\n'
        && second < to
        && (Kinds.at(text, second) & (LETTER | MARK)) != 0) {
      return Kinds.run(text, second, to, LETTER | MARK);
    }
    if ((kind & (LETTER | MARK)) != 0) {
      return Kinds.run(text, at, to, LETTER | MARK);
    }
    int symbols = first == ' ' && second < to ? second : at;
    if ((Kinds.at(text, symbols) & SYMBOL) != 0) {
      return lineEnds(text, Kinds.run(text, symbols, to, SYMBOL), to, '\n');
    }
    return (kind & SPACE) != 0 ? whiteSpace(text, at, to, true) : at;
  }

  private static boolean isAsciiLetter(byte b) {
    return (b | 0x20) >= 'a' && (b | 0x20) <= 'z';
  }
}
