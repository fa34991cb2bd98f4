package io.fundamentallm.benchmarks.training;

import com.google.common.io.MoreFiles;
import io.fundamentallm.Trainers;
import io.fundamentallm.benchmarks.inference.Numbers;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;

/** This library's process in {@link CompareTraining}: takes turns in training on random tokens. */
final class OurSpeed {
  private static final int TOKENS = 1_000_000;

  private OurSpeed() {}

  /** Trains a shape with so many threads, in a precision and with so much memory. */
  public static void main(String[] arguments) throws IOException {
    TrainingShape shape = TrainingShape.valueOf(arguments[0]);
    Path directory = Files.createTempDirectory("speed");
    int[] tokens = new SplittableRandom(1).ints(TOKENS, 0, shape.vocabulary).toArray();
    TrainingData data =
        new TrainingData(
            new Numbers(shape.vocabulary), TokenSequence.of(tokens), TokenSequence.of());
    Turns turns = new Turns();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            if (!turns.hasNext()) {
              throw new CancellationException("there are no more turns");
            }
          }
        };
    try {
      Trainers.parse("cpu(threads=" + arguments[1] + ")")
          .train(
              data,
              Plans.speed(shape, directory).toBuilder()
                  .precision(arguments[2])
                  .memory(arguments[3])
                  .build(),
              listener);
    } catch (CancellationException e) {
      MoreFiles.deleteRecursively(directory);
    }
  }
}
