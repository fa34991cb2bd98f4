package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.Kernels;

/**
 * A linear layer {@code y = x·W + b} whose parameters lie in the flat array.
 *
 * @param inputs I
 * @param outputs O
 * @param weight offset of W [I][O]
 * @param bias offset of b [O]
 */
record Linear(int inputs, int outputs, int weight, int bias) {

  /** y [rows][O] from x [rows][I]; both start at row {@code from}. */
  void forward(
      Kernels kernels,
      float[] parameters,
      int from,
      int rows,
      float[] x,
      float[] y,
      float[] scratch) {
    kernels.product(
        Form.A_B,
        rows,
        outputs,
        inputs,
        x,
        from * inputs,
        inputs,
        parameters,
        weight,
        outputs,
        parameters,
        bias,
        0,
        y,
        from * outputs,
        outputs,
        scratch);
  }

  /** dx [rows][I] {@code = dy·Wᵀ}, from dy [rows][O]. */
  void backward(
      Kernels kernels,
      float[] parameters,
      int from,
      int rows,
      float[] dy,
      float[] dx,
      float[] scratch) {
    kernels.product(
        Form.A_BT,
        rows,
        inputs,
        outputs,
        dy,
        from * outputs,
        outputs,
        parameters,
        weight,
        outputs,
        null,
        0,
        0,
        dx,
        from * inputs,
        inputs,
        scratch);
  }

  /** {@code dW += xᵀ·dy} and {@code db += Σ dy} over all rows, for some columns of W and b. */
  void gradients(
      Kernels kernels,
      float[] gradients,
      int rows,
      int from,
      int columns,
      float[] x,
      float[] dy,
      float[] scratch) {
    int at = weight + from;
    kernels.product(
        Form.AT_B, inputs, columns, rows, x, 0, inputs, dy, from, outputs, gradients, at, outputs,
        gradients, at, outputs, scratch);
    kernels.addColumnSums(rows, columns, dy, from, outputs, gradients, bias + from);
  }
}
