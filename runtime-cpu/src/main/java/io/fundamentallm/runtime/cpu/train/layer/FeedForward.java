package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;

/**
 * The layer that works on each row by itself: up, GELU, down; or gate and up, SwiGLU, down.
 *
 * @param up the first product, of gate and up together where gated
 * @param down the second
 * @param gated whether it is SwiGLU
 */
record FeedForward(Linear up, Linear down, boolean gated) {

  static FeedForward of(TrainableConfig config, ParameterLayout.Block at) {
    int c = config.hiddenSize();
    boolean llama = config.isLlama();
    return new FeedForward(
        new Linear(c, config.upSize(), at.mlp().weight(), at.mlp().bias(), llama),
        new Linear(config.innerSize(), c, at.mlpOut().weight(), at.mlpOut().bias(), llama),
        llama);
  }

  /** Some rows between the two products: a.activated from a.hidden. */
  void activate(ElementwiseKernels kernels, int from, int rows, Activations.OfBlock a) {
    int inner = down.inputs();
    if (gated) {
      for (int r = from; r < from + rows; r++) {
        kernels.swiglu(
            inner,
            a.hidden.array(),
            a.hidden.at(2 * r * inner),
            a.activated.array(),
            a.activated.at(r * inner));
      }
    } else {
      kernels.gelu(
          rows * inner,
          a.hidden.array(),
          a.hidden.at(from * inner),
          a.activated.array(),
          a.activated.at(from * inner));
    }
  }

  /** The gradient with respect to them: all.dhidden from all.dactivated. */
  void activateBackward(
      ElementwiseKernels kernels, int from, int rows, Activations.OfBlock a, Activations all) {
    int inner = down.inputs();
    if (gated) {
      for (int r = from; r < from + rows; r++) {
        int wide = 2 * r * inner;
        kernels.swigluBackward(
            inner,
            a.hidden.array(),
            a.hidden.at(wide),
            all.dactivated.array(),
            all.dactivated.at(r * inner),
            all.dhidden.array(),
            all.dhidden.at(wide));
      }
    } else {
      kernels.multiply(
          rows * inner,
          a.hidden.array(),
          a.hidden.at(from * inner),
          all.dhidden.array(),
          all.dhidden.at(from * inner));
    }
  }
}
