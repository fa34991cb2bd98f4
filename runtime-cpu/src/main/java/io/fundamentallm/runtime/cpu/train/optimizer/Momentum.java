package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.kernels.update.MomentumStep;
import io.fundamentallm.runtime.cpu.kernels.update.UpdateKernels;
import io.fundamentallm.runtime.cpu.train.layer.FlatLayout;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum (Sutskever et al. 2013), in PyTorch's form except for
 * weight decay, which is decoupled.
 */
final class Momentum implements Optimizer {
  private final UpdateKernels kernels;
  private final ParameterPieces pieces;
  private final float momentum;
  private final boolean nesterov;
  private final double weightDecay;
  private final float[] moments;

  Momentum(
      FlatLayout layout,
      Kernels kernels,
      Parallel parallel,
      double momentum,
      boolean nesterov,
      double weightDecay) {
    this.kernels = kernels.update();
    pieces = new ParameterPieces(layout, parallel, tensor -> true);
    this.momentum = (float) momentum;
    this.nesterov = nesterov;
    this.weightDecay = weightDecay;
    moments = new float[layout.size()];
  }

  /** Bytes of the moments. */
  static long bytes(FlatLayout layout) {
    return (long) Float.BYTES * layout.size();
  }

  @Override
  public void step(
      float[] parameters, float[] gradients, long step, double learningRate, double gradientScale) {
    float keep = (float) (1 - learningRate * weightDecay);
    MomentumStep decayed = numbers(keep, learningRate, gradientScale);
    MomentumStep plain = numbers(1f, learningRate, gradientScale);
    pieces.run(
        (i, piece) ->
            kernels.momentum(
                piece.count(),
                piece.decayed() ? decayed : plain,
                parameters,
                gradients,
                moments,
                piece.from()));
  }

  private MomentumStep numbers(float keep, double learningRate, double gradientScale) {
    return new MomentumStep((float) gradientScale, keep, (float) learningRate, momentum, nesterov);
  }

  @Override
  public Map<String, float[]> state() {
    return Map.of("first_moments", moments);
  }
}
