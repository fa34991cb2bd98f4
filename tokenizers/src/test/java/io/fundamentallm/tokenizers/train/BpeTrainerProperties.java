package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.spi.Learning;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class BpeTrainerProperties {
  @Property(tries = 2000, seed = "20261")
  void merges_are_those_of_the_plain_algorithm(
      @ForAll("words") Map<String, Long> words,
      @ForAll @IntRange(min = 0, max = 60) int vocabSize,
      @ForAll @IntRange(min = 0, max = 4) int minFrequency) {
    check(words, vocabSize, minFrequency, Integer.MAX_VALUE);
  }

  @Property(tries = 2000, seed = "20262")
  void merges_under_a_maximum_length_are_those_of_the_plain_algorithm(
      @ForAll("words") Map<String, Long> words,
      @ForAll @IntRange(min = 0, max = 60) int vocabSize,
      @ForAll @IntRange(min = 0, max = 9) int maxLength) {
    check(words, vocabSize, 0, maxLength);
  }

  private static void check(
      Map<String, Long> words, int vocabSize, long minFrequency, int maxLength) {
    NaiveBpe naive = new NaiveBpe(words, vocabSize, minFrequency, maxLength);
    LearnedBpe learned =
        BpeTrainer.builder()
            .vocabSize(vocabSize)
            .minFrequency(minFrequency)
            .maxTokenLength(maxLength)
            .build()
            .train(Words.of(words), Learning.quiet());
    List<String> merges = Words.merges(learned);
    assertThat(learned.forms()).isEqualTo(naive.forms);
    assertThat(merges).isEqualTo(naive.merges);
  }

  @Provide
  Arbitrary<Map<String, Long>> words() {
    Arbitrary<String> few =
        Arbitraries.strings().withChars('a', 'b', 'c').ofMinLength(1).ofMaxLength(14);
    Arbitrary<String> many =
        Arbitraries.strings()
            .withCharRange('a', 'z')
            .withChars('é', '日')
            .ofMinLength(1)
            .ofMaxLength(12);
    return Arbitraries.maps(Arbitraries.oneOf(few, few, many), Arbitraries.longs().between(1, 9))
        .ofMaxSize(25);
  }
}
