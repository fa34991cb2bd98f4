package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.kernels.update.UpdateKernels;
import io.fundamentallm.runtime.cpu.train.parameter.FlatLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Muon (Jordan et al. 2024): the momentum of a matrix, made nearly orthogonal by five steps of
 * Newton and Schulz's iteration, is its update. Scaled by {@code 0.2·√max(rows, columns)} (Liu et
 * al. 2025), so that AdamW's learning rates and weight decay fit. AdamW updates embeddings, the
 * head, biases and norms. A matrix that holds several, such as GPT-2's queries, keys and values,
 * counts as one here.
 */
final class Muon implements Optimizer {
  private static final int ITERATIONS = 5;

  // Jordan's coefficients: steep at zero, so that small singular values grow quickly.
  private static final float A = 3.4445f;
  private static final float B = -4.7750f;
  private static final float C = 2.0315f;

  private final ProductKernels products;
  private final ElementwiseKernels elements;
  private final UpdateKernels updates;
  private final Parallel parallel;
  private final List<Tensor> matrices;
  private final float momentum;
  private final double weightDecay;
  private final AdamW others;
  private final float[] moments;
  private final Scratch[] scratch;

  Muon(
      FlatLayout layout,
      Kernels kernels,
      Parallel parallel,
      double momentum,
      double weightDecay,
      AdamW others) {
    products = kernels.product();
    elements = kernels.elementwise();
    updates = kernels.update();
    this.parallel = parallel;
    this.momentum = (float) momentum;
    this.weightDecay = weightDecay;
    matrices = layout.tensors().stream().filter(Tensor::hidden).toList();
    this.others = others.restrictedTo(tensor -> !tensor.hidden());
    moments = new float[layout.size()];
    scratch = new Scratch[parallel.slots()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new Scratch(largest(matrices), square(matrices));
    }
  }

  /** Bytes of the moments, including those of AdamW, and of each thread's scratch memory. */
  static long bytes(FlatLayout layout, int threads) {
    List<Tensor> matrices = layout.tensors().stream().filter(Tensor::hidden).toList();
    long own = 2L * largest(matrices) + 2L * square(matrices) + Floats.aligned(Product.SCRATCH);
    return Float.BYTES * (layout.size() + threads * own) + AdamW.bytes(layout);
  }

  private static int largest(List<Tensor> matrices) {
    return matrices.stream().mapToInt(Tensor::size).max().orElse(0);
  }

  private static int square(List<Tensor> matrices) {
    return matrices.stream()
        .mapToInt(t -> Math.min(t.shape().get(0), t.shape().get(1)))
        .map(side -> Math.multiplyExact(side, side))
        .max()
        .orElse(0);
  }

  /** One thread's scratch: the matrix and the next one, its square and the square of that. */
  private record Scratch(float[] x, float[] next, float[] gram, float[] combined, Product product) {
    Scratch(int largest, int square) {
      this(
          new float[largest],
          new float[largest],
          new float[square],
          new float[square],
          new Product());
    }
  }

  @Override
  public void step(
      float[] parameters, float[] gradients, long step, double learningRate, double gradientScale) {
    others.step(parameters, gradients, step, learningRate, gradientScale);
    parallel.run(
        matrices.size(),
        (i, slot) ->
            update(
                matrices.get(i),
                parameters,
                gradients,
                (float) gradientScale,
                learningRate,
                scratch[slot]));
  }

  private void update(
      Tensor tensor,
      float[] parameters,
      float[] gradients,
      float gradientScale,
      double learningRate,
      Scratch s) {
    int n = tensor.size();
    int at = tensor.offset();
    int rows = tensor.shape().get(0);
    int columns = tensor.shape().get(1);
    System.arraycopy(gradients, at, s.x, 0, n);
    elements.scale(n, gradientScale, s.x, 0);
    elements.scale(n, momentum, moments, at);
    elements.add(n, s.x, 0, moments, at);
    System.arraycopy(moments, at, s.next, 0, n); // Nesterov's: gradient and momentum times moment
    elements.scale(n, momentum, s.next, 0);
    elements.add(n, s.next, 0, s.x, 0);
    float[] direction = orthogonal(rows, columns, s);
    elements.scale(n, (float) (1 - learningRate * weightDecay), parameters, at);
    double size = 0.2 * Math.sqrt(Math.max(rows, columns));
    elements.scale(n, (float) (-learningRate * size), direction, 0);
    elements.add(n, direction, 0, parameters, at);
  }

  /** The matrix in s.x with all its singular values brought near 1. */
  private float[] orthogonal(int rows, int columns, Scratch s) {
    int n = rows * columns;
    double norm = Math.sqrt(updates.sumOfSquares(n, s.x, 0));
    float[] x = s.x;
    float[] next = s.next;
    elements.scale(n, (float) (1 / (norm + 1e-7)), x, 0);
    boolean wide = rows <= columns;
    int side = Math.min(rows, columns);
    for (int i = 0; i < ITERATIONS; i++) {
      // G = X·Xᵀ, or Xᵀ·X, whichever is smaller; X = a·X + (b·G + c·G²)·X
      products.product(
          s.product
              .shape(wide ? Form.A_BT : Form.AT_B, side, side, Math.max(rows, columns))
              .left(x, 0, columns)
              .right(x, 0, columns)
              .into(s.gram, 0, side));
      products.product(
          s.product
              .shape(Form.A_B, side, side, side)
              .left(s.gram, 0, side)
              .right(s.gram, 0, side)
              .into(s.combined, 0, side));
      elements.scale(side * side, C, s.combined, 0);
      elements.scale(side * side, B, s.gram, 0);
      elements.add(side * side, s.gram, 0, s.combined, 0);
      System.arraycopy(x, 0, next, 0, n);
      elements.scale(n, A, next, 0);
      s.product.shape(Form.A_B, rows, columns, side).addTo(next, 0, columns);
      if (wide) {
        s.product.left(s.combined, 0, side).right(x, 0, columns);
      } else {
        s.product.left(x, 0, columns).right(s.combined, 0, side);
      }
      products.product(s.product);
      float[] swap = x;
      x = next;
      next = swap;
    }
    return x;
  }

  @Override
  public Map<String, float[]> state() {
    Map<String, float[]> state = new LinkedHashMap<>(others.state());
    state.put("matrix_moments", moments);
    return state;
  }
}
