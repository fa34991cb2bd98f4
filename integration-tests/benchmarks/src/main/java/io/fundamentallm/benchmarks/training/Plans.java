package io.fundamentallm.benchmarks.training;

import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.nio.file.Path;

/** What this library trains in these comparisons; the peers have the same written down. */
final class Plans {
  private Plans() {}

  /** More steps than anybody waits for, at a constant rate. */
  static TrainingPlan speed(TrainingShape shape, Path directory) {
    return TrainingPlan.builder(directory)
        .architecture(
            "gpt2(layers=%d,heads=%d,hidden-size=%d)"
                .formatted(shape.layers, shape.heads, shape.channels))
        .contextLength(shape.context)
        .batchSize(shape.batch)
        .steps(Integer.MAX_VALUE)
        .schedule("constant")
        .learningRate(1e-4, 1e-4)
        .warmupSteps(0)
        .build();
  }

  /** The quickstart's 2,000 steps. */
  static TrainingPlan quickstart(Path directory, String architecture, long seed) {
    return TrainingPlan.builder(directory)
        .architecture(architecture + "(layers=4,heads=4,hidden-size=128)")
        .contextLength(64)
        .batchSize(12)
        .steps(2000)
        .learningRate(1e-3, 1e-4)
        .warmupSteps(100)
        .weightDecay(0.1)
        .gradientClip(1)
        .validation(Validation.every(100))
        .seed(seed)
        .build();
  }

  /** A model that tokens of any kind are tried with. */
  static TrainingPlan tokens(Path directory, int steps) {
    return TrainingPlan.builder(directory)
        .architecture("gpt2(layers=6,heads=8,hidden-size=256)")
        .contextLength(128)
        .batchSize(12)
        .steps(steps)
        .learningRate(1e-3, 1e-4)
        .warmupSteps(Math.min(100, steps / 10))
        .validation(Validation.every(Math.max(1, steps / 10)))
        .build();
  }
}
