package io.fundamentallm.tokenizers.huggingface;

import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.text.PrintableBytes;

/**
 * Finds the ids of written forms, by their bytes where each character is a byte: a model looks up
 * three for each of its merges. One thread at a time.
 */
final class ByteForms {
  private final TokenizerJson json;
  private final ByteStrings strings;
  private final boolean byteLevel;
  private byte[] bytes = new byte[256];

  ByteForms(TokenizerJson json, ByteStrings strings, boolean byteLevel) {
    this.json = json;
    this.strings = strings;
    this.byteLevel = byteLevel;
  }

  /** The id of the form made of these two, in the model's own vocabulary; -1 if there is none. */
  int id(String left, String right) {
    int length = left.length() + right.length();
    if (byteLevel) {
      if (bytes.length < length + ByteStrings.SLACK) {
        bytes = new byte[2 * length + ByteStrings.SLACK];
      }
      if (write(left, 0) && write(right, left.length())) {
        int id = strings.find(bytes, 0, length);
        if (id >= 0 && id < json.modelSize()) {
          return id;
        }
      }
    }
    return json.ids().getOrDefault(right.isEmpty() ? left : left + right, -1);
  }

  private boolean write(String form, int at) {
    for (int i = 0; i < form.length(); i++) {
      int b = PrintableBytes.read(form.charAt(i));
      if (b < 0) {
        return false;
      }
      bytes[at + i] = (byte) b;
    }
    return true;
  }
}
