package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.kernels.update.AdamWStep;
import io.fundamentallm.runtime.cpu.kernels.update.UpdateKernels;
import io.fundamentallm.runtime.cpu.train.parameter.FlatLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import java.util.Map;
import java.util.function.Predicate;

/** AdamW with decoupled weight decay (Loshchilov and Hutter 2019). */
public final class AdamW implements Optimizer {

  /** PyTorch's default. */
  static final double EPSILON = 1e-8;

  private final FlatLayout layout;
  private final UpdateKernels kernels;
  private final Parallel parallel;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;
  private final float[] firstMoments;
  private final float[] secondMoments;
  private ParameterPieces pieces;

  public AdamW(
      FlatLayout layout,
      Kernels kernels,
      Parallel parallel,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay) {
    this.layout = layout;
    this.kernels = kernels.update();
    this.parallel = parallel;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    pieces = new ParameterPieces(layout, parallel, tensor -> true);
    firstMoments = new float[layout.size()];
    secondMoments = new float[layout.size()];
  }

  /** Bytes of the moments. */
  static long bytes(FlatLayout layout) {
    return 2L * Float.BYTES * layout.size();
  }

  /** From now on updates only some tensors. */
  AdamW restrictedTo(Predicate<ParameterLayout.Tensor> which) {
    pieces = new ParameterPieces(layout, parallel, which);
    return this;
  }

  @Override
  public void step(
      float[] parameters, float[] gradients, long step, double learningRate, double gradientScale) {
    AdamWStep decayed =
        AdamWStep.of(step, learningRate, beta1, beta2, epsilon, weightDecay, gradientScale);
    AdamWStep plain = AdamWStep.of(step, learningRate, beta1, beta2, epsilon, 0, gradientScale);
    pieces.run(
        (i, piece) ->
            kernels.adamW(
                piece.count(),
                piece.decayed() ? decayed : plain,
                parameters,
                gradients,
                firstMoments,
                secondMoments,
                piece.from()));
  }

  @Override
  public Map<String, float[]> state() {
    return Map.of("first_moments", firstMoments, "second_moments", secondMoments);
  }
}
