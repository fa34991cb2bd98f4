package com.example.tenant;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;

/** A model directory, trained just long enough to have something to say. */
final class SmallModel {
  private static final String TEXT =
      "It is a truth universally acknowledged, that a single man in possession of a good fortune, "
          + "must be in want of a wife. ";

  private SmallModel() {}

  static Path train(Path directory) throws IOException {
    // without an end token a text never ends by itself
    Tokenizer tokenizer = Tokenizers.learn("character(special=false)", TEXT);
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("gpt2(layers=1,heads=4,hidden-size=64)")
            .contextLength(96)
            .batchSize(4)
            .steps(40)
            .warmupSteps(5)
            .build();
    // threads that wait for each other cost more than steps this small
    Trainers.parse("cpu(threads=1)").train(TrainingData.ofText(tokenizer, TEXT.repeat(8), 1), plan);
    return directory;
  }
}
