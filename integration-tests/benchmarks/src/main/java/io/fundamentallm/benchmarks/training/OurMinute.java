package io.fundamentallm.benchmarks.training;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * This library's process in {@link TrainingMinute}: trains with the automatic plan, and prints a
 * line for each evaluation and, as the last, that over the whole validation part: {@code STEPS
 * SECONDS BITS}. The seconds are those since the trainer was called, choosing the plan among them.
 */
final class OurMinute implements TrainingListener {
  private final long start = System.nanoTime();

  private OurMinute() {}

  /** Trains on a text, with a seed, on so many threads, for so many seconds. */
  public static void main(String[] arguments) throws IOException {
    String text = Files.readString(Path.of(arguments[0]));
    // nothing is learned from what is measured, no token either
    Tokenizer tokenizer = Tokenizers.learn("auto", text.substring(0, (int) (0.9 * text.length())));
    TrainingData data = TrainingData.ofText(tokenizer, text, 0.9);
    TrainingPlan plan =
        TrainingPlan.builder(Files.createTempDirectory("minute"))
            .budget(Duration.ofSeconds(Long.parseLong(arguments[3])))
            .seed(Long.parseLong(arguments[1]))
            .build();
    OurMinute minute = new OurMinute();
    TrainingResult result =
        Trainers.parse("cpu(threads=" + arguments[2] + ")").train(data, plan, minute);
    System.err.println(
        result.steps() + " steps at " + Math.round(result.tokensPerSecond()) + " tokens/s");
  }

  @Override
  public void onPlan(TrainingPlan plan) {
    System.err.println(plan);
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    System.out.printf(
        Locale.ROOT,
        "%d %.1f %.4f%n",
        evaluation.step(),
        (System.nanoTime() - start) / 1e9,
        evaluation.bitsPerByte());
  }
}
