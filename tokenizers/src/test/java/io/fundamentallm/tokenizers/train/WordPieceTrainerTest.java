package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.spi.Learning;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WordPieceTrainerTest {
  private static final Map<String, Long> WORDS =
      Map.of("hug", 10L, "pug", 5L, "pun", 12L, "bun", 4L, "hugs", 5L);

  private static List<String> train(BpeTrainer.Builder builder) {
    return builder.build().train(Words.of(WORDS), Learning.quiet()).forms();
  }

  private static BpeTrainer.Builder wordPiece() {
    return BpeTrainer.builder().continuingSubwordPrefix("##");
  }

  @Test
  void the_most_frequent_pairs_are_merged_and_prefixes_are_kept_at_the_front() {
    assertThat(String.join(" ", train(wordPiece().specialTokens(List.of("[UNK]")))))
        .isEqualTo("[UNK] b g h n p s u ##g ##n ##s ##u ##ug ##un hug pun pug hugs bun");
  }

  @Test
  void size_frequency_alphabet_and_affixes_are_those_of_bpe() {
    assertThat(train(wordPiece().vocabSize(12))).endsWith("##u", "##ug");
    assertThat(train(wordPiece().minFrequency(16))).endsWith("##ug", "##un");
    assertThat(train(wordPiece().limitAlphabet(1))).containsExactly("u", "##u");
    assertThat(train(wordPiece().initialAlphabet("z"))).contains("z");
    assertThat(train(wordPiece().continuingSubwordPrefix("").endOfWordSuffix("$")))
        .contains("hug$", "hugs$")
        .doesNotContain("##u");
  }
}
