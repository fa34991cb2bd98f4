package io.fundamentallm.benchmarks.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * The trainings of {@link TrainingQuality} in a file, a line each: {@code ENGINE TEXT ARCHITECTURE
 * SEED LOSS SECONDS}. For one thread.
 */
final class QualityResults {
  private record Result(double loss, double seconds) {}

  private final Path file;
  private final Map<String, Result> results = new LinkedHashMap<>();

  private QualityResults(Path file) {
    this.file = file;
  }

  /** Those in a file, none where it does not exist. */
  static QualityResults of(Path file) throws IOException {
    QualityResults all = new QualityResults(file);
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split(" ", -1);
        if (words.length == 6) {
          String what = String.join(" ", words[0], words[1], words[2], words[3]);
          all.put(what, words[4] + " " + words[5]);
        }
      }
    }
    return all;
  }

  /** Whether {@code ENGINE TEXT ARCHITECTURE SEED} is among them. */
  boolean contains(String what) {
    return results.containsKey(what);
  }

  /** Adds {@code LOSS SECONDS}, in the file too. */
  void add(String what, String result) throws IOException {
    put(what, result);
    Files.writeString(
        file, what + " " + result + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void put(String what, String result) {
    String[] words = result.split(" ", -1);
    results.put(what, new Result(Double.parseDouble(words[0]), Double.parseDouble(words[1])));
  }

  /** The losses of all seeds. */
  DoubleStream losses(String engine, String text, String architecture) {
    return all(engine, text, architecture).mapToDouble(Result::loss);
  }

  /** The standard deviation of a sample, that is, with n - 1. */
  double deviation(String engine, String text, String architecture) {
    double[] losses = losses(engine, text, architecture).toArray();
    double mean = DoubleStream.of(losses).average().orElse(Double.NaN);
    double squares = DoubleStream.of(losses).map(loss -> (loss - mean) * (loss - mean)).sum();
    return Math.sqrt(squares / (losses.length - 1));
  }

  /** A row of a table in Markdown, where there are any. */
  void print(String engine, String text, String architecture) {
    long count = losses(engine, text, architecture).count();
    if (count > 0) {
      System.out.printf(
          Locale.ROOT,
          "| %s | %s, %s | %d | %.4f | %.4f | %.1f | %.1f |%n",
          text,
          engine,
          architecture,
          count,
          losses(engine, text, architecture).average().orElse(Double.NaN),
          deviation(engine, text, architecture),
          seconds(engine, text, architecture).average().orElse(Double.NaN),
          seconds(engine, text, architecture).max().orElse(Double.NaN));
    }
  }

  private DoubleStream seconds(String engine, String text, String architecture) {
    return all(engine, text, architecture).mapToDouble(Result::seconds);
  }

  private Stream<Result> all(String engine, String text, String architecture) {
    String begin = String.join(" ", engine, text, architecture, "");
    return results.entrySet().stream()
        .filter(result -> result.getKey().startsWith(begin))
        .map(Map.Entry::getValue);
  }
}
