package io.fundamentallm.contract;

import io.fundamentallm.text.Detokenizer;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What the contract of tokenizers asks its subclasses for, and what its parts share. */
abstract class TokenizerBench {
  /** The tokenizer under test. */
  protected abstract Tokenizer tokenizer() throws IOException;

  /** Reads back what {@link Tokenizer#save} wrote into this directory. */
  protected abstract Tokenizer reload(Path modelDirectory) throws IOException;

  /** Texts that must come back as they were; override where not every text can. */
  protected List<String> texts() {
    return List.of(
        "",
        "a",
        "It is a truth universally acknowledged.",
        "  two  spaces,\ta tab,\r\na line end\n",
        "na\u00EFve caf\u00E9 e\u0301",
        "\u041F\u0440\u0438\u0432\u0435\u0442, \u65E5\u672C\u8A9E",
        "\uD83D\uDE42 \uD83D\uDC69\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
        "\u0000\u0001\uFEFF\uFFFD",
        "0123456789 ".repeat(100));
  }

  /** Whether every text has an encoding that decodes to it; false where some are refused. */
  protected boolean encodesEveryText() {
    return true;
  }

  /**
   * Whether the bytes of a text's tokens together are the text in UTF-8; false where decoding adds
   * or removes white space.
   */
  protected boolean bytesAreTheText() {
    return true;
  }

  /**
   * Whether offsets leave out the white space at a token's ends, as Hugging Face's ByteLevel with
   * trim_offsets has it.
   */
  protected boolean offsetsLeaveOutWhiteSpace() {
    return false;
  }

  static String beginning(String text) {
    int[] codePoints = text.codePoints().limit(40).toArray();
    return new String(codePoints, 0, codePoints.length);
  }

  static int firstPlain(Tokenizer tokenizer) {
    int id = 0;
    while (tokenizer.vocabulary().special().contains(id)) {
      id++;
    }
    return id;
  }

  static String joined(Detokenizer detokenizer, int[] tokens) {
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      text.append(detokenizer.append(token));
    }
    return text.append(detokenizer.finish()).toString();
  }
}
