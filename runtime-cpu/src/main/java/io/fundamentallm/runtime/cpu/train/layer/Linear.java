package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;

/**
 * A linear layer {@code y = x·W + b} whose parameters are in the flat array.
 *
 * @param inputs I
 * @param outputs O
 * @param weight offset of W [I][O]; or [O][I] where outputs come first
 * @param bias offset of b [O], or {@link ParameterLayout#NONE}
 * @param outputsFirst whether W is stored transposed
 */
record Linear(int inputs, int outputs, int weight, int bias, boolean outputsFirst) {

  static Linear of(ParameterLayout.Place at, int inputs, int outputs, boolean outputsFirst) {
    return new Linear(inputs, outputs, at.weight(), at.bias(), outputsFirst);
  }

  /** y [rows][O] from x [rows][I]. */
  void forward(TeamProduct product, float[] parameters, int rows, Floats x, Floats y) {
    product
        .shape(outputsFirst ? Form.A_BT : Form.A_B, rows, outputs, inputs)
        .left(x.array(), x.at(), inputs)
        .right(parameters, weight, outputsFirst ? inputs : outputs)
        .start(bias < 0 ? null : parameters, bias, 0)
        .into(y.array(), y.at(), outputs);
    product.run();
  }

  /** dx [rows][I] {@code = dy·Wᵀ}, from dy [rows][O]. */
  void backward(TeamProduct product, float[] parameters, int rows, Floats dy, Floats dx) {
    product
        .shape(outputsFirst ? Form.A_B : Form.A_BT, rows, inputs, outputs)
        .left(dy.array(), dy.at(), outputs)
        .right(parameters, weight, outputsFirst ? inputs : outputs)
        .into(dx.array(), dx.at(), inputs);
    product.run();
  }

  /**
   * {@code dW += xᵀ·dy} over all rows.
   *
   * @param fresh whether dW is written instead of added
   */
  void gradients(
      TeamProduct product, float[] gradients, boolean fresh, int rows, Floats x, Floats dy) {
    float[] start = fresh ? null : gradients;
    if (outputsFirst) {
      product
          .shape(Form.AT_B, outputs, inputs, rows)
          .left(dy.array(), dy.at(), outputs)
          .right(x.array(), x.at(), inputs)
          .start(start, weight, inputs)
          .into(gradients, weight, inputs);
    } else {
      product
          .shape(Form.AT_B, inputs, outputs, rows)
          .left(x.array(), x.at(), inputs)
          .right(dy.array(), dy.at(), outputs)
          .start(start, weight, outputs)
          .into(gradients, weight, outputs);
    }
    product.run();
  }
}
