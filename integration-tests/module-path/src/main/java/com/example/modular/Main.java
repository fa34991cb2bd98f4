package com.example.modular;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;

/** Trains a small model and continues a text, on the main thread and in the common pool. */
public final class Main {
  private static final String TEXT = "the best of the trees are the tall trees here. ".repeat(40);

  private Main() {}

  /** Takes the directory for the model, the kind of tokenizer, and the number of steps. */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    Tokenizer tokenizer = Tokenizers.learn(args[1], TEXT);
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("gpt2(layers=1,hidden-size=32)")
            .steps(Integer.parseInt(args[2]))
            .warmupSteps(5)
            .build();
    Trainers.configured().train(TrainingData.ofText(tokenizer, TEXT, 0.9), plan);
    System.out.println("main thread: " + write(directory));
    System.out.println(
        "common pool: "
            + CompletableFuture.supplyAsync(() -> write(directory), ForkJoinPool.commonPool())
                .join());
  }

  private static String write(Path directory) {
    try (TextGenerator generator = TextGenerator.load(directory)) {
      return generator.withSeed(7).withMaxNewTokens(50).generate("the ");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
