package com.example.writer;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.fixtures.Austen;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;

/** A model directory, trained just long enough to have something to say. */
final class SmallModel {
  private SmallModel() {}

  static Path train(Path directory, int contextLength, int steps) throws IOException {
    // without an end token a text never ends by itself
    return train(directory, "character(special=false)", contextLength, steps);
  }

  static Path train(Path directory, String kind, int contextLength, int steps) throws IOException {
    return train(directory, Tokenizers.learn(kind, Austen.TEXT), contextLength, steps);
  }

  static Path train(Path directory, Tokenizer tokenizer, int contextLength, int steps)
      throws IOException {
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("gpt2(layers=2,heads=4,hidden-size=64)")
            .contextLength(contextLength)
            .batchSize(4)
            .steps(steps)
            .warmupSteps(5)
            .build();
    // threads that wait for each other cost more than steps this small
    Trainers.parse("cpu(threads=1)")
        .train(TrainingData.ofText(tokenizer, Austen.TEXT.repeat(4), 1), plan);
    return directory;
  }
}
