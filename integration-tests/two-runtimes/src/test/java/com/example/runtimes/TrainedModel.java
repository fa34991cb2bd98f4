package com.example.runtimes;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.fixtures.Austen;
import io.fundamentallm.runtime.cpu.onnx.OnnxExport;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;

/** A model directory for both runtimes, trained until it has something to say. */
final class TrainedModel {
  private TrainedModel() {}

  /** Learns a tokenizer without an end token, so that no text ends by itself. */
  static void write(
      Path directory, String architecture, int contextLength, int steps, OnnxWeights weights)
      throws IOException {
    write(directory, architecture, 4, contextLength, steps, weights);
  }

  /** The same with so many heads, which share 64 channels. */
  static void write(
      Path directory,
      String architecture,
      int heads,
      int contextLength,
      int steps,
      OnnxWeights weights)
      throws IOException {
    Tokenizer tokenizer = Tokenizers.learn("character(special=false)", Austen.TEXT);
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture(architecture + "(layers=2,hidden-size=64,heads=" + heads + ")")
            .contextLength(contextLength)
            .batchSize(2)
            .steps(steps)
            .warmupSteps(5)
            .build();
    // threads that wait for each other cost more than steps this small
    Trainers.parse("cpu(threads=1)")
        .train(TrainingData.ofText(tokenizer, Austen.TEXT.repeat(8), 1), plan);
    OnnxExport.write(directory, weights);
  }
}
