package io.fundamentallm.tokenizers.text;

import io.fundamentallm.tokenizers.unicode.Unicode;

/** Leaves out white space at the ends. */
public final class Strip implements Normalizer {
  private final boolean left;
  private final boolean right;

  public Strip(boolean left, boolean right) {
    this.left = left;
    this.right = right;
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    int from = from(in);
    out.add(in, from, to(in, from));
  }

  @Override
  public boolean leaves(TextBuffer text) {
    return from(text) == 0 && to(text, 0) == text.length();
  }

  private int from(TextBuffer text) {
    byte[] bytes = text.bytes();
    int from = 0;
    while (left
        && from < text.length()
        && Unicode.isWhiteSpace(TextBuffer.codePointAt(bytes, from))) {
      from += TextBuffer.sizeAt(bytes, from);
    }
    return from;
  }

  private int to(TextBuffer text, int from) {
    byte[] bytes = text.bytes();
    int to = text.length();
    while (right && to > from) {
      int last = to - 1;
      while ((bytes[last] & 0xC0) == 0x80) {
        last--;
      }
      if (!Unicode.isWhiteSpace(TextBuffer.codePointAt(bytes, last))) {
        break;
      }
      to = last;
    }
    return to;
  }
}
