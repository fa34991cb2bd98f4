package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.parameter.FlatLayout;
import java.util.Map;

/**
 * An optimizer that keeps one moment of each gradient, with decoupled weight decay: Lion (Chen et
 * al. 2023), or stochastic gradient descent with momentum (Sutskever et al. 2013).
 *
 * @param <S> the numbers of one step, which the kernel takes
 */
final class OneMoment<S> implements Optimizer {
  /** Makes the numbers of one step. */
  interface Numbers<S> {
    S of(float gradientScale, float keep, float learningRate);
  }

  /** Updates parameters and moments that are at the same index in all arrays. */
  interface Kernel<S> {
    void update(int n, S step, float[] parameters, float[] gradients, float[] moments, int at);
  }

  private final Numbers<S> numbers;
  private final Kernel<S> kernel;
  private final ParameterPieces pieces;
  private final double weightDecay;
  private final float[] moments;

  OneMoment(
      FlatLayout layout,
      Parallel parallel,
      double weightDecay,
      Numbers<S> numbers,
      Kernel<S> kernel) {
    this.numbers = numbers;
    this.kernel = kernel;
    this.weightDecay = weightDecay;
    pieces = new ParameterPieces(layout, parallel, tensor -> true);
    moments = new float[layout.size()];
  }

  /** What the moments take. */
  static long bytes(FlatLayout layout) {
    return (long) Float.BYTES * layout.size();
  }

  @Override
  public void step(
      float[] parameters, float[] gradients, long step, double learningRate, double gradientScale) {
    float keep = (float) (1 - learningRate * weightDecay);
    S decayed = numbers.of((float) gradientScale, keep, (float) learningRate);
    S plain = numbers.of((float) gradientScale, 1f, (float) learningRate);
    pieces.run(
        (i, piece) ->
            kernel.update(
                piece.count(),
                piece.decayed() ? decayed : plain,
                parameters,
                gradients,
                moments,
                piece.from()));
  }

  @Override
  public Map<String, float[]> state() {
    return Map.of("first_moments", moments);
  }
}
