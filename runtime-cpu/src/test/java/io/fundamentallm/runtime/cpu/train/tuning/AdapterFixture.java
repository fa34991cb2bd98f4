package io.fundamentallm.runtime.cpu.train.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.format.BaseModel;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.format.QuantizedBase;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.MatrixPacker;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.training.FineTuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What tests of adapters train, and what they compare it with. */
final class AdapterFixture {
  private AdapterFixture() {}

  static FineTuning.Lora lora(boolean decomposed, String base) {
    FineTuning.Lora lora = new FineTuning.Lora(2, 6, List.of(), false).withBase(base);
    return decomposed ? lora.withDecomposition() : lora;
  }

  /** Of some tokens, by a model of a tiny vocabulary. */
  static float[][] logits(Path model, String runtime) throws IOException {
    int[] tokens = {3, 1, 4, 1, 5, 2};
    float[][] rows = new float[tokens.length][11];
    try (LanguageModel opened = LanguageModels.load(model, runtime);
        Session session = opened.open()) {
      session.append(tokens, rows);
    }
    return rows;
  }

  static void assertClose(float[][] actual, float[][] expected, float tolerance) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).containsExactly(expected[i], within(tolerance));
    }
  }

  /**
   * A directory with the numbers that quantised matrices stand for.
   *
   * @param base a directory, or a GGUF file
   * @param format of its matrices; null for the file's own
   * @param shape a directory with a model of that shape
   */
  static Path dequantized(Path base, Matrix.@Nullable Format format, Path shape, Path directory)
      throws IOException {
    ModelDirectory model = ModelDirectory.read(shape);
    try (Parallel parallel = Parallel.ofThreads(1)) {
      MatrixPacker packer = new MatrixPacker(Kernels.best().product(), parallel);
      QuantizedBase quantized = QuantizedBase.read(base, format, packer);
      ParameterLayout layout = new ParameterLayout(model.config());
      ParameterLayout apart = new ParameterLayout(quantized.config(), true);
      for (ParameterLayout.Tensor tensor : apart.tensors()) {
        int at = layout.tensor(tensor.name()).offset();
        System.arraycopy(
            quantized.parameters(), tensor.offset(), model.parameters(), at, tensor.size());
      }
      boolean transposed = model.config().files().transposed();
      for (int i = 0; i < apart.matrices().size(); i++) {
        PackedWeights matrix = quantized.matrices().get(i);
        int at = layout.tensor(apart.matrices().get(i).name()).offset();
        float[] row = new float[matrix.columns()];
        for (int r = 0; r < matrix.rows(); r++) {
          matrix.row(r, row, 0);
          for (int c = 0; c < row.length; c++) {
            int place = transposed ? c * matrix.rows() + r : r * row.length + c;
            model.parameters()[at + place] = row[c];
          }
        }
      }
    }
    BaseModel.read(shape).write(directory, model.parameters(), OptionalInt.empty(), Set.of());
    return directory;
  }

  /** Leaves a training as if it had been killed before this checkpoint, and before its end. */
  static void forget(Path training, String checkpoint) throws IOException {
    Path directory = training.resolve(checkpoint);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
    Files.delete(training.resolve("adapter_model.safetensors"));
  }
}
