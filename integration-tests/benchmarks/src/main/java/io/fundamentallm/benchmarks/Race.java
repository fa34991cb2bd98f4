package io.fundamentallm.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One library over one text, timed round by round.
 *
 * @param <T> the library's own form of a list of tokens
 */
final class Race<T> {
  private final String library;
  private final Contender<T> contender;
  private final Sample sample;

  /** What to decode; nothing where encoding is timed. */
  private final List<T> tokens;

  private final boolean decode;
  private final List<Double> rates = new ArrayList<>();

  /** Written, so that no work can be left out. */
  @SuppressWarnings("UnusedVariable")
  private volatile Object last = "";

  private Race(String library, Contender<T> contender, Sample sample, boolean decode) {
    this.library = library;
    this.contender = contender;
    this.sample = sample;
    this.decode = decode;
    this.tokens = decode ? sample.documents().stream().map(contender::encode).toList() : List.of();
  }

  static <T> Race<T> of(String library, Contender<T> contender, Sample sample, boolean decode) {
    return new Race<>(library, contender, sample, decode);
  }

  String library() {
    return library;
  }

  /** Runs at least so long, and at least twice. */
  void warmUp(double seconds) {
    long start = System.nanoTime();
    for (int i = 0; i < 2 || System.nanoTime() - start < seconds * 1e9; i++) {
      pass();
    }
  }

  /** One timed round. */
  void run() {
    long start = System.nanoTime();
    pass();
    rates.add(sample.megabytes() * 1e9 / (System.nanoTime() - start));
  }

  /** Megabytes a second. */
  double median() {
    double[] sorted = rates.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /** The ids of a text's documents, one after the other. */
  int[] ids(Sample text) {
    return text.documents().stream()
        .map(document -> contender.ids(contender.encode(document)))
        .flatMapToInt(Arrays::stream)
        .toArray();
  }

  private void pass() {
    if (decode) {
      for (T document : tokens) {
        last = contender.decode(document);
      }
    } else {
      for (String document : sample.documents()) {
        last = contender.encode(document);
      }
    }
  }
}
