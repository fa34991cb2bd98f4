package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.runtime.cpu.format.AdapterDirectory;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.LowRankUpdate;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import io.fundamentallm.training.FineTuning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * The low-rank updates of some matrices of a model, all that is trained of them in one flat array.
 * One thread at a time.
 */
final class Adapters {
  /** Rows or columns of a matrix that are one piece of work. */
  static final int PART = 64;

  private static final long PURPOSE = Randomness.purpose("lora_A");

  private final Kernels kernels;
  private final Parallel parallel;
  private final int rank;
  private final boolean transposed;
  private final List<Adapter> adapters = new ArrayList<>();
  private final List<Part> rows = new ArrayList<>();
  private final List<Part> columns = new ArrayList<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final float[] weights;
  private final float[] gradients;
  private final Product[] products; // [slots]
  private final float[][] scaled; // [slots][PART·r]
  private final Magnitudes magnitudes;
  private int size;

  /**
   * What is trained beside a matrix.
   *
   * @param index of this one among all
   * @param at index of the matrix, in the array that it is in
   * @param factors of decomposed weights, for each output
   */
  @SuppressWarnings("ArrayRecordComponent") // scratch, never compared
  record Adapter(int index, LowRankUpdate update, int at, float[] factors) {
    int size() {
      return update.rows() * update.columns();
    }
  }

  /** Some rows or columns of one matrix. */
  record Part(Adapter adapter, int from, int count) {}

  /**
   * Adapters that add nothing yet, initialised as in PEFT: A is uniform, as in PyTorch's linear
   * layers (Kaiming's with a = √5, which is 1/√inputs at most), and B is zero. Magnitudes are zero
   * until {@link Magnitudes#measure}.
   *
   * @param matrices by the paths of their modules
   * @param transposed whether they are stored as [inputs][outputs]
   * @param decayed which factors decay, by PEFT's name
   */
  Adapters(
      Kernels kernels,
      Parallel parallel,
      List<Matrix> matrices,
      FineTuning.Lora lora,
      boolean transposed,
      Predicate<String> decayed,
      long seed) {
    this.kernels = kernels;
    this.parallel = parallel;
    rank = lora.rank();
    this.transposed = transposed;
    for (Matrix matrix : matrices) {
      add(matrix, lora, decayed);
    }
    weights = new float[size];
    gradients = new float[size];
    products = new Product[parallel.slots()];
    Arrays.setAll(products, slot -> new Product());
    scaled = new float[parallel.slots()][PART * rank];
    magnitudes = new Magnitudes(kernels, parallel, weights, gradients);
    initialize(new Randomness(seed, 0));
  }

  /**
   * A matrix of the model.
   *
   * @param module its path in Hugging Face's model
   * @param tensor its shape, and where it is
   */
  record Matrix(String module, Tensor tensor) {}

  private void add(Matrix matrix, FineTuning.Lora lora, Predicate<String> decayed) {
    int m = matrix.tensor.shape().get(0);
    int n = matrix.tensor.shape().get(1);
    String a = matrix.module + ".lora_A.weight";
    String b = matrix.module + ".lora_B.weight";
    int left = tensor(transposed ? a : b, decayed, m, rank);
    int right = tensor(transposed ? b : a, decayed, rank, n);
    int outputs = transposed ? n : m;
    boolean decomposed = lora.decomposed();
    int magnitude =
        decomposed
            ? tensor(matrix.module + ".lora_magnitude_vector", name -> false, outputs)
            : ParameterLayout.NONE;
    float scale = (float) (lora.alpha() / rank);
    LowRankUpdate update = new LowRankUpdate(m, n, rank, scale, left, right, magnitude, transposed);
    Adapter adapter =
        new Adapter(
            adapters.size(), update, matrix.tensor.offset(), new float[decomposed ? outputs : 0]);
    adapters.add(adapter);
    rows.addAll(parts(adapter, m));
    columns.addAll(parts(adapter, n));
  }

