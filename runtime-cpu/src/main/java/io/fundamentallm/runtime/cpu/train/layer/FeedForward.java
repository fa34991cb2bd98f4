package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.train.layer.Compute.Columns;
import io.fundamentallm.runtime.cpu.train.parameter.BlockLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.ArrayList;
import java.util.List;

/**
 * The layer that works on each row by itself: up, activation, down; or gate and up, activation of
 * the gate, down.
 */
final class FeedForward implements BranchLayer {
  private final Compute compute;
  private final Linear up;
  private final Linear down;
  private final Activation activation;
  private final boolean gated;
  private TrainedLinears trained = TrainedLinears.ALL;

  FeedForward(Compute compute, TrainableConfig config, BlockLayout.Expert at, int inner) {
    this.compute = compute;
    int c = config.hiddenSize();
    boolean outputsFirst = !config.files().transposed();
    up = Linear.of(compute, at.up(), c, config.upSize(inner), outputsFirst);
    down = Linear.of(compute, at.down(), inner, c, outputsFirst);
    activation = config.shape().feedForward().activation();
    gated = config.gated();
  }

  @Override
  public void freezeAllBut(TrainedTensors tensors) {
    trained = TrainedLinears.of(tensors, List.of(up, down));
  }

  @Override
  public void forward(float[] parameters, Pass pass, Floats x, BlockActivations a, Floats y) {
    forward(parameters, pass.rows(), x, a.hidden, a.activated, y);
  }

  @Override
  public void again(float[] parameters, Pass pass, Floats x, BlockActivations a) {
    inner(parameters, pass.rows(), x, a.hidden, a.activated);
  }

  @Override
  public void backward(Backward b, Floats x, BlockActivations a, Floats dout, Activations all) {
    int rows = b.pass().rows();
    backward(b, rows, x, a.hidden, a.activated, dout, all.dactivated, all.dhidden, all.dnormed);
  }

  /**
   * Any rows.
   *
   * @param hidden receives what backward needs [rows][I], or gate and up [rows][2I]
   * @param activated receives [rows][I]
   */
  void forward(float[] parameters, int rows, Floats x, Floats hidden, Floats activated, Floats y) {
    inner(parameters, rows, x, hidden, activated);
    down.forward(compute.product(), parameters, rows, activated, y);
  }

  /** The same without the way back. */
  void inner(float[] parameters, int rows, Floats x, Floats hidden, Floats activated) {
    ElementwiseKernels kernels = compute.kernels().elementwise();
    up.forward(compute.product(), parameters, rows, x, hidden);
    compute.rows(rows, (from, n, slot) -> activate(kernels, from, n, hidden, activated));
  }

  /**
   * The gradient dx of any rows; adds those of the parameters.
   *
   * @param dactivated scratch [rows][I]; dhidden itself, unless that is wider
   */
  void backward(
      Backward b,
      int rows,
      Floats x,
      Floats hidden,
      Floats activated,
      Floats dy,
      Floats dactivated,
      Floats dhidden,
      Floats dx) {
    ElementwiseKernels kernels = compute.kernels().elementwise();
    TeamProduct product = compute.product();
    down.backward(product, b.parameters(), rows, dy, dactivated);
    compute.rows(
        rows, (from, n, slot) -> activateBackward(kernels, from, n, hidden, dactivated, dhidden));
    up.backward(product, b.parameters(), rows, dhidden, dx);
    trained.gradients(down, product, b, rows, activated, dy);
    trained.gradients(up, product, b, rows, x, dhidden);
    List<Columns> biases = new ArrayList<>();
    trained.bias(down, compute, b, rows, dy, biases);
    trained.bias(up, compute, b, rows, dhidden, biases);
    compute.columns(biases);
  }

  /** Some rows between the two products. */
  private void activate(
      ElementwiseKernels kernels, int from, int rows, Floats hidden, Floats activated) {
    int inner = down.inputs();
    if (!gated) {
      int at = hidden.at(from * inner);
      int to = activated.at(from * inner);
      if (activation == Activation.GELU_TANH) {
        kernels.gelu(rows * inner, hidden.array(), at, activated.array(), to);
      } else {
        kernels.activate(activation, rows * inner, hidden.array(), at, activated.array(), to);
        kernels.slope(activation, rows * inner, hidden.array(), at, hidden.array(), at);
      }
      return;
    }
    for (int r = from; r < from + rows; r++) {
      int at = hidden.at(2 * r * inner);
      int to = activated.at(r * inner);
      if (activation == Activation.SILU) {
        kernels.swiglu(inner, hidden.array(), at, activated.array(), to);
      } else {
        kernels.activate(activation, inner, hidden.array(), at, activated.array(), to);
        kernels.multiply(inner, hidden.array(), at + inner, activated.array(), to);
      }
    }
  }

  /** The gradient with respect to them: dhidden from dactivated. */
  private void activateBackward(
      ElementwiseKernels kernels,
      int from,
      int rows,
      Floats hidden,
      Floats dactivated,
      Floats dhidden) {
    int inner = down.inputs();
    if (!gated) {
      int at = from * inner;
      kernels.multiply(
          rows * inner, hidden.array(), hidden.at(at), dhidden.array(), dhidden.at(at));
      return;
    }
    float[] x = hidden.array();
    float[] dx = dhidden.array();
    for (int r = from; r < from + rows; r++) {
      int gate = hidden.at(2 * r * inner);
      int dgate = dhidden.at(2 * r * inner);
      int dy = dactivated.at(r * inner);
      if (activation == Activation.SILU) {
        kernels.swigluBackward(inner, x, gate, dactivated.array(), dy, dx, dgate);
      } else {
        kernels.slope(activation, inner, x, gate, dx, dgate);
        kernels.multiply(inner, x, gate + inner, dx, dgate);
        kernels.multiply(inner, dactivated.array(), dy, dx, dgate);
        kernels.activate(activation, inner, x, gate, dx, dgate + inner);
        kernels.multiply(inner, dactivated.array(), dy, dx, dgate + inner);
      }
    }
  }
}
