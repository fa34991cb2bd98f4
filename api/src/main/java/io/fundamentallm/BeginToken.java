package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.directory.VocabularyFit;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.util.Arrays;
import java.util.OptionalInt;

/** The tokens before a text, and behind it. */
final class BeginToken {
  private static final EncodingOptions AS_STORED =
      EncodingOptions.builder().addSpecialTokens(true).build();

  private BeginToken() {}

  /**
   * The tokens of a prompt, with those before it that the tokenizer's files say. What they say
   * behind a text is left out, since the text goes on. For an empty prompt the begin token will do,
   * or the end token, which before a text ends another one.
   */
  static int[] prompt(Tokenizer tokenizer, CharSequence text) {
    Encoding encoding = tokenizer.encode(text, AS_STORED);
    int[] added = encoding.specialTokensMask();
    int length = added.length;
    while (length > 0 && added[length - 1] == 1) {
      length--;
    }
    if (length > 0) {
      return Arrays.copyOf(encoding.ids(), length);
    }
    Vocabulary vocabulary = tokenizer.vocabulary();
    OptionalInt begin = vocabulary.bos().isPresent() ? vocabulary.bos() : vocabulary.eos();
    return new int[] {
      begin.orElseThrow(
          () ->
              new IllegalArgumentException(
                  "an empty prompt needs a vocabulary with a begin or end token"))
    };
  }

  /**
   * The tokens of a text by itself, with all that the tokenizer's files put around it. The token
   * that ends other texts stands before it, too, as {@link Tokenizer#beginToken()} says.
   */
  static int[] text(Tokenizer tokenizer, CharSequence text) {
    Encoding encoding = tokenizer.encode(text, AS_STORED);
    int[] ids = encoding.ids();
    OptionalInt begin = tokenizer.beginToken();
    if (begin.isEmpty()) {
      return ids;
    }
    for (int i = 0; i < ids.length && encoding.specialTokensMask()[i] == 1; i++) {
      if (ids[i] == begin.getAsInt()) {
        return ids;
      }
    }
    return prepend(begin.getAsInt(), ids);
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
