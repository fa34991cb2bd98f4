package io.fundamentallm.spark;

import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.LocalTraining;
import io.fundamentallm.training.Trainer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads and writes arrays of weights in model directories, through the trainer, which owns their
 * layout.
 *
 * @param data whose tokenizer is written beside the weights
 * @param folder for temporary files
 */
record WeightFiles(Trainer trainer, TrainingData data, DilocoPlan.LocalPlan plan, Path folder) {

  /** The weights that the plan begins with. */
  float[][] initial() throws IOException {
    try (LocalTraining local = trainer.local(data, plan.in(folder.resolve("initial")))) {
      return local.weights();
    }
  }

  /**
   * Makes sure, before anything is trained, that the result may be written to a directory.
   *
   * @throws IOException when the trainer refuses it; says why
   */
  void check(Path directory) throws IOException {
    trainer.local(data, plan.in(directory)).close();
  }

  /** Writes a model directory, which is a training's own. */
  void write(float[][] weights, Path directory) throws IOException {
    TrainingPlan own = plan.in(directory).toBuilder().overwrite().build();
    try (LocalTraining local = trainer.local(data, own)) {
      local.save(weights);
    }
  }

  /** Reads what {@link #write} or a training with this plan wrote. */
  float[][] read(Path directory) throws IOException {
    TrainingPlan own = plan.in(folder.resolve("read"));
    List<String> frozen = own.fineTuning().map(FineTuning::frozen).orElse(List.of());
    TrainingPlan from =
        own.toBuilder().fineTuning(new FineTuning(directory, frozen, Optional.empty())).build();
    try (LocalTraining local = trainer.local(data, from)) {
      return local.weights();
    }
  }
}
