package io.fundamentallm.commandline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** How single tokens are shown. */
record TokenTexts(Tokenizer tokenizer) {
  private static final String PART = "bytes:";

  /**
   * A token's text, by the web service's rule: that of a special one is its name, and {@code
   * bytes:\xe2\x80} stands for a part of a character.
   */
  String text(int token) {
    if (tokenizer.vocabulary().special().contains(token)) {
      return tokenizer.vocabulary().token(token);
    }
    byte[] bytes = tokenizer.bytes(token);
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      StringBuilder text = new StringBuilder(PART);
      for (byte b : bytes) {
        text.append(String.format("\\x%02x", b));
      }
      return text.toString();
    }
  }

  /** The same within a line, which a text must not break; backslashes of a text are doubled. */
  String line(int token) {
    String text = text(token);
    return text.startsWith(PART)
        ? text
        : text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
  }
}
