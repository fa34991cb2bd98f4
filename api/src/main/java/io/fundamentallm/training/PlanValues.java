package io.fundamentallm.training;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The fields of a plan and their defaults. They no longer change once a plan has them. */
final class PlanValues implements Cloneable {
  final Path modelDirectory;
  String architecture = "gpt2";
  int contextLength = 64;
  int batchSize = 12;
  int accumulation = 1;
  String windows = "random";
  int steps = 2000;
  String optimizer = "adamw";
  String schedule = "cosine";
  double learningRate = 1e-3;
  double minimumLearningRate = 1e-4;
  int warmupSteps = 100;
  double weightDecay = 0.1;
  List<String> undecayed = List.of();
  double gradientClip = 1;
  String precision = "f32";
  String averaging = "none";
  TrainingObjective objective = TrainingObjective.MAXIMUM_LIKELIHOOD;
  Validation validation = Validation.DEFAULT;
  Checkpointing checkpoints = Checkpointing.NONE;
  Optional<FineTuning> fineTuning = Optional.empty();
  long seed = 1337;

  PlanValues(Path modelDirectory) {
    this.modelDirectory = modelDirectory;
  }

  PlanValues copy() {
    try {
      return (PlanValues) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }
}
