package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;

/**
 * A linear layer {@code y = x·W + b} whose parameters lie in the flat array.
 *
 * @param inputs I
 * @param outputs O
 * @param weight offset of W [I][O]; or [O][I] where outputs come first
 * @param bias offset of b [O], or {@link ParameterLayout#NONE}
 * @param outputsFirst whether W is stored transposed
 */
record Linear(int inputs, int outputs, int weight, int bias, boolean outputsFirst) {

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
        outputsFirst ? Form.A_BT : Form.A_B,
        rows,
        outputs,
        inputs,
        x,
        from * inputs,
        inputs,
        parameters,
        weight,
        outputsFirst ? inputs : outputs,
        bias < 0 ? null : parameters,
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
        outputsFirst ? Form.A_B : Form.A_BT,
        rows,
        inputs,
        outputs,
        dy,
        from * outputs,
        outputs,
        parameters,
        weight,
        outputsFirst ? inputs : outputs,
        null,
        0,
        0,
        dx,
        from * inputs,
        inputs,
        scratch);
  }

  /** {@code dW += xᵀ·dy} and {@code db += Σ dy} over all rows, for some outputs. */
  void gradients(
      Kernels kernels,
      float[] gradients,
      int rows,
      int from,
      int columns,
      float[] x,
      float[] dy,
      float[] scratch) {
    if (outputsFirst) {
      int at = weight + from * inputs;
      kernels.product(
          Form.AT_B, columns, inputs, rows, dy, from, outputs, x, 0, inputs, gradients, at, inputs,
          gradients, at, inputs, scratch);
    } else {
      int at = weight + from;
      kernels.product(
          Form.AT_B, inputs, columns, rows, x, 0, inputs, dy, from, outputs, gradients, at, outputs,
          gradients, at, outputs, scratch);
    }
    if (bias >= 0) {
      kernels.addColumnSums(rows, columns, dy, from, outputs, gradients, bias + from);
    }
  }
}
