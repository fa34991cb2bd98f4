package com.example.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of every model, and what follows what. */
class BigramsTest extends LanguageModelContract {
  private static final String TEXT = "It is a truth, it is a man, it is a wife, it is a truth.";

  @TempDir Path folder;

  /** A model directory: the tokenizer's file beside the runtime's. */
  private Path directory() throws IOException {
    Tokenizer tokenizer = Tokenizers.learn("words", TEXT);
    tokenizer.save(folder);
    int[][] counts = new int[tokenizer.vocabulary().size()][tokenizer.vocabulary().size()];
    int[] tokens = tokenizer.encode(TEXT);
    for (int i = 1; i < tokens.length; i++) {
      counts[tokens[i - 1]][tokens[i]]++;
    }
    counts[tokens[tokens.length - 1]][0] += 9; // the end, more often than a comma
    Files.write(
        folder.resolve("bigrams.txt"),
        Arrays.stream(counts)
            .map(
                row ->
                    Arrays.stream(row).mapToObj(String::valueOf).collect(Collectors.joining(" ")))
            .toList());
    return folder;
  }

  @Override
  protected LanguageModel model() throws IOException {
    return LanguageModels.load(directory(), "bigrams(context=64)");
  }

  @Test
  void it_is_found_and_writes_what_followed_most_often() throws IOException {
    try (TextGenerator generator = TextGenerator.load(directory())) {
      assertThat(generator.withSampler("greedy").withMaxNewTokens(4).generate("a man, it"))
          .isEqualTo(" is a truth,");
    }
  }

  @Test
  void a_text_is_over_with_its_end_token() throws IOException {
    try (TextGenerator generator = TextGenerator.load(directory());
        Generation written = generator.withSampler("greedy").tokens("it is a truth.")) {
      assertThat(written.text()).isEmpty();
      assertThat(written.finishReason()).isEqualTo(FinishReason.END_TOKEN);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "3 4 5", "3 x", "3 -4", "3 4.5", ""})
  void a_line_without_a_count_for_each_token_is_refused(String second) throws IOException {
    Files.writeString(directory().resolve("bigrams.txt"), "1 2\n" + second + "\n");
    assertThatThrownBy(() -> LanguageModels.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bigrams.txt, line 2: expected 2 counts");
  }
}
