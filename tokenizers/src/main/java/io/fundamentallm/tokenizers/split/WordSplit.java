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
    text.cut(this::cut);
  }

  private void cut(byte[] bytes, int start, int end, Pieces out) {
    for (int at = start; at < end; ) {
      int word = words.skip(bytes, at, end);
      out.add(at, word);
      int other = others.skip(bytes, word, end);
      out.add(word, other);
      at = spaces.skip(bytes, other, end);
    }
  }
}
