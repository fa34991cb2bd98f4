package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.tokenizers.text.TextBuffer;
import io.fundamentallm.tokenizers.unicode.Unicode;

/** BERT's: drops white space and sets punctuation apart. After Hugging Face's bert.rs. */
public final class BertSplit implements PreTokenizer {
  public static final BertSplit INSTANCE = new BertSplit();

  private static final byte OTHER = 0;
  private static final byte SPACE = 1;
  private static final byte PUNCTUATION = 2;

  /** Classes of ASCII; punctuation is everything visible except letters and digits. */
  private static final byte[] ASCII = new byte[128];

  static {
    for (int c = 0; c < 128; c++) {
      boolean alphanumeric = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
      ASCII[c] =
          Unicode.isWhiteSpace(c)
              ? SPACE
              : c > ' ' && c < 0x7F && !alphanumeric ? PUNCTUATION : OTHER;
    }
  }

  private BertSplit() {}

  /** All that Hugging Face's Punctuation and BertPreTokenizer treat as punctuation. */
  static ImmutableRangeSet<Integer> punctuation() {
    return CodePoints.where(c -> classOf(c) == PUNCTUATION);
  }

  private static byte classOf(int c) {
    if (c < 128) {
      return ASCII[c];
    }
    return Unicode.bertClass(c) == Unicode.BERT_PUNCTUATION
        ? PUNCTUATION
        : Unicode.isWhiteSpace(c) ? SPACE : OTHER;
  }

  @Override
  public void split(PreTokenizedText text) {
    text.cut(BertSplit::cut);
  }

  private static void cut(byte[] bytes, int start, int end, Pieces out) {
    int wordStart = start;
    int at = start;
    while (at < end) {
      int b = bytes[at];
      int kind = b >= 0 ? ASCII[b] : classOf(TextBuffer.codePointAt(bytes, at));
      int next = b >= 0 ? at + 1 : at + TextBuffer.sizeAt(bytes, at);
      if (kind != OTHER) {
        out.add(wordStart, at);
        if (kind == PUNCTUATION) {
          out.add(at, next);
        }
        wordStart = next;
      }
      at = next;
    }
    out.add(wordStart, end);
  }

  @Override
  public boolean cuttable() {
    return true;
  }
}
