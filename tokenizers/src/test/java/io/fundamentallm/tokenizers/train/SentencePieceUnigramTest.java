package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.spi.Learning;
import io.fundamentallm.tokenizers.Golden;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Scanner;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** As many pieces as SentencePiece learned from the same text say it at least as well. */
class SentencePieceUnigramTest {
  /**
   * What a vocabulary makes of all words: their log-probability, and the tokens of the best ways.
   */
  private record Quality(double logarithm, double tokens) {}

  @Test
  void likelihood_and_tokens_of_tiny_shakespeare_are_no_worse_than_sentencepieces()
      throws IOException {
    Path golden = Golden.folder();
    Path corpus = golden.resolve("../../corpora/tinyshakespeare.txt");
    Path vocabulary = golden.resolve("training/spm_unigram_tinyshakespeare_1000.vocab.gz");
    Map<String, Long> words = new TreeMap<>();
    try (Scanner scanner = new Scanner(corpus, StandardCharsets.UTF_8)) {
      scanner.forEachRemaining(word -> words.merge("▁" + word, 1L, Long::sum));
    }
    Map<String, Double> reference = read(vocabulary);

    LearnedUnigram learned =
        UnigramTrainer.builder()
            .vocabSize(reference.size())
            .build()
            .train(Words.of(words), Learning.quiet());
    Map<String, Double> ours = new HashMap<>();
    for (int id = 0; id < learned.pieces().size(); id++) {
      ours.put(learned.pieces().get(id), learned.scores()[id]);
    }

    Quality expected = quality(words, reference);
    Quality actual = quality(words, ours);
    System.out.printf(
        "Unigram of %d pieces: %.0f tokens and log-probability %.0f, SentencePiece %.0f and %.0f%n",
        ours.size(), actual.tokens, actual.logarithm, expected.tokens, expected.logarithm);
    assertThat(ours).hasSameSizeAs(reference);
    assertThat(actual.tokens).isLessThan(expected.tokens * 1.01);
    assertThat(actual.logarithm).isGreaterThan(expected.logarithm * 1.01);
  }

  /** The pieces but for special and byte tokens, whose score is 0. */
  private static Map<String, Double> read(Path file) throws IOException {
    Map<String, Double> pieces = new HashMap<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] fields = line.split("\t", -1);
        if (!fields[1].equals("0")) {
          pieces.put(fields[0], Double.parseDouble(fields[1]));
        }
      }
    }
    return pieces;
  }

  private static Quality quality(Map<String, Long> words, Map<String, Double> pieces) {
    double unknown = pieces.values().stream().mapToDouble(Double::doubleValue).min().orElse(0) - 10;
    double logarithm = 0;
    double tokens = 0;
    for (Map.Entry<String, Long> entry : words.entrySet()) {
      String word = entry.getKey();
      double[] sums = new double[word.length() + 1];
      double[] best = new double[word.length() + 1];
      int[] counts = new int[word.length() + 1];
      Arrays.fill(best, Double.NEGATIVE_INFINITY);
      sums[0] = 1;
      best[0] = 0;
      for (int from = 0; from < word.length(); from++) {
        for (int to = from + 1; to <= word.length(); to++) {
          Double score = pieces.get(word.substring(from, to));
          if (score == null && to > from + 1) {
            continue;
          }
          double value = score == null ? unknown : score;
          sums[to] += sums[from] * Math.exp(value);
          if (best[from] + value > best[to]) {
            best[to] = best[from] + value;
            counts[to] = counts[from] + 1;
          }
        }
      }
      logarithm += entry.getValue() * Math.log(sums[word.length()]);
      tokens += (double) entry.getValue() * counts[word.length()];
    }
    return new Quality(logarithm, tokens);
  }
}
