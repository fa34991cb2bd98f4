package io.fundamentallm.tokenizers.split;

import static io.fundamentallm.tokenizers.split.Kinds.LETTER;
import static io.fundamentallm.tokenizers.split.Kinds.NUMBER;
import static io.fundamentallm.tokenizers.split.Kinds.SPACE;

/**
 * GPT-2's pattern (openai/gpt-2, encoder.py), which r50k and p50k use too: {@code
 * 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}.
 */
final class Gpt2Scanner extends Scanner {
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
    if (first == '\'') {
      int size = contraction(text, at + 1, to, false);
      if (size > 0) {
        return at + 1 + size;
      }
    }
    int start = first == ' ' && at + 1 < to ? at + 1 : at;
    int kind = Kinds.at(text, start);
    if ((kind & LETTER) != 0) {
      return Kinds.letters(text, start, to);
    }
    if ((kind & NUMBER) != 0) {
      return Kinds.run(text, start, to, NUMBER);
    }
    if ((kind & SPACE) == 0) {
      return Kinds.othersEnd(text, start, to, LETTER | NUMBER | SPACE);
    }
    return whiteSpace(text, at, to, false);
  }
}
