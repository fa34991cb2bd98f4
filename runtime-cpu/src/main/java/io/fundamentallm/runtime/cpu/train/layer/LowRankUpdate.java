package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import java.util.Arrays;

/**
 * What is trained beside one matrix W [M][N]: {@code V = W + s·L·R}, with L [M][r] and R [r][N].
 * These are LoRA's B and A where matrices are stored [out][in], and the transposes of A and B where
 * they are stored [in][out]. In DoRA (Liu et al. 2024) the weights of each output o become {@code
 * m[o]/‖V[o]‖·V[o]}; the norm counts as a constant in the gradient, as in PEFT.
 *
 * @param rows M
 * @param columns N
 * @param rank r
 * @param scale s, alpha/r
 * @param left index of L in the flat array of trained parameters
 * @param right index of R in it
 * @param magnitude index of m in it, or {@link ParameterLayout#NONE}
 * @param transposed whether W is stored [in][out]
 */
public record LowRankUpdate(
    int rows,
    int columns,
    int rank,
    float scale,
    int left,
    int right,
    int magnitude,
    boolean transposed) {

  /** Whether magnitudes are trained. */
  public boolean decomposed() {
    return magnitude >= 0;
  }

  /** Outputs of the layer. */
  public int outputs() {
    return transposed ? columns : rows;
  }

  /** Writes some rows of V; the base may be written over. */
  public void apply(
      Kernels kernels,
      float[] weights,
      float[] base,
      int baseAt,
      int from,
      int count,
      float[] into,
      int at,
      float[] scaled,
      Product product) {
    System.arraycopy(weights, left + from * rank, scaled, 0, count * rank);
    kernels.elementwise().scale(count * rank, scale, scaled, 0);
    kernels
        .product()
        .product(
            product
                .shape(Form.A_B, count, columns, rank)
                .left(scaled, 0, rank)
                .right(weights, right, columns)
                .start(base, baseAt + from * columns, columns)
                .into(into, at + from * columns, columns));
  }

  /** The norms of the weights of some outputs of a matrix, [count]. */
  public void norms(
      Kernels kernels, float[] matrix, int at, int from, int count, float[] norms, float[] own) {
    if (transposed) {
      ElementwiseKernels elements = kernels.elementwise();
      Arrays.fill(norms, 0, count, 0f);
      for (int row = 0; row < rows; row++) {
        int place = at + row * columns + from;
        System.arraycopy(matrix, place, own, 0, count);
        elements.multiply(count, matrix, place, own, 0);
        elements.add(count, own, 0, norms, 0);
      }
    } else {
      for (int i = 0; i < count; i++) {
        norms[i] =
            (float) kernels.update().sumOfSquares(columns, matrix, at + (from + i) * columns);
      }
    }
    for (int i = 0; i < count; i++) {
      norms[i] = (float) Math.sqrt(norms[i]);
    }
  }

  /**
   * Gives the weights of some outputs their magnitudes.
   *
   * @param factors receives m/‖V‖ of each output [outputs]; 0 where V is 0
   */
  public void decompose(
      Kernels kernels,
      float[] weights,
      float[] matrix,
      int at,
      int from,
      int count,
      float[] factors,
      float[] norms,
      float[] own) {
    norms(kernels, matrix, at, from, count, norms, own);
    for (int i = 0; i < count; i++) {
      factors[from + i] = norms[i] > 0 ? weights[magnitude + from + i] / norms[i] : 0;
    }
    scale(kernels, factors, matrix, at, from, count);
  }

  /** Multiplies the weights of some outputs by factors [outputs]. */
  private void scale(
      Kernels kernels, float[] factors, float[] matrix, int at, int from, int count) {
    ElementwiseKernels elements = kernels.elementwise();
    if (transposed) {
      for (int row = 0; row < rows; row++) {
        elements.multiply(count, factors, from, matrix, at + row * columns + from);
      }
    } else {
      for (int i = from; i < from + count; i++) {
        elements.scale(columns, factors[i], matrix, at + i * columns);
      }
    }
  }

  /**
   * Adds the gradients of some magnitudes, {@code dm = dW·V/‖V‖}, and turns dW, the gradient with
   * respect to the matrix with its magnitudes, into that with respect to V.
   *
   * @param matrix that matrix
   */
  public void magnitudeGradient(
      Kernels kernels,
      float[] weights,
      float[] matrix,
      int at,
      float[] dw,
      int dwAt,
      int from,
      int count,
      float[] factors,
      float[] gradients,
      float[] own) {
    ElementwiseKernels elements = kernels.elementwise();
    if (transposed) {
      float[] sums = new float[count];
      for (int row = 0; row < rows; row++) {
        int place = row * columns + from;
        System.arraycopy(matrix, at + place, own, 0, count);
        elements.multiply(count, dw, dwAt + place, own, 0);
        elements.add(count, own, 0, sums, 0);
      }
      for (int i = 0; i < count; i++) {
        add(weights, gradients, from + i, sums[i]);
      }
    } else {
      for (int i = from; i < from + count; i++) {
        int place = i * columns;
        float dot = kernels.product().dot(columns, matrix, at + place, dw, dwAt + place);
        add(weights, gradients, i, dot);
      }
    }
    scale(kernels, factors, dw, dwAt, from, count);
  }

  private void add(float[] weights, float[] gradients, int output, float dot) {
    float m = weights[magnitude + output];
    gradients[magnitude + output] += m == 0 ? 0 : dot / m;
  }

  /**
   * Some rows of {@code dL = s·dV·Rᵀ}.
   *
   * @param adds whether it is added, and dV is s times as large already
   */
  public void leftGradient(
      Kernels kernels,
      float[] weights,
      float[] dv,
      int at,
      int from,
      int count,
      float[] gradients,
      boolean adds,
      Product product) {
    kernels
        .product()
        .product(
            product
                .shape(Form.A_BT, count, rank, columns)
                .left(dv, at + from * columns, columns)
                .right(weights, right, columns)
                .start(adds ? gradients : null, left + from * rank, rank)
                .into(gradients, left + from * rank, rank));
    if (!adds) {
      kernels.elementwise().scale(count * rank, scale, gradients, left + from * rank);
    }
  }

  /**
   * Some columns of {@code dR = s·Lᵀ·dV}.
   *
   * @param adds as in {@link #leftGradient}
   */
  public void rightGradient(
      Kernels kernels,
      float[] weights,
      float[] dv,
      int at,
      int from,
      int count,
      float[] gradients,
      boolean adds,
      Product product) {
    kernels
        .product()
        .product(
            product
                .shape(Form.AT_B, rank, count, rows)
                .left(weights, left, rank)
                .right(dv, at + from, columns)
                .start(adds ? gradients : null, right + from, columns)
                .into(gradients, right + from, columns));
    for (int r = 0; !adds && r < rank; r++) {
      kernels.elementwise().scale(count, scale, gradients, right + r * columns + from);
    }
  }
}
