package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.benchmarks.models.ModelFiles;
import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.benchmarks.rotation.Rotation;
import io.fundamentallm.model.LanguageModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What all measurements of one exported model have in common.
 *
 * @param files where models are kept
 * @param threads of ONNX Runtime
 * @param rounds that count
 * @param warmup seconds for each contestant
 */
record OnnxTrial(
    ModelFiles files, Shape shape, ExportForm form, int threads, int rounds, double warmup) {
  /** The exported model. */
  Path directory() {
    return files.exported(shape, form.weights());
  }

  /** The model on the runtime that is measured. */
  LanguageModel load() throws IOException {
    return LanguageModels.load(directory(), "gpu(device=cpu,threads=" + threads + ")");
  }

  /** Lets the contestants take their turns. */
  void run(Rotation rotation) {
    rotation.warmUp(warmup);
    rotation.run(rounds);
  }

  /** The line above the figures. */
  void printHeading(String task, LanguageModel model) {
    System.out.printf(
        Locale.ROOT,
        "%s %s: %s, on %s, load average %.1f%n",
        shape,
        task,
        form,
        model.info().device(),
        Machine.load());
  }
}
