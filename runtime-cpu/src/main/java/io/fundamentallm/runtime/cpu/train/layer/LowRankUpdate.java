package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.Product;

/**
 * One matrix W [M][N] and what is trained beside it: {@code W + s·L·R}, with L [M][r] and R [r][N].
 * These are LoRA's B and A where matrices are stored [out][in], and the transposes of A and B where
 * they are stored [in][out].
 *
 * @param base W as it was
 * @param at index of W in the flat array of the model
 * @param rows M
 * @param columns N
 * @param rank r
 * @param scale s, alpha/r
 * @param left index of L in the flat array of trained parameters
 * @param right index of R in it
 */
@SuppressWarnings("ArrayRecordComponent") // the one copy of the weights, never compared
public record LowRankUpdate(
    float[] base, int at, int rows, int columns, int rank, float scale, int left, int right) {

  /** Writes some rows of {@code W + s·L·R} into the model's parameters. */
  public void apply(
      Kernels kernels,
      float[] weights,
      int from,
      int count,
      float[] parameters,
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
                .start(base, from * columns, columns)
                .into(parameters, at + from * columns, columns));
  }

  /** Some rows of {@code dL = s·dW·Rᵀ}. */
  public void leftGradient(
      Kernels kernels,
      float[] weights,
      float[] modelGradients,
      int from,
      int count,
      float[] gradients,
      Product product) {
    kernels
        .product()
        .product(
            product
                .shape(Form.A_BT, count, rank, columns)
                .left(modelGradients, at + from * columns, columns)
                .right(weights, right, columns)
                .into(gradients, left + from * rank, rank));
    kernels.elementwise().scale(count * rank, scale, gradients, left + from * rank);
  }

  /** Some columns of {@code dR = s·Lᵀ·dW}. */
  public void rightGradient(
      Kernels kernels,
      float[] weights,
      float[] modelGradients,
      int from,
      int count,
      float[] gradients,
      Product product) {
    kernels
        .product()
        .product(
            product
                .shape(Form.AT_B, rank, count, rows)
                .left(weights, left, rank)
                .right(modelGradients, at + from, columns)
                .into(gradients, right + from, columns));
    for (int r = 0; r < rank; r++) {
      kernels.elementwise().scale(count, scale, gradients, right + r * columns + from);
    }
  }
}
