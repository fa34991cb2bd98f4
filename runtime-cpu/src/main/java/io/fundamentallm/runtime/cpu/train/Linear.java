package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.Panels;
import io.fundamentallm.runtime.cpu.kernels.TeamProduct;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;

/**
 * A linear layer {@code y = x·W + b} whose parameters lie in the flat array.
 *
 * @param inputs I
 * @param outputs O
 * @param weight offset of W [I][O]; or [O][I] where outputs come first
 * @param bias offset of b [O], or {@link ParameterLayout#NONE}
 * @param outputsFirst whether W is stored transposed
 * @param panels where W is copied to before rows go through the layer, see {@link Compute#copy}
 */
record Linear(int inputs, int outputs, int weight, int bias, boolean outputsFirst, Panels panels) {

  /** W is what is copied next, for {@link #forward}. */
  Linear loadForward(float[] parameters) {
    Form form = outputsFirst ? Form.A_BT : Form.A_B;
    panels.of(form, outputs, inputs, parameters, weight, outputsFirst ? inputs : outputs);
    return this;
  }

  /** Wᵀ is what is copied next, for {@link #backward}. */
  Linear loadBackward(float[] parameters) {
    Form form = outputsFirst ? Form.A_B : Form.A_BT;
    panels.of(form, inputs, outputs, parameters, weight, outputsFirst ? inputs : outputs);
    return this;
  }

  /** y [rows][O] from x [rows][I]; both start at row {@code from}. */
  void forward(float[] parameters, int from, int rows, float[] x, float[] y, float[] scratch) {
    panels.product(
        rows,
        x,
        from * inputs,
        inputs,
        bias < 0 ? null : parameters,
        bias,
        0,
        y,
        from * outputs,
        outputs,
        scratch);
  }

  /** dx [rows][I] {@code = dy·Wᵀ}, from dy [rows][O]. */
  void backward(int from, int rows, float[] dy, float[] dx, float[] scratch) {
    panels.product(
        rows, dy, from * outputs, outputs, null, 0, 0, dx, from * inputs, inputs, scratch);
  }

  /**
   * {@code dW += xᵀ·dy} over all rows.
   *
   * @param fresh whether dW is written instead
   */
  void gradients(
      TeamProduct product, float[] gradients, boolean fresh, int rows, float[] x, float[] dy) {
    float[] start = fresh ? null : gradients;
    if (outputsFirst) {
      product.run(
          Form.AT_B, outputs, inputs, rows, dy, 0, outputs, x, 0, inputs, start, weight, inputs,
          gradients, weight, inputs);
    } else {
      product.run(
          Form.AT_B, inputs, outputs, rows, x, 0, inputs, dy, 0, outputs, start, weight, outputs,
          gradients, weight, outputs);
    }
  }
}
