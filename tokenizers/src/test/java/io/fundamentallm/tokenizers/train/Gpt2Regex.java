package io.fundamentallm.tokenizers.train;

import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.split.PreTokenizedText;
import io.fundamentallm.tokenizers.split.PreTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** GPT-2's split by a regular expression: slow, but plainly the published one. */
final class Gpt2Regex implements PreTokenizer {
  private static final Pattern PATTERN =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+"
              + "| ?[^\\p{IsWhite_Space}\\p{L}\\p{N}]+"
              + "|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})|\\p{IsWhite_Space}+");

  @Override
  public void split(PreTokenizedText text) {
    byte[] bytes = text.text().bytes();
    Pieces out = text.sparePieces();
    for (int i = 0; i < text.pieces().count(); i++) {
      int at = text.pieces().start(i);
      int length = text.pieces().end(i) - at;
      Matcher matcher = PATTERN.matcher(new String(bytes, at, length, StandardCharsets.UTF_8));
      while (matcher.find()) {
        int size = matcher.group().getBytes(StandardCharsets.UTF_8).length;
        out.add(at, at + size);
        at += size;
      }
    }
    text.swapPieces();
  }
}
