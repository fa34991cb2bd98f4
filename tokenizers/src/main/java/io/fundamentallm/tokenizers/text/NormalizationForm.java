package io.fundamentallm.tokenizers.text;

import io.fundamentallm.tokenizers.unicode.Normalization;

/**
 * A normalization form of Unicode (UAX #15). Most characters are inert: they neither change nor
 * reach across their borders. Only the stretches between them are worked on.
 */
public final class NormalizationForm implements Normalizer {
  public static final Normalizer NFC = new NormalizationForm(true, false);
  public static final Normalizer NFD = new NormalizationForm(false, false);
  public static final Normalizer NFKC = new NormalizationForm(true, true);
  public static final Normalizer NFKD = new NormalizationForm(false, true);

  /** Leading bytes from this one on may begin a mark; the first is U+0300. */
  private static final int FIRST = 0xCC;

  /** Korean text decomposes as one stretch; this bounds how much is kept of it at a time. */
  private static final int LONG = 4096;

  private static final ScratchPool<Stretch> STRETCHES = new ScratchPool<>(Stretch::new);

  private final boolean compose;
  private final boolean compatible;

  /** Properties of which an inert character has none. */
  private final int active;

  /** Below it a byte belongs to an inert character. */
  private final int floor;

  private NormalizationForm(boolean compose, boolean compatible) {
    this.compose = compose;
    this.compatible = compatible;
    int never = compatible ? Normalization.NEVER_COMPATIBLE : Normalization.NEVER_COMPOSED;
    int decomposes = compatible ? Normalization.COMPATIBLE : Normalization.CANONICAL;
    active = Normalization.CLASS | (compose ? never | Normalization.COMPOSES_BACK : decomposes);
    floor = compose && !compatible ? FIRST : 0x80;
  }

  @Override
  public boolean leaves(TextBuffer text) {
    byte[] bytes = text.bytes();
    int length = text.length();
    int last = 0;
    for (int i = 0; i < length; ) {
      int b = bytes[i] & 0xFF;
      if (b < floor) {
        last = 0;
        i++;
        continue;
      }
      int size = TextBuffer.sizeAt(bytes, i);
      if (!ideograph(b)) {
        int c = TextBuffer.codePointAt(bytes, i);
        int properties = Normalization.properties(c);
        int order = properties & Normalization.CLASS;
        if ((properties & active & ~Normalization.CLASS) != 0
            || (order > 0 && order < last)
            || (!compose && hangul(c))) {
          return false;
        }
        last = order;
      } else {
        last = 0;
      }
      i += size;
    }
    return true;
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    Stretch stretch = STRETCHES.acquire();
    byte[] bytes = in.bytes();
    int length = in.length();
    int copied = 0;
    int inert = -1;
    for (int i = 0; i < length; ) {
      if (inert(bytes, i)) {
        inert = i;
        i += (bytes[i] & 0xFF) < floor ? 1 : TextBuffer.sizeAt(bytes, i);
        continue;
      }
      // a composing character may compose with the one before it
      int start = compose && inert >= 0 ? character(bytes, inert) : i;
      int end = end(bytes, i, length);
      out.add(in, copied, start);
      stretch.rewrite(in, start, end, compose, compatible, out);
      copied = end;
      inert = -1;
      i = end;
    }
    out.add(in, copied, length);
    STRETCHES.release(stretch);
  }

  /** The end of the stretch that has an active character at this index. */
  private int end(byte[] bytes, int from, int length) {
    int i = from + TextBuffer.sizeAt(bytes, from);
    while (i < length && !inert(bytes, i)) {
      if (i - from > LONG && !compose && hangul(TextBuffer.codePointAt(bytes, i))) {
        break;
      }
      i += TextBuffer.sizeAt(bytes, i);
    }
    return i;
  }

  private boolean inert(byte[] bytes, int index) {
    int b = bytes[index] & 0xFF;
    if (b < floor || ideograph(b)) {
      return true;
    }
    int c = TextBuffer.codePointAt(bytes, index);
    return (Normalization.properties(c) & active) == 0 && (compose || !hangul(c));
  }

  /** The start of the character that has a byte at this index. */
  private static int character(byte[] bytes, int index) {
    int start = index;
    while ((bytes[start] & 0xC0) == 0x80) {
      start--;
    }
    return start;
  }

  /** Whether it leads U+5000 to U+8FFF, which are inert. */
  private static boolean ideograph(int lead) {
    return lead >= 0xE5 && lead <= 0xE8;
  }

  private static boolean hangul(int c) {
    return c >= Normalization.HANGUL && c < Normalization.HANGUL + Normalization.HANGULS;
  }

  @Override
  public boolean cuttable() {
    return true;
  }
}
