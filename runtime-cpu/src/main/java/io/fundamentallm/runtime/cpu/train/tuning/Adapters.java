package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.runtime.cpu.format.AdapterDirectory;
import io.fundamentallm.runtime.cpu.format.AdapterDirectory.Factor;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.LowRankUpdate;
import io.fundamentallm.runtime.cpu.train.layer.ParameterLayout.Tensor;
import io.fundamentallm.runtime.cpu.train.layer.TrainedTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * The low-rank updates of some matrices of a model, all factors in one flat array. One thread at a
 * time.
 */
final class Adapters {
  /** Rows or columns of a matrix that are one piece of work. */
  private static final int PART = 64;

  private static final long PURPOSE = Randomness.purpose("lora_A");

  private final Kernels kernels;
  private final Parallel parallel;
  private final int rank;
  private final boolean transposed;
  private final List<LowRankUpdate> updates = new ArrayList<>();
  private final List<Part> rows = new ArrayList<>();
  private final List<Part> columns = new ArrayList<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final float[] weights;
  private final float[] gradients;
  private final Product[] products; // [slots]
  private final float[][] scaled; // [slots][PART·r]
  private int size;

  /** Some rows or columns of one matrix. */
  private record Part(LowRankUpdate update, int from, int count) {}

  /**
   * Adapters that add nothing yet, initialised as in PEFT: A is uniform, as in PyTorch's linear
   * layers (Kaiming's with a = √5, which is 1/√inputs at most), and B is zero.
   *
   * @param matrices whose values are in the parameters, by the paths of their modules
   * @param transposed whether they are stored as [inputs][outputs]
   * @param decayed which factors decay, by PEFT's name
   */
  Adapters(
      Kernels kernels,
      Parallel parallel,
      List<Matrix> matrices,
      float[] parameters,
      int rank,
      double alpha,
      boolean transposed,
      Predicate<String> decayed,
      long seed) {
    this.kernels = kernels;
    this.parallel = parallel;
    this.rank = rank;
    this.transposed = transposed;
    for (Matrix matrix : matrices) {
      add(matrix, parameters, (float) (alpha / rank), decayed);
    }
    weights = new float[size];
    gradients = new float[size];
    products = new Product[parallel.slots()];
    Arrays.setAll(products, slot -> new Product());
    scaled = new float[parallel.slots()][PART * rank];
    initialize(new Randomness(seed, 0));
  }

  /**
   * A matrix of the model.
   *
   * @param module its path in Hugging Face's model
   * @param tensor where it is in the parameters
   */
  record Matrix(String module, Tensor tensor) {}

  private void add(Matrix matrix, float[] parameters, float scale, Predicate<String> decayed) {
    int m = matrix.tensor.shape().get(0);
    int n = matrix.tensor.shape().get(1);
    int at = matrix.tensor.offset();
    int left = factor(matrix.module, transposed ? "A" : "B", m, rank, decayed);
    int right = factor(matrix.module, transposed ? "B" : "A", rank, n, decayed);
    float[] base = Arrays.copyOfRange(parameters, at, at + m * n);
    LowRankUpdate update = new LowRankUpdate(base, at, m, n, rank, scale, left, right);
    updates.add(update);
    for (int i = 0; i < m; i += PART) {
      rows.add(new Part(update, i, Math.min(PART, m - i)));
    }
    for (int i = 0; i < n; i += PART) {
      columns.add(new Part(update, i, Math.min(PART, n - i)));
    }
  }

  private int factor(String module, String which, int m, int n, Predicate<String> decayed) {
    String name = AdapterDirectory.PREFIX + module + ".lora_" + which + ".weight";
    Tensor tensor = new Tensor(name, List.of(m, n), size, decayed.test(name));
    tensors.add(tensor);
    size = Math.addExact(size, tensor.size());
    return tensor.offset();
  }

  private void initialize(Randomness randomness) {
    for (LowRankUpdate update : updates) {
      int inputs = transposed ? update.rows() : update.columns();
      int from = transposed ? update.left() : update.right();
      double bound = 1 / Math.sqrt(inputs);
      for (int i = from; i < from + inputs * rank; i++) {
        weights[i] = (float) (bound * (2 * randomness.uniform(i, PURPOSE) - 1));
      }
    }
  }

  /** All factors, stored as their matrices are: those of transposed ones are transposed. */
  TrainedTensors trained() {
    return new TrainedTensors(tensors, size);
  }

  /** All factors, not a copy. */
  float[] weights() {
    return weights;
  }

  /** Floats that hold the original matrices. */
  long baseSize() {
    return updates.stream().mapToLong(update -> update.base().length).sum();
  }

  /** Writes the sums of matrices and these adapters into the parameters. */
  void apply(float[] factors, float[] parameters) {
    parallel.run(
        rows.size(),
        (i, slot) -> {
          Part part = rows.get(i);
          part.update.apply(
              kernels, factors, part.from, part.count, parameters, scaled[slot], products[slot]);
        });
  }

  /** The gradients of all factors, from those of the sums. */
  float[] gradients(float[] modelGradients) {
    int count = rows.size();
    parallel.run(
        count + columns.size(),
        (i, slot) -> {
          Part part = i < count ? rows.get(i) : columns.get(i - count);
          if (i < count) {
            part.update.leftGradient(
                kernels, weights, modelGradients, part.from, part.count, gradients, products[slot]);
          } else {
            part.update.rightGradient(
                kernels, weights, modelGradients, part.from, part.count, gradients, products[slot]);
          }
        });
    return gradients;
  }

  /** Copies of all factors in PEFT's orientation: A [r][inputs], B [outputs][r]. */
  List<Factor> toPeft(float[] factors) {
    List<Factor> result = new ArrayList<>();
    for (Tensor tensor : tensors) {
      int m = tensor.shape().get(0);
      int n = tensor.shape().get(1);
      float[] values = Arrays.copyOfRange(factors, tensor.offset(), tensor.offset() + m * n);
      result.add(
          transposed
              ? new Factor(tensor.name(), n, m, transpose(m, n, values))
              : new Factor(tensor.name(), m, n, values));
    }
    return result;
  }

  /** Reads back what {@link #toPeft} returned. */
  void fromPeft(List<Factor> read, float[] factors) {
    for (int i = 0; i < read.size(); i++) {
      Factor factor = read.get(i);
      float[] values =
          transposed
              ? transpose(factor.rows(), factor.columns(), factor.values())
              : factor.values();
      System.arraycopy(values, 0, factors, tensors.get(i).offset(), values.length);
    }
  }

  /** [n][m] from [m][n]. */
  private static float[] transpose(int m, int n, float[] values) {
    float[] turned = new float[values.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        turned[j * m + i] = values[i * n + j];
      }
    }
    return turned;
  }
}
