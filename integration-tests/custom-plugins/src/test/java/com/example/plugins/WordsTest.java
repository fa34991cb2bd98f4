package com.example.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.TokenizerContract;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The contract of every tokenizer, and where this one cuts. */
class WordsTest extends TokenizerContract {
  private static final String TEXT = "It is a truth, na\u00EFve caf\u00E9; it is.";

  @Override
  protected Tokenizer tokenizer() {
    return Tokenizers.learn("words", TEXT);
  }

  @Override
  protected Tokenizer reload(Path modelDirectory) throws IOException {
    return Tokenizers.load(modelDirectory);
  }

  @Test
  void words_with_their_space_are_tokens_and_so_are_marks() {
    assertThat(pieces("It is a truth.")).containsExactly("It", " is", " a", " truth", ".");
    assertThat(pieces(" caf\u00E9;")).containsExactly(" caf\u00E9", ";");
  }

  @Test
  void words_that_were_not_learned_are_spelled() {
    assertThat(pieces("It was")).containsExactly("It", " ", "w", "a", "s");
  }

  private String[] pieces(String text) {
    Tokenizer tokenizer = tokenizer();
    return Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::decode).toArray(String[]::new);
  }
}
