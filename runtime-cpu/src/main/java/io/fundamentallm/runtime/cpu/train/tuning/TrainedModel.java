package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.FlatLayout;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A transformer and the part of it that is trained: all of its weights, some, or adapters beside
 * them. One thread at a time.
 */
public interface TrainedModel {

  /**
   * The model that a plan names, with its initial weights.
   *
   * @throws IllegalArgumentException when the plan and the tokenizer or the model to start from do
   *     not fit together
   * @throws IOException when the model to start from cannot be read
   */
  static TrainedModel of(TrainingPlan plan, Tokenizer tokenizer, Kernels kernels, Parallel parallel)
      throws IOException {
    if (plan.fineTuning().isEmpty()) {
      return WholeModel.initial(plan, tokenizer, kernels, parallel);
    }
    FineTuning tuning = plan.fineTuning().get();
    if (tuning.lora().isEmpty()) {
      return WholeModel.continued(plan, tuning, tokenizer, kernels, parallel);
    }
    FineTuning.Lora lora = tuning.lora().get();
    boolean gguf = ModelFiles.findGguf(tuning.model()) != null;
    return lora.base().equals("f32") && !gguf
        ? LoraModel.of(plan, tuning, lora, tokenizer, kernels, parallel)
        : QuantizedLoraModel.of(plan, tuning, lora, tokenizer, kernels, parallel);
  }

  /**
   * Checks what a plan's fine-tuning says by itself; looks at names of files only.
   *
   * @throws IllegalArgumentException when its result cannot be what it asks for
   */
  static void check(FineTuning tuning) {
    if (tuning.lora().isEmpty() || !tuning.lora().get().merged()) {
      return;
    }
    boolean gguf;
    try {
      gguf = ModelFiles.findGguf(tuning.model()) != null;
    } catch (IOException e) {
      return; // training will say so
    }
    if (gguf) {
      throw new IllegalArgumentException(
          tuning.model()
              + " is a GGUF file, to whose weights adapters cannot be added for good; expected"
              + " merged false");
    }
  }

  /** Computes losses and gradients. */
  TrainableTransformer transformer();

  /** What is trained, and where it is in {@link #weights} and {@link #gradients}. */
  FlatLayout trained();

  /** The array of what is trained, not a copy; call {@link #update} after changing it. */
  float[] weights();

  /** How many weights are held: frozen ones, and copies of those to which adapters are added. */
  long held();

  /** The gradients that the transformer has added up, with respect to {@link #weights}. */
  float[] gradients();

  /** Passes the current weights to the transformer. */
  void update();

  /** The model that training starts from, with a hash of its weights; "none" for a new one. */
  String start();

  /** Writes the weights, with all that belongs to them. */
  void writeCheckpoint(Path to) throws IOException;

  /**
   * Reads the weights that {@link #writeCheckpoint} wrote.
   *
   * @throws IOException when it cannot be read or is of another shape; names file and place
   */
  void readCheckpoint(Path from) throws IOException;

  /** Writes the result of a training. */
  void writeResult(Path to) throws IOException;
}
