package io.fundamentallm.tokenizers.text;

import io.fundamentallm.tokenizers.unicode.Unicode;

/** Leaves out what BERT treats as nonspacing marks. */
final class BertMarks implements Normalizer {
  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    byte[] bytes = in.bytes();
    for (int i = 0; i < in.length(); ) {
      int next = i + TextBuffer.sizeAt(bytes, i);
      if (Unicode.bertClass(TextBuffer.codePointAt(bytes, i)) != Unicode.BERT_MARK) {
        out.add(in, i, next);
      }
      i = next;
    }
  }
}
