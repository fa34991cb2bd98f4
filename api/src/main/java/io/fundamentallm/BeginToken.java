package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.directory.VocabularyFit;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.util.OptionalInt;

/** The token before a text. */
final class BeginToken {
  private BeginToken() {}

  /**
   * Puts the vocabulary's begin token before a prompt, unless it is already there or is also the
   * end token, which before a text would end another one. For an empty prompt, either of the two
   * will do.
   */
  static int[] before(Tokenizer tokenizer, int[] prompt) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    OptionalInt begin = vocabulary.bos();
    if (prompt.length == 0) {
      if (begin.isEmpty() && vocabulary.eos().isEmpty()) {
        throw new IllegalArgumentException(
            "an empty prompt needs a vocabulary with a begin or end token");
      }
      return new int[] {begin.orElseGet(() -> vocabulary.eos().getAsInt())};
    }
    if (begin.isEmpty() || begin.equals(vocabulary.eos()) || prompt[0] == begin.getAsInt()) {
      return prompt;
    }
    return prepend(begin.getAsInt(), prompt);
  }

  static int[] prepend(int token, int[] tokens) {
    int[] all = new int[tokens.length + 1];
    all[0] = token;
    System.arraycopy(tokens, 0, all, 1, tokens.length);
    return all;
  }

  /** Refuses a tokenizer whose size says that it belongs to another model. */
  static void checkFit(Tokenizer tokenizer, LanguageModel model) {
    requireNonNull(tokenizer, "tokenizer");
    requireNonNull(model, "model");
    VocabularyFit.require(tokenizer.vocabulary().size(), model.info().vocabularySize());
  }
}
