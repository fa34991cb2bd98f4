package com.example.onnx;

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

/** A model directory for the runtime {@code gpu}. */
final class TrainedModel {
  private static final Path DIRECTORY = Path.of("target", "model").toAbsolutePath();

  private static boolean written;

  private TrainedModel() {}

  /** The same for all tests, none of which changes it. */
  static synchronized Path directory() throws IOException {
    if (!written) {
      write(DIRECTORY);
      written = true;
    }
    return DIRECTORY;
  }

  private static void write(Path directory) throws IOException {
    Tokenizer tokenizer = Tokenizers.learn("character(special=false)", Austen.TEXT);
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("gpt2(layers=2,heads=4,hidden-size=64)")
            // a pass over so many tokens takes long enough for the JVM to end in its middle
            .contextLength(1024)
            .batchSize(1)
            .steps(20)
            .warmupSteps(5)
            .build();
    // threads that wait for each other cost more than steps this small
    Trainers.parse("cpu(threads=1)")
        .train(TrainingData.ofText(tokenizer, Austen.TEXT.repeat(8), 1), plan);
    OnnxExport.write(directory, OnnxWeights.F32);
  }
}
