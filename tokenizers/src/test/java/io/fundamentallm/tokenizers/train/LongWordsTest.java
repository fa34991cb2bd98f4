package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.spi.Learning;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LongWordsTest {
  @Test
  void words_that_are_short_enough_are_left_as_they_are() {
    WordCounts words = Words.of(Map.of("a", 3L, "b".repeat(LongWords.LONGEST), 1L));
    assertThat(LongWords.cut(words, Cancellation.none())).isSameAs(words);
  }

  @Test
  void longer_words_are_cut_between_code_points() {
    String face = "\uD83D\uDE42";
    String word = "a" + face.repeat(LongWords.LONGEST / 4) + "tail";
    Map<String, Long> cut = counts(Words.of(Map.of("tail", 2L, word, 3L)));
    String first = "a" + face.repeat(LongWords.LONGEST / 4 - 1);
    assertThat(cut).isEqualTo(Map.of(first, 3L, face + "tail", 3L, "tail", 2L));
  }

  @Test
  void equal_parts_are_counted_together() {
    String word = "ab".repeat(LongWords.LONGEST);
    assertThat(counts(Words.of(Map.of(word, 5L))))
        .isEqualTo(Map.of("ab".repeat(LongWords.LONGEST / 2), 10L));
  }

  @Test
  void learning_from_text_without_spaces_can_be_cancelled_within_it() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      text.append((char) ('a' + i * 7 % 26)).append((char) ('a' + i * i % 25));
    }
    WordCounts words = Words.of(Map.of(text.toString(), 1L));
    AtomicInteger asked = new AtomicInteger();
    UnigramTrainer trainer = UnigramTrainer.builder().vocabSize(200).build();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () ->
                trainer.train(words, new Learning(() -> asked.incrementAndGet() > 60, List.of())));
    assertThat(asked).hasValue(61);
  }

  private static Map<String, Long> counts(WordCounts words) {
    WordCounts cut = LongWords.cut(words, Cancellation.none());
    Map<String, Long> counts = new TreeMap<>();
    for (int word = 0; word < cut.size(); word++) {
      int from = cut.start(word);
      String text = new String(cut.pool(), from, cut.end(word) - from, StandardCharsets.UTF_8);
      counts.put(text, cut.count(word));
    }
    return counts;
  }
}
