package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.format.gguf.GgufFile;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mean squares of the inputs of a model's matrices, as llama.cpp's {@code llama-imatrix}
 * collects them: sums {@code NAME.in_sum2} and how many were added, {@code NAME.counts}.
 */
final class ImportanceMatrix {
  private static final String SUMS = ".in_sum2";
  private static final String COUNTS = ".counts";

  private final Path file;
  private final Map<String, float[]> means;

  private ImportanceMatrix(Path file, Map<String, float[]> means) {
    this.file = file;
    this.means = means;
  }

  /** One that knows nothing. */
  static ImportanceMatrix none() {
    return new ImportanceMatrix(Path.of(""), Map.of());
  }

  /**
   * Reads a file.
   *
   * @throws IOException when it cannot be read or holds something else; names file and tensor
   */
  static ImportanceMatrix read(Path file) throws IOException {
    Map<String, float[]> means = new HashMap<>();
    try (TensorFiles files = GgufFile.open(file).tensors()) {
      for (Tensor sums : files.tensors().values()) {
        if (!sums.name().endsWith(SUMS)) {
          continue;
        }
        String name = sums.name().substring(0, sums.name().length() - SUMS.length());
        // experts have a row each; a matrix has one
        float[] counts = files.tensor(name + COUNTS).read();
        if (counts.length == 1) {
          float[] mean = sums.read();
          for (int i = 0; i < mean.length; i++) {
            mean[i] = counts[0] > 0 ? mean[i] / counts[0] : 0;
            if (!(mean[i] >= 0 && mean[i] < Float.POSITIVE_INFINITY)) {
              throw sums.problem("has the mean square " + mean[i] + ", expected at least 0");
            }
          }
          means.put(name, mean);
        }
      }
    }
    if (means.isEmpty()) {
      throw new IOException(file + ": is no importance matrix, it has no sums of squares");
    }
    return new ImportanceMatrix(file, means);
  }

  /**
   * Of each column; null if it is not known.
   *
   * @throws IOException when it is of another size; names file and tensor
   */
  float @Nullable [] of(FileTensor tensor) throws IOException {
    float[] mean = means.get(tensor.name());
    if (mean != null && mean.length != tensor.matrix().columns()) {
      throw new IOException(
          file
              + ": \""
              + tensor.name()
              + "\" has "
              + mean.length
              + " columns, in the model it has "
              + tensor.matrix().columns());
    }
    return mean;
  }
}
