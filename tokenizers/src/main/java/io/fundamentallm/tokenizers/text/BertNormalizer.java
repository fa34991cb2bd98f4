package io.fundamentallm.tokenizers.text;

import io.fundamentallm.tokenizers.unicode.LowerCase;
import io.fundamentallm.tokenizers.unicode.Normalization;
import io.fundamentallm.tokenizers.unicode.Unicode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * BERT's normalizer (normalizers/bert.rs) in one pass: cleans, puts spaces around ideographs,
 * decomposes and leaves out nonspacing marks, lowercases.
 *
 * <p>One pass is correct as long as no remaining mark changes its place among others. The few texts
 * with marks that could do so go through the steps one by one.
 */
public final class BertNormalizer implements Normalizer {
  private static final ScratchPool<int[]> PARTS = new ScratchPool<>(() -> new int[18]);

  private final boolean clean;
  private final boolean pad;
  private final boolean strip;
  private final boolean lowercase;

  /** What ASCII characters become; -1: nothing. */
  private final byte[] ascii = new byte[128];

  /**
   * BERT's.
   *
   * @param clean drop control characters, and make every white space a space
   * @param pad put spaces around CJK ideographs
   * @param strip decompose and leave out nonspacing marks; null: where it lowercases
   */
  public BertNormalizer(boolean clean, boolean pad, @Nullable Boolean strip, boolean lowercase) {
    this.clean = clean;
    this.pad = pad;
    this.strip = strip == null ? lowercase : strip;
    this.lowercase = lowercase;
    for (int c = 0; c < ascii.length; c++) {
      int cleaned = clean ? clean(c) : c;
      ascii[c] = (byte) (lowercase && cleaned >= 0 ? LowerCase.of(cleaned) : cleaned);
    }
  }

  /** A cleaned character; -1: none. */
  private static int clean(int c) {
    if (c == '\t' || c == '\n' || c == '\r') {
      return ' ';
    }
    if (c == 0 || c == 0xFFFD || Unicode.bertClass(c) == Unicode.BERT_CONTROL) {
      return -1;
    }
    return Unicode.isWhiteSpace(c) ? ' ' : c;
  }

  @Override
  public boolean leaves(TextBuffer text) {
    byte[] bytes = text.bytes();
    for (int i = 0; i < text.length(); i++) {
      if (bytes[i] < 0 || ascii[bytes[i]] != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    int[] parts = PARTS.acquire();
    byte[] bytes = in.bytes();
    int length = in.length();
    for (int i = 0; i < length; ) {
      if (bytes[i] >= 0) {
        i = ascii(in, i, out);
      } else {
        if (!add(in, i, parts, out)) {
          out.clear(in.tracked());
          stepwise().normalize(in, out);
          break;
        }
        i += TextBuffer.sizeAt(bytes, i);
      }
    }
    PARTS.release(parts);
  }

  /** Adds the ASCII characters from an index on, and returns where they end. */
  private int ascii(TextBuffer in, int from, TextBuffer out) {
    byte[] bytes = in.bytes();
    int length = in.length();
    int i = from;
    if (in.tracked()) {
      for (; i < length && bytes[i] >= 0; i++) {
        byte mapped = ascii[bytes[i]];
        if (mapped >= 0) {
          out.add(mapped, in.sourceStart(i), in.sourceEnd(i));
        }
      }
      return i;
    }
    byte[] buffer = out.reserve(length - from);
    int first = out.length();
    int next = first;
    for (; i < length && bytes[i] >= 0; i++) {
      byte mapped = ascii[bytes[i]];
      buffer[next] = mapped;
      next += mapped < 0 ? 0 : 1;
    }
    out.advance(next - first, 0);
    return i;
  }

  /** Adds the result for another character; false: a mark may have to change its place. */
  private boolean add(TextBuffer in, int index, int[] parts, TextBuffer out) {
    int start = in.sourceStart(index);
    int end = in.sourceEnd(index);
    int c = TextBuffer.codePointAt(in.bytes(), index);
    c = clean ? clean(c) : c;
    if (c < 0) {
      return true;
    }
    boolean padded = pad && ideograph(c);
    if (padded) {
      out.add(' ', start, end);
    }
    boolean done = true;
    if (!strip) {
      addCased(c, start, end, out);
    } else {
      int count = decompose(c, parts);
      for (int i = 0; i < count; i++) {
        if (Unicode.bertClass(parts[i]) != Unicode.BERT_MARK) {
          done &= Normalization.combiningClass(parts[i]) == 0;
          addCased(parts[i], start, end, out);
        }
      }
    }
    if (padded) {
      out.add(' ', start, end);
    }
    return done;
  }

  private static int decompose(int c, int[] parts) {
    int s = c - Normalization.HANGUL;
    if (s >= 0 && s < Normalization.HANGULS) {
      int lv = s / Normalization.HANGUL_TS;
      parts[0] = Normalization.HANGUL_L + lv / Normalization.HANGUL_VS;
      parts[1] = Normalization.HANGUL_V + lv % Normalization.HANGUL_VS;
      parts[2] = Normalization.HANGUL_T + s % Normalization.HANGUL_TS;
      return s % Normalization.HANGUL_TS == 0 ? 2 : 3;
    }
    int count = Normalization.decompose(c, false, parts, 0);
    if (count == 0) {
      parts[0] = c;
      return 1;
    }
    return count;
  }

  private void addCased(int c, int start, int end, TextBuffer out) {
    out.addCodePoint(lowercase ? LowerCase.of(c) : c, start, end);
    if (lowercase && c == LowerCase.DOTTED_I) {
      out.addCodePoint(LowerCase.DOT_ABOVE, start, end);
    }
  }

  private Normalizer stepwise() {
    Normalizer first = new BertNormalizer(clean, pad, false, false);
    Normalizer last = new BertNormalizer(false, false, false, lowercase);
    return new Sequence(List.of(first, NormalizationForm.NFD, new BertMarks(), last));
  }

  /** The blocks that BERT treats as Chinese; the gap in the middle is in bert.rs, too. */
  private static boolean ideograph(int c) {
    return (c >= 0x4E00 && c <= 0x9FFF)
        || (c >= 0x3400 && c <= 0x4DBF)
        || (c >= 0x20000 && c <= 0x2A6DF)
        || (c >= 0x2A700 && c <= 0x2B73F)
        || (c >= 0x2B740 && c <= 0x2B81F)
        || (c >= 0x2B920 && c <= 0x2CEAF)
        || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0x2F800 && c <= 0x2FA1F);
  }

  @Override
  public boolean cuttable() {
    return true;
  }
}
