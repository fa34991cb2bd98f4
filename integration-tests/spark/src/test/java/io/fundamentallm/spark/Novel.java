package io.fundamentallm.spark;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A novel, and a small model of it that is trained once for all tests. */
final class Novel {
  private static final Path FILE =
      Path.of(
          "../quickstart/src/main/resources/io/fundamentallm/quickstart/pride-and-prejudice.txt");

  private Novel() {}

  /** Its beginning. */
  static String text(int characters) {
    try {
      return Files.readString(FILE).substring(0, characters);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Some of its lines, none of them empty, of many lengths. */
  static List<String> lines(int count) {
    return text(680_000).lines().filter(line -> !line.isBlank()).limit(count).toList();
  }

  /** The model's directory, by an absolute path. */
  static Path model() {
    return Trained.DIRECTORY;
  }

  private static final class Trained {
    static final Path DIRECTORY = train();

    private static Path train() {
      Path directory = Path.of("target", "novel").toAbsolutePath();
      String text = text(100_000);
      Tokenizer tokenizer = Tokenizers.learn("bpe(vocab-size=300)", text);
      TrainingPlan plan =
          TrainingPlan.builder(directory)
              .architecture("llama(layers=1,heads=2,hidden-size=32)")
              .contextLength(64)
              .batchSize(4)
              .learningRate(1e-2, 1e-3)
              .steps(100)
              .warmupSteps(10)
              .build();
      try {
        // steps this small take longer where threads wait for each other on a busy machine
        Trainers.parse("cpu(threads=1)").train(TrainingData.ofText(tokenizer, text, 1), plan);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return directory;
    }
  }
}
