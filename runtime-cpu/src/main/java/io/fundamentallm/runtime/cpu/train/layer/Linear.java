package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.TeamProduct;

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

  /** y [rows][O] from x [rows][I]. */
  void forward(TeamProduct product, float[] parameters, int rows, Floats x, Floats y) {
    Form form = outputsFirst ? Form.A_BT : Form.A_B;
    int ldw = outputsFirst ? inputs : outputs;
    float[] start = bias < 0 ? null : parameters;
    product.run(
        form,
        rows,
        outputs,
        inputs,
        x.array(),
        x.at(),
        inputs,
        parameters,
        weight,
        ldw,
        start,
        bias,
        0,
        y.array(),
        y.at(),
        outputs);
  }

  /** dx [rows][I] {@code = dy·Wᵀ}, from dy [rows][O]. */
  void backward(TeamProduct product, float[] parameters, int rows, Floats dy, Floats dx) {
    Form form = outputsFirst ? Form.A_B : Form.A_BT;
    int ldw = outputsFirst ? inputs : outputs;
    product.run(
        form,
        rows,
        inputs,
        outputs,
        dy.array(),
        dy.at(),
        outputs,
        parameters,
        weight,
        ldw,
        null,
        0,
        0,
        dx.array(),
        dx.at(),
        inputs);
  }

  /**
   * {@code dW += xᵀ·dy} over all rows.
   *
   * @param fresh whether dW is written instead
   */
  void gradients(
      TeamProduct product, float[] gradients, boolean fresh, int rows, Floats x, Floats dy) {
    float[] start = fresh ? null : gradients;
    if (outputsFirst) {
      product.run(
          Form.AT_B,
          outputs,
          inputs,
          rows,
          dy.array(),
          dy.at(),
          outputs,
          x.array(),
          x.at(),
          inputs,
          start,
          weight,
          inputs,
          gradients,
          weight,
          inputs);
    } else {
      product.run(
          Form.AT_B,
          inputs,
          outputs,
          rows,
          x.array(),
          x.at(),
          inputs,
          dy.array(),
          dy.at(),
          outputs,
          start,
          weight,
          outputs,
          gradients,
          weight,
          outputs);
    }
  }
}
