package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WordCountsTest {
  @Property(tries = 300, seed = "7")
  void counts_are_those_of_a_map(@ForAll List<String> words) {
    Map<String, Long> expected = new HashMap<>();
    WordCounts counts = new WordCounts();
    for (String word : words) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      counts.add(bytes, 0, bytes.length, 3);
      if (bytes.length > 0) {
        expected.merge(new String(bytes, StandardCharsets.UTF_8), 3L, Long::sum);
      }
    }
    assertThat(Words.map(counts)).isEqualTo(expected);
  }

  @Test
  void a_word_is_the_same_wherever_it_stands() {
    WordCounts counts = new WordCounts();
    byte[] text = "abcabcdefghabcdefghabc".getBytes(StandardCharsets.UTF_8);
    counts.add(text, 0, 3, 1);
    counts.add(text, 3, 11, 1);
    counts.add(text, 11, 19, 1);
    counts.add(text, 19, 22, 1);
    assertThat(Words.map(counts)).isEqualTo(Map.of("abc", 2L, "abcdefgh", 2L));
  }

  @Test
  void many_words_are_all_found_again() {
    WordCounts counts = new WordCounts();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 100_000; i++) {
        Words.add(counts, "word" + i, 1);
      }
    }
    assertThat(counts.size()).isEqualTo(100_000);
    assertThat(Words.map(counts).values()).allMatch(count -> count == 2);
  }

  @Test
  void a_bounded_table_never_exceeds_its_limits_and_keeps_frequent_words_exactly() {
    WordCounts counts = new WordCounts(100, 1_000);
    Random random = new Random(5);
    long total = 0;
    for (int i = 0; i < 50_000; i++) {
      Words.add(counts, "w" + random.nextInt(5_000), 1);
      Words.add(counts, "the", 1);
      total += 2;
      assertThat(counts.size()).isLessThanOrEqualTo(100);
      assertThat(counts.bytes()).isLessThanOrEqualTo(1_000);
    }
    Map<String, Long> map = Words.map(counts);
    assertThat(map).containsEntry("the", 50_000L);
    assertThat(map.values().stream().mapToLong(Long::longValue).sum()).isLessThan(total);
  }

  @Test
  void pruning_drops_the_rarest_until_half_is_left() {
    WordCounts counts = new WordCounts(4, 1_000);
    Words.add(counts, "four", 4);
    Words.add(counts, "one", 1);
    Words.add(counts, "two", 2);
    Words.add(counts, "three", 3);
    Words.add(counts, "new", 1);
    assertThat(Words.map(counts)).isEqualTo(Map.of("three", 3L, "four", 4L, "new", 1L));
  }

  @Test
  void a_word_longer_than_half_of_the_limit_is_not_counted() {
    WordCounts counts = new WordCounts(10, 20);
    Words.add(counts, "12345678901", 2);
    Words.add(counts, "1234567890", 2);
    assertThat(Words.map(counts)).isEqualTo(Map.of("1234567890", 2L));
  }

  @Test
  void limits_that_hold_nothing_are_refused() {
    assertThatThrownBy(() -> new WordCounts(1, 100)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WordCounts(100, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
