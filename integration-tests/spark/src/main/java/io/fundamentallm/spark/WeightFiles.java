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
 * Arrays of weights from and to model directories, by way of the trainer, whose layout it is.
 *
 * @param data whose tokenizer is written beside the weights
 * @param folder for what is not to stay
 */
record WeightFiles(Trainer trainer, TrainingData data, DilocoPlan.LocalPlan plan, Path folder) {

  /** The weights that the plan begins with. */
  float[][] initial() throws IOException {
    try (LocalTraining local = trainer.local(data, plan.in(folder.resolve("initial")))) {
      return local.weights();
    }
  }

  /** Writes a model directory. */
  void write(float[][] weights, Path directory) throws IOException {
    try (LocalTraining local = trainer.local(data, plan.in(directory))) {
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
