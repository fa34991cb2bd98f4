package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.Cancellation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WordPieceTrainerTest {
  private static final Map<String, Long> WORDS =
      Map.of("hug", 10L, "pug", 5L, "pun", 12L, "bun", 4L, "hugs", 5L);

  private static List<String> train(WordPieceTrainer.Builder builder) {
    return builder.build().train(Words.of(WORDS), Cancellation.none(), Progress.none()).forms();
  }

  @Test
  void the_most_frequent_pairs_are_merged_and_prefixes_are_kept_at_the_front() {
    assertThat(String.join(" ", train(WordPieceTrainer.builder().specialTokens(List.of("[UNK]")))))
        .isEqualTo("[UNK] b g h n p s u ##g ##n ##s ##u ##ug ##un hug pun pug hugs bun");
  }

  @Test
  void size_frequency_alphabet_and_affixes_are_those_of_bpe() {
    assertThat(train(WordPieceTrainer.builder().vocabSize(12))).endsWith("##u", "##ug");
    assertThat(train(WordPieceTrainer.builder().minFrequency(16))).endsWith("##ug", "##un");
    assertThat(train(WordPieceTrainer.builder().limitAlphabet(1))).containsExactly("u", "##u");
    assertThat(train(WordPieceTrainer.builder().initialAlphabet("z"))).contains("z");
    assertThat(train(WordPieceTrainer.builder().continuingSubwordPrefix("").endOfWordSuffix("$")))
        .contains("hug$", "hugs$")
        .doesNotContain("##u");
  }
}
