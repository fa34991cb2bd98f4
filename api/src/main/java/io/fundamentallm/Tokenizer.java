package io.fundamentallm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Text to token ids and back. Immutable and thread-safe.
 *
 * <p>Ids lie in {@code [0, vocabulary().size())}; every method that takes ids throws {@link
 * IllegalArgumentException} for one outside that range. Lone surrogates in a text encode as U+FFFD.
 */
public interface Tokenizer {
  /**
   * Encodes text. Look-alikes of special tokens are plain text, and none is added.
   *
   * @throws IllegalArgumentException where the tokenizer was told to refuse what it cannot
   *     represent; names the character and its index
   */
  default int[] encode(CharSequence text) {
    return encode(text, SpecialTokens.none());
  }

  /** Encodes text in which the allowed special tokens, written out, stand for themselves. */
  int[] encode(CharSequence text, SpecialTokens allowed);

  /** The exact UTF-8 bytes of a token; one token may hold part of a code point. A fresh array. */
  byte[] bytes(int token);

  /** Decodes tokens, special ones as they are written. Malformed UTF-8 becomes U+FFFD. */
  default String decode(int... tokens) {
    Detokenizer detokenizer = detokenizer();
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      text.append(detokenizer.append(token));
    }
    return text.append(detokenizer.finish()).toString();
  }

  /** A fresh streaming decoder, whose pieces together are what {@link #decode} gives. */
  default Detokenizer detokenizer() {
    return new Utf8Detokenizer(this);
  }

  /** Ids, their written forms, and the special ones. */
  Vocabulary vocabulary();

  /** How conversations are laid out for this model, where its files say so. */
  default Optional<ChatTemplate> chatTemplate() {
    return Optional.empty();
  }

  /**
   * Writes the tokenizer's files into a model directory, so that {@link Tokenizers#load} reads them
   * back. Each file is replaced atomically.
   */
  void save(Path modelDirectory) throws IOException;
}
