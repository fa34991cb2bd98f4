package io.fundamentallm.tokenizers.text;

/** Writes GPT-2's printable character for each byte (openai/gpt-2, encoder.py). */
final class ByteLevelNormalizer implements Normalizer {
  private static final char[] CHARACTERS = characters();

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    byte[] bytes = in.bytes();
    for (int i = 0; i < in.length(); i++) {
      out.addCodePoint(CHARACTERS[bytes[i] & 0xFF], in.sourceStart(i), in.sourceEnd(i));
    }
  }

  private static char[] characters() {
    char[] characters = new char[256];
    char next = 0x100;
    for (char b = 0; b < characters.length; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b != 0xAD);
      characters[b] = printable ? b : next++;
    }
    return characters;
  }
}
