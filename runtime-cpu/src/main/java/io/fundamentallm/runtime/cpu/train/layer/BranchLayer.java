package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;

/** Attention or a feed-forward layer: what a branch of a block does between its norms. */
interface BranchLayer {

  /** From now on skips the gradients of parameters that are frozen. */
  void freezeAllBut(TrainedTensors trained);

  /**
   * Computes the outputs.
   *
   * @param in [B·T][C]
   * @param out receives [B·T][C]
   */
  void forward(float[] parameters, Pass pass, Floats in, BlockActivations a, Floats out);

  /** Computes again what {@link #forward} left in the activations, but not the outputs. */
  void again(float[] parameters, Pass pass, Floats in, BlockActivations a);

  /**
   * Goes from the gradient with respect to the outputs to {@code all.dnormed}, that with respect to
   * the inputs. Adds the gradients of its parameters.
   *
   * @param in what {@link #forward} read
   * @param dout [B·T][C]
   */
  void backward(Backward b, Floats in, BlockActivations a, Floats dout, Activations all);
}
