package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.spi.Learning;
import io.fundamentallm.tokenizers.text.Normalizer;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WordCounterTest {
  @Test
  void words_are_cut_by_the_pre_tokenizer_within_each_text() {
    WordCounts counts = new WordCounts();
    new WordCounter(null, new Gpt2Regex())
        .count(List.of("the cat\n", "the cat"), counts, Learning.quiet());
    assertThat(Words.map(counts)).isEqualTo(Map.of("the", 2L, " cat", 2L, "\n", 1L));
  }

  @Test
  void a_text_is_one_word_where_nothing_cuts_it() {
    WordCounts counts = new WordCounts();
    new WordCounter(null, null).count(List.of("a b", "", "a b"), counts, Learning.quiet());
    assertThat(Words.map(counts)).isEqualTo(Map.of("a b", 2L));
  }

  @Test
  void texts_are_normalized_first() {
    Normalizer doubling =
        (in, out) -> {
          out.add(in, 0, in.length());
          out.add(in, 0, in.length());
        };
    WordCounts counts = new WordCounts();
    new WordCounter(doubling, null).count(List.of("ab"), counts, Learning.quiet());
    assertThat(Words.map(counts)).isEqualTo(Map.of("abab", 1L));
  }

  @Test
  void surrogates_without_their_other_half_become_replacement_characters() {
    TextBuffer buffer = new TextBuffer();
    WordCounter.appendUtf8("a\ud800b\udc00\ud83d\ude00\ud83d", buffer);
    assertThat(new String(buffer.bytes(), 0, buffer.length(), StandardCharsets.UTF_8))
        .isEqualTo("a\ufffdb\ufffd\ud83d\ude00\ufffd");
  }

  @Property(tries = 300, seed = "11")
  void utf8_is_that_of_the_jdk_for_valid_text(@ForAll String any) {
    String text = new String(any.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    text = text.repeat(20_000 / (text.length() + 1) + 1);
    TextBuffer buffer = new TextBuffer();
    WordCounter.appendUtf8(text, buffer);
    assertThat(new String(buffer.bytes(), 0, buffer.length(), StandardCharsets.UTF_8))
        .isEqualTo(text);
  }

  @Test
  void progress_tells_the_bytes_of_text_and_ends_with_the_whole() {
    List<String> received = new ArrayList<>();
    String line = "x".repeat(99) + "\n";
    new WordCounter(null, new Gpt2Regex())
        .count(Collections.nCopies(30_000, line), new WordCounts(), Words.received(received));
    assertThat(received).hasSize(3).last().isEqualTo("count words 3000000 3000000");
    assertThat(received.get(0)).startsWith("count words 10").endsWith(" -1");
  }

  @Test
  void counting_stops_when_cancelled() {
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                new WordCounter(null, null)
                    .count(
                        Collections.nCopies(1_000, "text"),
                        new WordCounts(),
                        new Learning(() -> asked.incrementAndGet() > 10, List.of())))
        .isInstanceOf(CancellationException.class);
    assertThat(asked).hasValue(11);
  }
}
