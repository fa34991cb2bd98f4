package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.charset.StandardCharsets;

/**
 * SentencePiece's: writes a visible character for each space and, by its scheme, before pieces that
 * do not begin with it, and cuts before each. After Hugging Face's metaspace.rs.
 */
public final class MetaspaceSplit implements PreTokenizer {
  private final int replacement;
  private final byte[] utf8;
  private final PrependScheme scheme;
  private final boolean split;

  public MetaspaceSplit(int replacement, PrependScheme scheme, boolean split) {
    this.replacement = replacement;
    utf8 = Character.toString(replacement).getBytes(StandardCharsets.UTF_8);
    this.scheme = scheme;
    this.split = split;
  }

  @Override
  public void split(PreTokenizedText text) {
    TextBuffer in = text.text();
    TextBuffer out = text.spareText();
    Pieces pieces = text.pieces();
    Pieces outPieces = text.sparePieces();
    boolean tracked = in.tracked();
    for (int i = 0; i < pieces.count(); i++) {
      int start = pieces.start(i);
      int end = pieces.end(i);
      boolean prepends =
          scheme == PrependScheme.ALWAYS
              || (scheme == PrependScheme.FIRST && start == 0 && text.first());
      prepends = prepends && in.bytes()[start] != ' ' && !replacementAt(in.bytes(), start, end);
      if (tracked) {
        rewriteTracked(in, start, end, prepends, out, outPieces);
      } else {
        rewrite(in.bytes(), start, end, prepends, out, outPieces);
      }
    }
    boolean first = text.first() && pieces.count() > 0 && pieces.start(0) == 0;
    text.swapText();
    text.begin(first);
    text.swapPieces();
  }

  private boolean replacementAt(byte[] bytes, int at, int end) {
    if (bytes[at] != utf8[0] || end - at < utf8.length) {
      return false;
    }
    for (int i = 1; i < utf8.length; i++) {
      if (bytes[at + i] != utf8[i]) {
        return false;
      }
    }
    return true;
  }

  private void rewrite(
      byte[] bytes, int start, int end, boolean prepends, TextBuffer out, Pieces outPieces) {
    int base = out.length();
    byte[] to = out.reserve(Math.multiplyExact(end - start + 1, utf8.length));
    byte lead = utf8[0];
    int length = base;
    int pieceStart = base;
    if (prepends) {
      length = write(to, length);
    }
    int at = start;
    while (true) {
      byte b = 0;
      while (at < end && (b = bytes[at]) != ' ' && b != lead) {
        to[length++] = b;
        at++;
      }
      if (at == end) {
        break;
      }
      if (b == ' ' || replacementAt(bytes, at, end)) {
        if (split) {
          outPieces.add(pieceStart, length);
          pieceStart = length;
        }
        length = write(to, length);
        at += b == ' ' ? 1 : utf8.length;
      } else {
        to[length++] = b;
        at++;
      }
    }
    out.advance(length - base, 0);
    outPieces.add(pieceStart, length);
  }

  private int write(byte[] to, int length) {
    if (utf8.length == 3) {
      // the usual one
      to[length] = utf8[0];
      to[length + 1] = utf8[1];
      to[length + 2] = utf8[2];
    } else {
      System.arraycopy(utf8, 0, to, length, utf8.length);
    }
    return length + utf8.length;
  }

  private void rewriteTracked(
      TextBuffer in, int start, int end, boolean prepends, TextBuffer out, Pieces outPieces) {
    byte[] bytes = in.bytes();
    int pieceStart = out.length();
    if (prepends) {
      // has the source of what follows, as NormalizedString::prepend gives it
      out.addCodePoint(replacement, in.sourceStart(start), in.sourceEnd(start));
    }
    int at = start;
    while (at < end) {
      int size = TextBuffer.sizeAt(bytes, at);
      if (bytes[at] == ' ' || replacementAt(bytes, at, end)) {
        if (split) {
          outPieces.add(pieceStart, out.length());
          pieceStart = out.length();
        }
        out.addCodePoint(replacement, in.sourceStart(at), in.sourceEnd(at));
      } else {
        out.add(in, at, at + size);
      }
      at += size;
    }
    outPieces.add(pieceStart, out.length());
  }
}
