package io.fundamentallm.tokenizers.text;

import io.fundamentallm.tokenizers.unicode.LowerCase;

/** Lowercase, each character by itself: a final sigma is not treated specially. */
public final class Lowercase implements Normalizer {
  @Override
  public boolean leaves(TextBuffer text) {
    byte[] bytes = text.bytes();
    for (int i = 0; i < text.length(); i++) {
      if (bytes[i] < 0 || (bytes[i] >= 'A' && bytes[i] <= 'Z')) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    byte[] bytes = in.bytes();
    for (int i = 0; i < in.length(); ) {
      int c = TextBuffer.codePointAt(bytes, i);
      int start = in.sourceStart(i);
      int end = in.sourceEnd(i);
      out.addCodePoint(LowerCase.of(c), start, end);
      if (c == LowerCase.DOTTED_I) {
        out.addCodePoint(LowerCase.DOT_ABOVE, start, end);
      }
      i += TextBuffer.sizeAt(bytes, i);
    }
  }

  @Override
  public boolean cuttable() {
    return true;
  }
}
