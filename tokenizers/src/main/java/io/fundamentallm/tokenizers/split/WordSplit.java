package io.fundamentallm.tokenizers.split;

/** The matches of {@code \w+|[^\w\s]+}: Hugging Face's Whitespace. */
public final class WordSplit implements PreTokenizer {
  private final CharTable words = new CharTable(CharProperties.word(Regex.Dialect.RUST));
  private final CharTable spaces = new CharTable(CharProperties.space());
  private final CharTable others =
      new CharTable(
          CodePoints.not(CharProperties.word(Regex.Dialect.RUST).union(CharProperties.space())));

  @Override
  public void split(PreTokenizedText text) {
    byte[] bytes = text.text().bytes();
    Pieces pieces = text.pieces();
    Pieces out = text.sparePieces();
    for (int i = 0; i < pieces.count(); i++) {
      int end = pieces.end(i);
      int at = pieces.start(i);
      while (at < end) {
        int word = words.skip(bytes, at, end);
        out.add(at, word);
        int other = others.skip(bytes, word, end);
        out.add(word, other);
        at = spaces.skip(bytes, other, end);
      }
    }
    text.swapPieces();
  }
}
