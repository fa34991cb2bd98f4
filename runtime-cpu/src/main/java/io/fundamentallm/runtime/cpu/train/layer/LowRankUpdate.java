package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.Kernels;

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
 * @param left index of L in the flat array of what is trained
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
      float[] scratch) {
    System.arraycopy(weights, left + from * rank, scaled, 0, count * rank);
    kernels.scale(count * rank, scale, scaled, 0);
    kernels.product(
        Form.A_B,
        count,
        columns,
        rank,
        scaled,
        0,
        rank,
        weights,
        right,
        columns,
        base,
        from * columns,
        columns,
        parameters,
        at + from * columns,
        columns,
        scratch);
  }

  /** Some rows of {@code dL = s·dW·Rᵀ}. */
  public void leftGradient(
      Kernels kernels,
      float[] weights,
      float[] modelGradients,
      int from,
      int count,
      float[] gradients,
      float[] scratch) {
    kernels.product(
        Form.A_BT,
        count,
        rank,
        columns,
        modelGradients,
        at + from * columns,
        columns,
        weights,
        right,
        columns,
        null,
        0,
        0,
        gradients,
        left + from * rank,
        rank,
        scratch);
    kernels.scale(count * rank, scale, gradients, left + from * rank);
  }

  /** Some columns of {@code dR = s·Lᵀ·dW}. */
  public void rightGradient(
      Kernels kernels,
      float[] weights,
      float[] modelGradients,
      int from,
      int count,
      float[] gradients,
      float[] scratch) {
    kernels.product(
        Form.AT_B,
        rank,
        count,
        rows,
        weights,
        left,
        rank,
        modelGradients,
        at + from,
        columns,
        null,
        0,
        0,
        gradients,
        right + from,
        columns,
        scratch);
    for (int r = 0; r < rank; r++) {
      kernels.scale(count, scale, gradients, right + r * columns + from);
    }
  }
}
