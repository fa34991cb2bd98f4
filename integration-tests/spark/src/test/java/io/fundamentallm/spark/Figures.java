package io.fundamentallm.spark;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextScorer;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.text.TextCorpus;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenFile;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How scoring and training go on one executor and on two, each of one core and one thread, by
 * turns: {@code rounds=3 steps=1000 lines=6000}. Speed of a task, not of Spark's start: each
 * session scores something before the clock runs.
 *
 * <p>In training one worker takes batches of twice the size, so that it sees the tokens of two; a
 * control, which takes the batches of one of the two, shows what the other half is worth.
 */
final class Figures {
  private static final int HELD_OUT = 20_000;
  private static final int BATCH = 12;

  private final Map<String, Integer> options;
  private final Path folder;
  private final Tokenizer tokenizer;
  private final String text;
  private final Path model;
  private final Map<Integer, List<Double>> scoring = new HashMap<>();
  private final Map<Integer, List<Double>> training = new HashMap<>();
  private final Map<Integer, List<String>> curves = new HashMap<>();
  private final Map<Integer, Double> losses = new HashMap<>();
  private double control = Double.NaN;

  private Figures(Map<String, Integer> options, Path folder) throws IOException {
    this.options = options;
    this.folder = folder;
    text = Novel.text(680_000);
    tokenizer = Tokenizers.learn("character", text);
    Path written = Files.writeString(folder.resolve("text"), text.substring(HELD_OUT));
    TokenFile.write(folder.resolve("tokens.bin"), tokenizer, TextCorpus.ofFiles(written));
    model = folder.resolve("scored");
    TrainingData data = TrainingData.ofText(tokenizer, text, 1);
    Trainers.parse("cpu").train(data, plan(model, 20, BATCH));
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, Integer> options = new HashMap<>(Map.of("rounds", 3, "steps", 1000, "lines", 6000));
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      if (pair.length != 2 || options.replace(pair[0], Integer.valueOf(pair[1])) == null) {
        throw new IllegalArgumentException(argument + ": expected rounds=, steps= or lines=");
      }
    }
    Path folder = Files.createTempDirectory("figures-");
    try {
      Figures figures = new Figures(options, folder);
      for (int round = 0; round < options.get("rounds"); round++) {
        for (int executors = 1; executors <= 2; executors++) {
          figures.measure(executors);
        }
      }
      figures.print();
    } finally {
      PackedFiles.delete(folder);
    }
  }

  /** A small model, at a rate that is good for short trainings with either batch. */
  private static TrainingPlan plan(Path directory, int steps, int batch) {
    return TrainingPlan.builder(directory)
        .architecture("gpt2")
        .steps(steps)
        .batchSize(batch)
        .warmupSteps(steps / 10)
        .learningRate(4e-3, 4e-4)
        .build();
  }

  private void measure(int executors) throws IOException {
    SparkSession spark = LocalCluster.start(executors);
    try {
      score(spark, executors, options.get("lines") / 10);
      double seconds = score(spark, executors, options.get("lines"));
      scoring.computeIfAbsent(executors, key -> new ArrayList<>()).add(seconds);
      train(spark, executors);
    } finally {
      spark.stop();
    }
  }

  private double score(SparkSession spark, int executors, int lines) {
    Dataset<Row> rows =
        spark
            .createDataset(Novel.lines(lines), Encoders.STRING())
            .toDF("text")
            .repartition(4 * executors);
    long start = System.nanoTime();
    BatchScorer.of(model.toString())
        .withRuntime("cpu(threads=1)")
        .score(rows, "text", "score")
        .selectExpr("sum(score.tokens)")
        .collectAsList();
    return (System.nanoTime() - start) / 1e9;
  }

  /** As many tokens with one worker as with two. */
  private void train(SparkSession spark, int executors) throws IOException {
    Path directory = folder.resolve("trained-" + executors);
    int batch = 2 * BATCH / executors;
    double seconds = train(spark, directory, batch, executors);
    training.computeIfAbsent(executors, key -> new ArrayList<>()).add(seconds);
    curves.put(executors, Files.readAllLines(directory.resolve("rounds.csv")));
    losses.put(executors, heldOut(directory));
    if (executors == 1 && Double.isNaN(control)) {
      Path half = folder.resolve("control");
      train(spark, half, BATCH, 1);
      control = heldOut(half);
    }
  }

  /** In seconds; one worker that takes the mean of itself trains plainly. */
  private double train(SparkSession spark, Path directory, int batch, int workers)
      throws IOException {
    PackedFiles.delete(directory);
    int steps = options.get("steps");
    DilocoPlan plan =
        DilocoPlan.of(folder -> plan(folder, steps, batch), workers)
            .withLocalSteps(20)
            .withCheckpointRounds(10)
            .withTrainer("cpu(threads=1)");
    long start = System.nanoTime();
    Diloco.train(
        spark,
        tokenizer,
        folder.resolve("tokens.bin").toString(),
        directory,
        workers == 1 ? plan.withOuter(1, 0) : plan.withOuter(0.7, 0.6));
    return (System.nanoTime() - start) / 1e9;
  }

  private double heldOut(Path directory) throws IOException {
    try (LanguageModel trained = LanguageModels.load(directory)) {
      TextScorer scorer = TextScorer.of(tokenizer, trained);
      return scorer.score(text.substring(0, HELD_OUT)).bitsPerToken() * Math.log(2);
    }
  }

  private void print() {
    System.out.printf(
        Locale.ROOT,
        "JDK %s, %d processors; %s%n",
        System.getProperty("java.version"),
        Runtime.getRuntime().availableProcessors(),
        options);
    for (int executors = 1; executors <= 2; executors++) {
      System.out.printf(
          Locale.ROOT,
          "%d executors: scoring %.1f s %s; training %.1f s %s, loss of held-out text %.4f%n",
          executors,
          median(scoring.get(executors)),
          rounded(scoring.get(executors)),
          median(training.get(executors)),
          rounded(training.get(executors)),
          losses.get(executors));
    }
    System.out.printf(
        Locale.ROOT,
        "one / two: scoring %.2f, training %.2f%n",
        median(scoring.get(1)) / median(scoring.get(2)),
        median(training.get(1)) / median(training.get(2)));
    System.out.printf(
        Locale.ROOT,
        "one executor with half of the tokens in each step: loss of held-out text %.4f%n",
        control);
    curves.forEach(
        (executors, lines) -> {
          System.out.println("last training with " + executors + " executors:");
          lines.forEach(System.out::println);
        });
  }

  private static String rounded(List<Double> seconds) {
    return seconds.stream().map(s -> "%.1f".formatted(s)).toList().toString();
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[half]
        : Arrays.stream(sorted, half - 1, half + 1).average().getAsDouble();
  }
}
