package io.fundamentallm.text;

import io.fundamentallm.model.Stateful;

/**
 * Decodes a stream of tokens. Never emits half a code point: bytes of an incomplete UTF-8 sequence
 * are held back until the rest arrives. One thread at a time.
 */
public interface Detokenizer extends Stateful {
  /**
   * Takes the next token.
   *
   * @return the text that is now complete, possibly empty; malformed bytes are treated as the
   *     options say
   * @throws IllegalArgumentException for an id outside the vocabulary, or malformed bytes that must
   *     be reported; the token then counts as not taken
   */
  String append(int token);

  /** The text still held back, at the end of the stream. */
  String finish();

  @Override
  Detokenizer fork();
}
