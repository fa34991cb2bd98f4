package io.fundamentallm.webservice.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** How single tokens are shown. Thread-safe. */
record TokenTexts(Tokenizer tokenizer) {
  /** The token's text, malformed UTF-8 as U+FFFD. */
  String text(int token) {
    return new String(bytes(token), UTF_8);
  }

  /** The token's text, or {@code bytes:\xe2\x80} if it is only a part of a character. */
  String textOrBytes(int token) {
    byte[] bytes = bytes(token);
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      StringBuilder text = new StringBuilder("bytes:");
      for (byte b : bytes) {
        text.append(String.format("\\x%02x", b));
      }
      return text.toString();
    }
  }

  /** The token's bytes; none if the tokenizer lacks a token that the model has. */
  byte[] bytes(int token) {
    return token < tokenizer.vocabulary().size() ? tokenizer.bytes(token) : new byte[0];
  }

  /** Whether it is a part of the text. */
  boolean isText(int token) {
    return token < tokenizer.vocabulary().size()
        && !tokenizer.vocabulary().special().contains(token);
  }
}
