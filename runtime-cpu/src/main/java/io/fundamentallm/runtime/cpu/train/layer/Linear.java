package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.train.parameter.BlockLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer {@code y = x·W + b} whose bias, and mostly its matrix, are in the flat array.
 *
 * @param inputs I
 * @param outputs O
 * @param weight offset of W [I][O]; or [O][I] where outputs come first
 * @param bias offset of b [O], or {@link ParameterLayout#NONE}
 * @param outputsFirst whether W is stored transposed
 * @param made what makes W; null where it is in the flat array
 */
record Linear(
    int inputs,
    int outputs,
    int weight,
    int bias,
    boolean outputsFirst,
    @Nullable MadeMatrices made) {

  /** One whose matrix is in the flat array. */
  Linear(int inputs, int outputs, int weight, int bias, boolean outputsFirst) {
    this(inputs, outputs, weight, bias, outputsFirst, null);
  }

  /** A layer of a block, whose matrix may be elsewhere. */
  static Linear of(
      Compute compute, BlockLayout.Place at, int inputs, int outputs, boolean outputsFirst) {
    MadeMatrices made = compute.made();
    return new Linear(inputs, outputs, at.weight(), at.bias(), outputsFirst || made != null, made);
  }

  /** Whether its matrix is trained. */
  boolean trainedIn(TrainedTensors trained) {
    return made == null
        ? trained.touch(weight, inputs * outputs)
        : made.trains(weight, inputs * outputs);
  }

  private float[] matrix(float[] parameters) {
    return made == null ? parameters : made.make(weight, inputs * outputs);
  }

  private int at() {
    return made == null ? weight : 0;
  }

  /** y [rows][O] from x [rows][I]. */
  void forward(TeamProduct product, float[] parameters, int rows, Floats x, Floats y) {
    float[] matrix = matrix(parameters);
    product
        .shape(outputsFirst ? Form.A_BT : Form.A_B, rows, outputs, inputs)
        .left(x.array(), x.at(), inputs)
        .right(matrix, at(), outputsFirst ? inputs : outputs)
        .start(bias < 0 ? null : parameters, bias, 0)
        .into(y.array(), y.at(), outputs);
    product.run();
  }

  /** dx [rows][I] {@code = dy·Wᵀ}, from dy [rows][O]. */
  void backward(TeamProduct product, float[] parameters, int rows, Floats dy, Floats dx) {
    float[] matrix = matrix(parameters);
    product
        .shape(outputsFirst ? Form.A_B : Form.A_BT, rows, inputs, outputs)
        .left(dy.array(), dy.at(), outputs)
        .right(matrix, at(), outputsFirst ? inputs : outputs)
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
    float[] into = made == null ? gradients : made.gradients();
    float[] start = fresh || made != null ? null : gradients;
    if (outputsFirst) {
      product
          .shape(Form.AT_B, outputs, inputs, rows)
          .left(dy.array(), dy.at(), outputs)
          .right(x.array(), x.at(), inputs)
          .start(start, weight, inputs)
          .into(into, at(), inputs);
    } else {
      product
          .shape(Form.AT_B, inputs, outputs, rows)
          .left(x.array(), x.at(), inputs)
          .right(dy.array(), dy.at(), outputs)
          .start(start, weight, outputs)
          .into(into, at(), outputs);
    }
    product.run();
    if (made != null) {
      made.take(weight, inputs * outputs);
    }
  }
}
