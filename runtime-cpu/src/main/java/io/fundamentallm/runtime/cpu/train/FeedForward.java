package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;

/**
 * The layer that looks at one row alone: up, GELU, down; or gate and up, SwiGLU, down.
 *
 * @param up the first product, of gate and up together where gated
 * @param down the second
 * @param gated whether it is SwiGLU
 */
record FeedForward(Linear up, Linear down, boolean gated) {

  static FeedForward of(TrainableConfig config, ParameterLayout.Block at, Compute compute) {
    int c = config.hiddenSize();
    boolean llama = config.isLlama();
    return new FeedForward(
        new Linear(c, config.upSize(), at.mlpWeight(), at.mlpBias(), llama, compute.panels(2)),
        new Linear(
            config.innerSize(), c, at.mlpOutWeight(), at.mlpOutBias(), llama, compute.panels(3)),
        llama);
  }

  /** y [rows][C] from x [rows][C]; keeps what backward needs. */
  void forward(
      Kernels kernels,
      float[] parameters,
      int from,
      int rows,
      float[] x,
      Activations.OfBlock a,
      float[] y,
      float[] scratch) {
    int inner = down.inputs();
    up.forward(parameters, from, rows, x, a.hidden, scratch);
    if (gated) {
      for (int r = from; r < from + rows; r++) {
        kernels.swiglu(inner, a.hidden, 2 * r * inner, a.activated, r * inner);
      }
    } else {
      kernels.gelu(rows * inner, a.hidden, from * inner, a.activated, from * inner);
    }
    down.forward(parameters, from, rows, a.activated, y, scratch);
  }

  /** dx [rows][C] from dy [rows][C], and the gradient after the first product in all.dhidden. */
  void backward(
      Kernels kernels,
      int from,
      int rows,
      Activations.OfBlock a,
      Activations all,
      float[] dy,
      float[] dx,
      float[] scratch) {
    int inner = down.inputs();
    down.backward(from, rows, dy, all.dactivated, scratch);
    if (gated) {
      for (int r = from; r < from + rows; r++) {
        int wide = 2 * r * inner;
        kernels.swigluBackward(inner, a.hidden, wide, all.dactivated, r * inner, all.dhidden, wide);
      }
    } else {
      int at = from * inner;
      kernels.multiply(rows * inner, a.hidden, at, all.dhidden, at);
    }
    up.backward(from, rows, all.dhidden, dx, scratch);
  }
}
