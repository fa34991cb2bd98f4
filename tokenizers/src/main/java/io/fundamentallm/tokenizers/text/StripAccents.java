package io.fundamentallm.tokenizers.text;

import io.fundamentallm.tokenizers.unicode.Normalization;

/** Leaves out marks of any kind; does not decompose. */
public final class StripAccents implements Normalizer {
  /** The first byte of U+0300, the first mark. */
  private static final int FIRST = 0xCC;

  @Override
  public boolean leaves(TextBuffer text) {
    return next(text, 0) == text.length();
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    for (int from = 0; from < in.length(); ) {
      int mark = next(in, from);
      out.add(in, from, mark);
      from = mark < in.length() ? mark + TextBuffer.sizeAt(in.bytes(), mark) : mark;
    }
  }

  private static int next(TextBuffer text, int from) {
    byte[] bytes = text.bytes();
    int i = from;
    while (i < text.length()) {
      int b = bytes[i] & 0xFF;
      if (b >= FIRST
          && (Normalization.properties(TextBuffer.codePointAt(bytes, i)) & Normalization.MARK)
              != 0) {
        return i;
      }
      i += TextBuffer.sizeAt(bytes, i);
    }
    return i;
  }

  @Override
  public boolean cuttable() {
    return true;
  }
}
