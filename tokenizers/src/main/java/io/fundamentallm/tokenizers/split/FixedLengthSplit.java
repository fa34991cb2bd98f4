package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;

/** Pieces of so many characters, the last one shorter. */
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
    byte[] bytes = text.text().bytes();
    Pieces pieces = text.pieces();
    Pieces out = text.sparePieces();
    for (int i = 0; i < pieces.count(); i++) {
      int end = pieces.end(i);
      int start = pieces.start(i);
      while (start < end) {
        int at = start;
        for (int k = 0; k < length && at < end; k++) {
          at += TextBuffer.sizeAt(bytes, at);
        }
        out.add(start, at);
        start = at;
      }
    }
    text.swapPieces();
  }
}
