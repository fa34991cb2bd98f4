package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;
import org.jspecify.annotations.Nullable;

/**
 * GPT-2's: a space before pieces that have none, and then a pattern. The bytes stay as they are;
 * this library's models need no printable stand-ins. After Hugging Face's byte_level.rs.
 */
public final class ByteLevelSplit implements PreTokenizer {
  private final boolean addPrefixSpace;
  private final @Nullable PreTokenizer pattern;

  public ByteLevelSplit(boolean addPrefixSpace, @Nullable PreTokenizer pattern) {
    this.addPrefixSpace = addPrefixSpace;
    this.pattern = pattern;
  }

  @Override
  public void split(PreTokenizedText text) {
    if (addPrefixSpace && lacksSpace(text)) {
      prepend(text);
    }
    if (pattern != null) {
      pattern.split(text);
    }
  }

  private static boolean lacksSpace(PreTokenizedText text) {
    byte[] bytes = text.text().bytes();
    Pieces pieces = text.pieces();
    for (int i = 0; i < pieces.count(); i++) {
      if (bytes[pieces.start(i)] != ' ') {
        return true;
      }
    }
    return false;
  }

  private static void prepend(PreTokenizedText text) {
    TextBuffer in = text.text();
    TextBuffer out = text.spareText();
    Pieces pieces = text.pieces();
    Pieces outPieces = text.sparePieces();
    byte[] bytes = in.bytes();
    for (int i = 0; i < pieces.count(); i++) {
      int start = pieces.start(i);
      int outStart = out.length();
      if (bytes[start] != ' ') {
        // has the source of what follows, as NormalizedString::prepend gives it
        out.add(' ', in.sourceStart(start), in.sourceEnd(start));
      }
      out.add(in, start, pieces.end(i));
      outPieces.add(outStart, out.length());
    }
    boolean first = text.first() && pieces.count() > 0 && pieces.start(0) == 0;
    text.swapText();
    text.begin(first);
    text.swapPieces();
  }
}
