package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.spi.Learning;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UnigramTrainerTest {
  private static LearnedUnigram train(UnigramTrainer.Builder builder, Map<String, Long> words) {
    return builder.build().train(Words.of(words), Learning.quiet());
  }

  /** Words of a small language: many stems, few endings, and one word more frequent than all. */
  private static List<String> corpus() {
    List<String> texts = new ArrayList<>(Collections.nCopies(500, "▁quux"));
    Random random = new Random(8);
    String[] endings = {"s", "ed", "ing", "er", "ers"};
    for (int i = 0; i < 3_000; i++) {
      StringBuilder word = new StringBuilder("▁");
      for (int k = 0; k < 3; k++) {
        word.append("bdfgklmnprstvz".charAt(random.nextInt(14)));
        word.append("aiou".charAt(random.nextInt(4)));
      }
      texts.add(word + endings[random.nextInt(5)]);
    }
    return texts;
  }

  private static LearnedUnigram trainOn(List<String> texts, int size) {
    WordCounts words = new WordCounts();
    new WordCounter(null, null).count(texts, words, Learning.quiet());
    return UnigramTrainer.builder()
        .vocabSize(size)
        .unknownToken("<unk>")
        .build()
        .train(words, Learning.quiet());
  }

  @Test
  void seeds_of_huggingfaces_example_have_its_order_and_scores() {
    Map<String, Long> sentences = Map.of("This is a", 1L, "こんにちは友達", 1L);
    WordText words = new WordText(Words.of(sentences), Cancellation.none());
    PieceSet seeds = SeedPieces.find(words, 16, 1_000_000, Cancellation.none());
    List<String> forms = new ArrayList<>();
    for (int piece = 1; piece < seeds.size(); piece++) {
      forms.add(new String(words.text(), seeds.start(piece), seeds.length(piece)));
    }
    assertThat(forms)
        .containsExactly(
            "s", "i", " ", "達", "友", "ん", "は", "に", "ち", "こ", "h", "a", "T", "is ", "s ");
    assertThat(seeds.score(1)).isCloseTo(-2.5649, within(1e-4));
    assertThat(seeds.score(4)).isCloseTo(-3.2580, within(1e-4));
    assertThat(seeds.score(14)).isCloseTo(-1.4663, within(1e-4));
    assertThat(seeds.score(15)).isCloseTo(-1.8718, within(1e-4));
  }

  @Test
  void frequent_parts_of_words_become_pieces() {
    LearnedUnigram learned = trainOn(corpus(), 80);
    assertThat(learned.pieces().size()).isEqualTo(80);
    assertThat(learned.pieces()).contains("▁quux", "ing");
    assertThat(learned.pieces().get(0)).isEqualTo("<unk>");
  }

  @Test
  void pieces_are_ordered_by_score_and_are_a_distribution() {
    LearnedUnigram learned = trainOn(corpus(), 80);
    double sum = 0;
    for (int id = 1; id < learned.pieces().size(); id++) {
      sum += Math.exp(learned.scores()[id]);
      assertThat(learned.scores()[id]).isNegative();
      if (id > 1) {
        assertThat(learned.scores()[id]).isLessThanOrEqualTo(learned.scores()[id - 1]);
      }
    }
    assertThat(sum).isBetween(0.5, 1.05);
    assertThat(learned.pieces()).doesNotHaveDuplicates();
  }

  @Test
  void all_characters_are_kept_even_where_they_are_too_many() {
    LearnedUnigram learned = trainOn(List.of("abcdefgh", "abcdijkl", "日本語"), 5);
    assertThat(learned.pieces())
        .contains("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "日", "本", "語")
        .hasSize(16);
  }

  @Test
  void the_unknown_token_is_found_among_the_special_ones_or_added_before_them() {
    Map<String, Long> words = Map.of("ab", 3L);
    LearnedUnigram among =
        train(
            UnigramTrainer.builder().specialTokens(List.of("<s>", "<unk>")).unknownToken("<unk>"),
            words);
    assertThat(among.pieces()).startsWith("<s>", "<unk>").contains("a", "b");
    LearnedUnigram added =
        train(UnigramTrainer.builder().specialTokens(List.of("<s>")).unknownToken("<unk>"), words);
    assertThat(added.pieces()).startsWith("<unk>", "<s>");
    assertThat(train(UnigramTrainer.builder(), words).pieces())
        .containsExactlyInAnyOrder("a", "b", "ab");
  }

  @Test
  void the_initial_alphabet_is_kept_and_scored_below_the_others() {
    LearnedUnigram learned =
        train(UnigramTrainer.builder().initialAlphabet("zé"), Map.of("ab", 9L, "abab", 9L));
    assertThat(learned.pieces()).contains("z", "é");
  }

  @Test
  void pieces_are_not_longer_than_the_maximum() {
    WordCounts words = new WordCounts();
    new WordCounter(null, null).count(corpus(), words, Learning.quiet());
    LearnedUnigram learned =
        UnigramTrainer.builder().maxPieceLength(3).build().train(words, Learning.quiet());
    assertThat(learned.pieces()).allMatch(piece -> piece.length() <= 3).contains("ing");
  }

  @Test
  void the_order_of_the_texts_does_not_matter() {
    List<String> texts = corpus();
    LearnedUnigram first = trainOn(texts, 50);
    LearnedUnigram again = trainOn(texts, 50);
    Collections.shuffle(texts, new Random(1));
    LearnedUnigram shuffled = trainOn(texts, 50);
    assertThat(again.pieces()).isEqualTo(first.pieces()).isEqualTo(shuffled.pieces());
    assertThat(again.scores()).isEqualTo(first.scores()).isEqualTo(shuffled.scores());
  }

  @Test
  void words_of_many_thousand_characters_neither_underflow_nor_overflow() {
    Random random = new Random(2);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append((char) ('a' + random.nextInt(20)));
    }
    LearnedUnigram learned = trainOn(List.of(text.toString(), "\0nul"), 100);
    assertThat(learned.pieces().size()).isEqualTo(100);
    for (double score : learned.scores()) {
      assertThat(score).isFinite();
    }
  }

  @Test
  void no_words_give_only_special_tokens() {
    assertThat(trainOn(List.of(), 100).pieces()).containsExactly("<unk>");
  }

  @Test
  void learning_stops_when_cancelled() {
    Map<String, Long> words = new TreeMap<>(Map.of("banana", 5L, "bandana", 3L));
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                UnigramTrainer.builder()
                    .vocabSize(4)
                    .build()
                    .train(
                        Words.of(words),
                        new Learning(() -> asked.incrementAndGet() > 4, List.of())))
        .isInstanceOf(CancellationException.class);
    assertThat(asked).hasValue(5);
  }

  @Test
  void digamma_is_the_derivative_of_log_gamma() {
    assertThat(UnigramLearner.digamma(1)).isCloseTo(-0.5772156649, within(1e-8));
    assertThat(UnigramLearner.digamma(0.5)).isCloseTo(-1.9635100260, within(1e-8));
    assertThat(UnigramLearner.digamma(100)).isCloseTo(4.6001618527, within(1e-8));
  }

  @Test
  void impossible_parameters_are_refused() {
    UnigramTrainer.Builder builder = UnigramTrainer.builder();
    assertThatThrownBy(() -> builder.shrinkingFactor(1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.subIterations(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.maxPieceLength(0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
