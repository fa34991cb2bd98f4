package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.kernels.update.LionStep;
import io.fundamentallm.runtime.cpu.kernels.update.UpdateKernels;
import io.fundamentallm.runtime.cpu.train.layer.FlatLayout;
import java.util.Map;

/**
 * Lion with decoupled weight decay (Chen et al. 2023): every parameter moves by the learning rate,
 * in the direction of the sign. Usual learning rates are a third to a tenth of AdamW's.
 */
final class Lion implements Optimizer {
  private final UpdateKernels kernels;
  private final ParameterPieces pieces;
  private final float beta1;
  private final float beta2;
  private final double weightDecay;
  private final float[] moments;

  Lion(
      FlatLayout layout,
      Kernels kernels,
      Parallel parallel,
      double beta1,
      double beta2,
      double weightDecay) {
    this.kernels = kernels.update();
    pieces = new ParameterPieces(layout, parallel, tensor -> true);
    this.beta1 = (float) beta1;
    this.beta2 = (float) beta2;
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
    LionStep decayed = numbers(keep, learningRate, gradientScale);
    LionStep plain = numbers(1f, learningRate, gradientScale);
    pieces.run(
        (i, piece) ->
            kernels.lion(
                piece.count(),
                piece.decayed() ? decayed : plain,
                parameters,
                gradients,
                moments,
                piece.from()));
  }

  private LionStep numbers(float keep, double learningRate, double gradientScale) {
    return new LionStep((float) gradientScale, keep, (float) learningRate, beta1, beta2);
  }

  @Override
  public Map<String, float[]> state() {
    return Map.of("first_moments", moments);
  }
}
