package io.fundamentallm.tokenizers.split;

import static io.fundamentallm.tokenizers.split.Kinds.SPACE;

import io.fundamentallm.tokenizers.text.TextBuffer;

/**
 * A published pattern as code. Its alternatives are tried in the pattern's order at each place, and
 * each is decided by looking one or two characters ahead, so that a run of any length takes linear
 * time and no stack.
 */
abstract class Scanner implements PreTokenizer {
  /** Cuts {@code text[from, to)}, seen as a whole text. */
  abstract void scan(byte[] text, int from, int to, Pieces out);

  @Override
  public final void split(PreTokenizedText text) {
    Pieces before = text.pieces();
    Pieces after = text.sparePieces();
    byte[] bytes = text.text().bytes();
    for (int i = 0; i < before.count(); i++) {
      scan(bytes, before.start(i), before.end(i), after);
    }
    text.swapPieces();
  }

  /**
   * The end of what the alternatives for white space match at a place that has some: {@code
   * \s*[\r\n]+} where newlines count, then {@code \s+(?!\S)}, then {@code \s+}.
   */
  static int whiteSpace(byte[] text, int from, int to, boolean newlines) {
    int at = from;
    int last = from;
    int afterNewline = -1;
    while (at < to) {
      int b = text[at];
      if ((Kinds.at(text, at) & SPACE) == 0) {
        break;
      }
      last = at;
      at += TextBuffer.sizeAt(text, at);
      if (newlines && (b == '\n' || b == '\r')) {
        afterNewline = at;
      }
    }
    if (afterNewline >= 0) {
      return afterNewline;
    }
    return at == to || last == from ? at : last;
  }

  /** The end of the run of line ends and of one more character. */
  static int lineEnds(byte[] text, int at, int to, int extra) {
    while (at < to && (text[at] == '\r' || text[at] == '\n' || text[at] == extra)) {
      at++;
    }
    return at;
  }

  /**
   * How many bytes an English contraction has after its apostrophe: {@code s, t, re, ve, m, ll, d};
   * 0 if there is none.
   *
   * @param anyCase whether upper case counts, and for s its old long form, U+017F
   */
  static int contraction(byte[] text, int at, int to, boolean anyCase) {
    if (at >= to) {
      return 0;
    }
    int first = anyCase ? lower(text[at]) : text[at];
    switch (first) {
      case 's', 't', 'm', 'd' -> {
        return 1;
      }
      case 'r', 'v' -> {
        return at + 1 < to && (anyCase ? lower(text[at + 1]) : text[at + 1]) == 'e' ? 2 : 0;
      }
      case 'l' -> {
        return at + 1 < to && (anyCase ? lower(text[at + 1]) : text[at + 1]) == 'l' ? 2 : 0;
      }
      default -> {
        boolean longS = first == (byte) 0xC5 && at + 1 < to && text[at + 1] == (byte) 0xBF;
        return anyCase && longS ? 2 : 0;
      }
    }
  }

  private static int lower(byte b) {
    return b >= 'A' && b <= 'Z' ? b | 0x20 : b;
  }

  @Override
  public final boolean cuttable() {
    return true;
  }
}
