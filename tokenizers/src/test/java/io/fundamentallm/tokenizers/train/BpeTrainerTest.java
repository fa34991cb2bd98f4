package io.fundamentallm.tokenizers.train;

import static io.fundamentallm.tokenizers.train.Words.merges;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.spi.Learning;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {
  /** The words of test_train in tokenizers/src/models/bpe/trainer.rs. */
  private static final Map<String, Long> ROSES =
      Map.ofEntries(
          Map.entry("roses", 1L),
          Map.entry("are", 2L),
          Map.entry("red", 1L),
          Map.entry("voilets", 1L),
          Map.entry("blue", 1L),
          Map.entry("BERT", 1L),
          Map.entry("is", 2L),
          Map.entry("big", 1L),
          Map.entry("and", 1L),
          Map.entry("so", 1L),
          Map.entry("GPT-2", 1L));

  private static LearnedBpe train(BpeTrainer.Builder builder, Map<String, Long> words) {
    return builder.build().train(Words.of(words), Learning.quiet());
  }

  @Test
  void huggingfaces_example_gives_its_vocabulary_and_merges() {
    LearnedBpe learned = train(BpeTrainer.builder().minFrequency(2), ROSES);
    assertThat(String.join(" ", learned.forms()))
        .isEqualTo("- 2 B E G P R T a b d e g i l n o r s t u v re are is");
    assertThat(merges(learned)).containsExactly("r e", "a re", "i s");
  }

  @Test
  void pairs_rarer_than_the_minimum_are_not_merged() {
    Map<String, Long> words = Map.of("ab", 5L, "cd", 4L, "ef", 1L);
    assertThat(merges(train(BpeTrainer.builder().minFrequency(5), words))).containsExactly("a b");
    assertThat(merges(train(BpeTrainer.builder().minFrequency(6), words))).isEmpty();
    assertThat(merges(train(BpeTrainer.builder(), words))).containsExactly("a b", "c d", "e f");
  }

  @Test
  void equally_frequent_pairs_are_merged_in_the_order_of_their_ids() {
    Map<String, Long> words = Map.of("zz", 3L, "ab", 3L, "ac", 3L, "xa", 3L);
    assertThat(merges(train(BpeTrainer.builder(), words)))
        .containsExactly("a b", "a c", "x a", "z z");
  }

  @Test
  void learning_stops_at_the_vocabulary_size_but_the_alphabet_is_whole() {
    assertThat(train(BpeTrainer.builder().vocabSize(23), ROSES).forms()).hasSize(23);
    assertThat(train(BpeTrainer.builder().vocabSize(3), ROSES).forms()).hasSize(22);
  }

  @Test
  void special_tokens_come_first_and_once() {
    LearnedBpe learned =
        train(
            BpeTrainer.builder().specialTokens(List.of("<s>", "</s>", "<s>", "is")),
            Map.of("is", 2L));
    assertThat(learned.forms()).containsExactly("<s>", "</s>", "is", "i", "s");
    assertThat(merges(learned)).containsExactly("i s");
  }

  @Test
  void a_limited_alphabet_keeps_the_most_frequent_characters_and_passes_over_the_others() {
    Map<String, Long> words = Map.of("axb", 2L, "ab", 1L, "y", 2L);
    LearnedBpe learned = train(BpeTrainer.builder().limitAlphabet(3), words);
    // x and y are equally frequent: the higher one goes; without y, nothing of its word is left
    assertThat(learned.forms()).containsExactly("a", "b", "x", "ax", "axb", "ab");
    assertThat(train(BpeTrainer.builder().limitAlphabet(2), words).forms())
        .containsExactly("a", "b", "ab");
  }

  @Test
  void the_initial_alphabet_is_kept_whether_it_occurs_or_not() {
    LearnedBpe learned =
        train(BpeTrainer.builder().initialAlphabet("zé").limitAlphabet(3), Map.of("abb", 3L));
    assertThat(learned.forms()).containsExactly("b", "z", "é", "bb");
  }

  @Test
  void tokens_grow_only_below_the_maximum_length() {
    Map<String, Long> words =
        Map.of(
            "singlelongtokenwithoutcasechange", 2L,
            "긴한글문자열긴한글문자열긴한글문", 2L,
            "长字符串长字符串长字符串长字符串", 2L,
            "短い文字列短い文字列", 2L,
            "GPT-2", 2L);
    LearnedBpe learned = train(BpeTrainer.builder().maxTokenLength(16), words);
    assertThat(learned.forms()).allMatch(form -> form.length() < 16);
    assertThat(learned.forms()).anyMatch(form -> form.length() > 10);
  }

  @Test
  void huggingfaces_example_of_a_maximum_length_gives_its_ids() {
    Map<String, Long> words = new TreeMap<>();
    for (String word :
        List.of("sin", "Sin", "Lon", "Ano", "짧은한", "긴한글", "短字符", "长字符", "短い文", "長い文", "so", "GP")) {
      words.put(word, 2L);
    }
    List<String> forms = train(BpeTrainer.builder().maxTokenLength(2), words).forms();
    assertThat(forms.subList(21, forms.size()))
        .containsExactly("in", "い文", "字符", "An", "GP", "Lo", "so", "긴한", "은한");
  }

  @Test
  void byte_level_tokens_are_bytes_in_the_order_of_their_printable_characters() {
    LearnedBpe learned =
        train(
            BpeTrainer.builder().byteLevel(true).specialTokens(List.of("<é>")), Map.of(" é\n", 3L));
    assertThat(learned.forms()).hasSize(1 + 256 + 3).doesNotHaveDuplicates();
    assertThat(learned.forms().subList(0, 3)).containsExactly("<é>", "!", "\"");
    assertThat(merges(learned)).containsExactly("© Ċ", "Ã ©Ċ", "Ġ Ã©Ċ");
    assertThat(learned.forms().get(256)).isEqualTo(PrintableBytes.form(0xAD));
    assertThat(learned.forms()).endsWith(PrintableBytes.write(" é\n".getBytes(UTF_8)));
  }

  @Test
  void byte_level_without_the_whole_alphabet_has_the_bytes_that_occur() {
    assertThat(train(BpeTrainer.builder().byteLevel(false), Map.of("é", 1L)).forms())
        .containsExactly("©", "Ã", "Ã©");
  }

  @Test
  void byte_fallback_tokens_stand_between_special_tokens_and_alphabet() {
    LearnedBpe learned =
        train(
            BpeTrainer.builder().byteFallback(true).specialTokens(List.of("<unk>")),
            Map.of("▁ab", 1L));
    assertThat(learned.forms().subList(0, 3)).containsExactly("<unk>", "<0x00>", "<0x01>");
    assertThat(learned.forms().subList(256, 260)).containsExactly("<0xFF>", "a", "b", "▁");
  }

  @Test
  void prefix_and_suffix_mark_what_continues_and_what_ends_a_word() {
    LearnedBpe learned =
        train(
            BpeTrainer.builder().continuingSubwordPrefix("##").endOfWordSuffix("</w>"),
            Map.of("aba", 2L, "b", 1L));
    assertThat(learned.forms())
        .containsExactly("a", "b", "##a</w>", "##b", "b</w>", "ab", "aba</w>");
    assertThat(merges(learned)).containsExactly("a ##b", "ab ##a</w>");
  }

  @Test
  void the_order_of_the_words_does_not_matter() {
    List<String> texts = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 500; i++) {
      StringBuilder word = new StringBuilder();
      for (int k = random.nextInt(12); k >= 0; k--) {
        word.append((char) ('a' + random.nextInt(6)));
      }
      texts.add(word.toString());
    }
    LearnedBpe first = trainOn(texts);
    LearnedBpe again = trainOn(texts);
    Collections.shuffle(texts, new Random(4));
    LearnedBpe shuffled = trainOn(texts);
    assertThat(merges(first)).hasSizeGreaterThan(200);
    assertThat(merges(again)).isEqualTo(merges(first));
    assertThat(merges(shuffled)).isEqualTo(merges(first));
    assertThat(shuffled.forms()).isEqualTo(first.forms()).isEqualTo(again.forms());
  }

  private static LearnedBpe trainOn(List<String> texts) {
    WordCounts words = new WordCounts();
    new WordCounter(null, null).count(texts, words, Learning.quiet());
    return BpeTrainer.builder()
        .vocabSize(400)
        .continuingSubwordPrefix("##")
        .build()
        .train(words, Learning.quiet());
  }

  @Test
  void a_long_run_of_one_character_doubles_its_tokens() {
    LearnedBpe learned = train(BpeTrainer.builder(), Map.of("a".repeat(1 << 17), 1L));
    List<Integer> lengths = learned.forms().stream().map(String::length).toList();
    assertThat(lengths)
        .isEqualTo(IntStream.rangeClosed(0, 17).mapToObj(power -> 1 << power).toList());
  }

  @Test
  void no_words_give_no_tokens() {
    assertThat(train(BpeTrainer.builder(), Map.of()).forms()).isEmpty();
  }

  @Test
  void learning_tells_how_far_it_is() {
    List<String> received = new ArrayList<>();
    BpeTrainer.builder().build().train(Words.of(ROSES), Words.received(received));
    assertThat(received).last().isEqualTo("learn merges 51 51");
  }

  @Test
  void learning_stops_when_cancelled() {
    AtomicInteger asked = new AtomicInteger();
    WordCounts words = Words.of(ROSES);
    assertThatThrownBy(
            () ->
                BpeTrainer.builder()
                    .build()
                    .train(words, new Learning(() -> asked.incrementAndGet() > 5, List.of())))
        .isInstanceOf(CancellationException.class);
    assertThat(asked).hasValue(6);
  }

  @Test
  void impossible_parameters_are_refused() {
    BpeTrainer.Builder builder = BpeTrainer.builder();
    assertThatThrownBy(() -> builder.vocabSize(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.minFrequency(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.limitAlphabet(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.maxTokenLength(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
