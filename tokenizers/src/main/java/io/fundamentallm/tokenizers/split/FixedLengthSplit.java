package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;

/** Pieces of a fixed number of characters; the last one may be shorter. */
public final class FixedLengthSplit implements PreTokenizer {
  private final int length;

  public FixedLengthSplit(int length) {
    if (length < 1) {
      throw new IllegalArgumentException("pieces of length " + length);
    }
    this.length = length;
  }

  @Override
  public void split(PreTokenizedText text) {
    text.cut(this::cut);
  }

  private void cut(byte[] bytes, int from, int end, Pieces out) {
    for (int start = from, at; start < end; start = at) {
      at = start;
      for (int k = 0; k < length && at < end; k++) {
        at += TextBuffer.sizeAt(bytes, at);
      }
      out.add(start, at);
    }
  }
}
