package io.fundamentallm.tokenizers.text;

/** The cleaning of Google's neural machine translation, as normalizers/unicode.rs has it. */
public final class Nmt implements Normalizer {
  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    byte[] bytes = in.bytes();
    int from = 0;
    int i = 0;
    while (i < in.length()) {
      int c = TextBuffer.codePointAt(bytes, i);
      int next = i + TextBuffer.sizeAt(bytes, i);
      boolean dropped = dropped(c);
      if (dropped || space(c)) {
        out.add(in, from, i);
        if (!dropped) {
          out.add(' ', in.sourceStart(i), in.sourceEnd(i));
        }
        from = next;
      }
      i = next;
    }
    out.add(in, from, i);
  }

  private static boolean dropped(int c) {
    return (c >= 1 && c <= 8)
        || c == 0xB
        || (c >= 0xE && c <= 0x1F)
        || c == 0x7F
        || c == 0x8F
        || c == 0x9F;
  }

  private static boolean space(int c) {
    return switch (c) {
      case '\t', '\n', '\f', '\r', 0x1680, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F -> true;
      case 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> true;
      default -> false;
    };
  }

  @Override
  public boolean cuttable() {
    return true;
  }
}