  /** Some rows or columns at a time of all. */
  static List<Part> parts(Adapter adapter, int count) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < count; i += PART) {
      parts.add(new Part(adapter, i, Math.min(PART, count - i)));
    }
    return parts;
  }

  private int tensor(String path, Predicate<String> decayed, Integer... shape) {
    String name = AdapterDirectory.PREFIX + path;
    Tensor tensor = new Tensor(name, List.of(shape), size, decayed.test(name));
    tensors.add(tensor);
    size = Math.addExact(size, tensor.size());
    return tensor.offset();
  }

  private void initialize(Randomness randomness) {
    for (Adapter adapter : adapters) {
      LowRankUpdate update = adapter.update;
      int inputs = transposed ? update.rows() : update.columns();
      int from = transposed ? update.left() : update.right();
      double bound = 1 / Math.sqrt(inputs);
      for (int i = from; i < from + inputs * rank; i++) {
        weights[i] = (float) (bound * (2 * randomness.uniform(i, PURPOSE) - 1));
      }
    }
  }

  /** Those of decomposed weights. */
  Magnitudes magnitudes() {
    return magnitudes;
  }

  /** Whether they have magnitudes. */
  boolean decomposed() {
    return adapters.stream().anyMatch(adapter -> adapter.update.decomposed());
  }

  /** All of them, in the order of their matrices. */
  List<Adapter> all() {
    return adapters;
  }

  /** All that is trained, stored as the matrices are: factors of transposed ones are transposed. */
  TrainedTensors trained() {
    return new TrainedTensors(tensors, size);
  }

  /** All weights of adapters, not a copy. */
  float[] weights() {
    return weights;
  }

  /** Their gradients, not a copy. */
  float[] gradients() {
    return gradients;
  }

  /** Floats of all matrices that have one. */
  long baseSize() {
    return adapters.stream().mapToLong(Adapter::size).sum();
  }

  /**
   * Writes a matrix and its update, with its magnitudes.
   *
   * @param base may be what is written to
   */
  void apply(Adapter adapter, float[] base, int baseAt, float[] into, int at) {
    List<Part> some = parts(adapter, adapter.update.rows());
    parallel.run(some.size(), (i, slot) -> apply(some.get(i), base, baseAt, into, at, slot));
    magnitudes.apply(adapter, into, at);
  }

  private void apply(Part part, float[] base, int baseAt, float[] into, int at, int slot) {
    part.adapter.update.apply(
        kernels,
        weights,
        base,
        baseAt,
        part.from,
        part.count,
        into,
        at,
        scaled[slot],
        products[slot]);
  }

  /** The same of all matrices, into the parameters. */
  void applyAll(List<float[]> bases, float[] parameters) {
    parallel.run(
        rows.size(),
        (i, slot) -> {
          Part part = rows.get(i);
          apply(part, bases.get(part.adapter.index), 0, parameters, part.adapter.at, slot);
        });
    for (Adapter adapter : adapters) {
      magnitudes.apply(adapter, parameters, adapter.at);
    }
  }

  /**
   * The gradients of all adapters, from those of the matrices that {@link #applyAll} wrote, which
   * change.
   */
  float[] gradients(float[] parameters, float[] modelGradients) {
    for (Adapter adapter : adapters) {
      magnitudes.clearGradient(adapter);
      magnitudes.addGradient(adapter, parameters, adapter.at, modelGradients, adapter.at);
    }
    factorGradients(rows, columns, modelGradients, false, 0);
    return gradients;
  }

  /** Adds the gradients of one adapter, from that of its matrix, which changes. */
  void addGradients(Adapter adapter, float[] matrix, float[] dw, int at) {
    magnitudes.addGradient(adapter, matrix, at, dw, at);
    LowRankUpdate update = adapter.update;
    List<Part> own = parts(adapter, update.rows());
    parallel.run(
        own.size(),
        (i, slot) -> {
          Part part = own.get(i);
          kernels
              .elementwise()
              .scale(
                  part.count * update.columns(),
                  update.scale(),
                  dw,
                  at + part.from * update.columns());
        });
    factorGradients(own, parts(adapter, update.columns()), dw, true, at - adapter.at);
  }

  /**
   * @param adds whether they are added to others
   * @param shift where matrices are in dw, from where they are
   */
  private void factorGradients(
      List<Part> lefts, List<Part> rights, float[] dw, boolean adds, int shift) {
    int count = lefts.size();
    parallel.run(
        count + rights.size(),
        (i, slot) -> {
          Part part = i < count ? lefts.get(i) : rights.get(i - count);
          LowRankUpdate update = part.adapter.update;
          int at = part.adapter.at + shift;
          Product product = products[slot];
          if (i < count) {
            update.leftGradient(
                kernels, weights, dw, at, part.from, part.count, gradients, adds, product);
          } else {
            update.rightGradient(
                kernels, weights, dw, at, part.from, part.count, gradients, adds, product);
          }
        });
  }

  /** All of them as PEFT stores them. */
  PeftFactors peft() {
    return new PeftFactors(tensors, transposed);
  }
}
