package io.fundamentallm.benchmarks.training;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * This library's process in {@link TrainingQuality}: trains as the quickstart does, and prints the
 * loss over the whole validation part, and the seconds, evaluations among them.
 */
final class OurQuality {
  private OurQuality() {}

  /** Trains on a text, with a seed, so many threads and an architecture. */
  public static void main(String[] arguments) throws IOException {
    String text = Files.readString(Path.of(arguments[0]));
    Tokenizer tokenizer = Tokenizers.learn("character", text);
    TrainingData data = TrainingData.ofText(tokenizer, text, 0.9);
    TrainingPlan plan =
        Plans.quickstart(
            Files.createTempDirectory("quality"), arguments[3], Long.parseLong(arguments[1]));
    TrainingResult result = Trainers.parse("cpu(threads=" + arguments[2] + ")").train(data, plan);
    System.out.println(result.validationLoss() + " " + result.duration().toMillis() / 1e3);
  }
}
