package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.AdamWStep;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter 2019) on a flat array of parameters, and
 * clipping by the global norm (Pascanu et al. 2013). Matrices decay, biases and norms do not. One
 * thread at a time.
 */
final class AdamW {

  /** Elements of a piece of work: 64 KiB of each of the four arrays. */
  private static final int PIECE = 16 * 1024;

  private record Piece(int from, int count, boolean decayed) {}

  private final Kernels kernels;
  private final Parallel parallel;
  private final Piece[] pieces;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;
  private final float[] firstMoments;
  private final float[] secondMoments;

  AdamW(
      ParameterLayout layout,
      Kernels kernels,
      Parallel parallel,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay) {
    this.kernels = kernels;
    this.parallel = parallel;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    pieces = pieces(layout);
    firstMoments = new float[layout.size()];
    secondMoments = new float[layout.size()];
  }

  private static Piece[] pieces(ParameterLayout layout) {
    List<Piece> list = new ArrayList<>();
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      int size = tensor.size();
      for (int i = 0; i < size; i += PIECE) {
        list.add(new Piece(tensor.offset() + i, Math.min(PIECE, size - i), tensor.decayed()));
      }
    }
    return list.toArray(new Piece[0]);
  }

  /** Euclidean norm of all gradients, summed in double in an order that threads do not change. */
  double norm(float[] gradients) {
    double[] squares = new double[pieces.length];
    parallel.run(
        pieces.length,
        (i, slot) -> squares[i] = kernels.sumOfSquares(pieces[i].count, gradients, pieces[i].from));
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return Math.sqrt(sum);
  }

  /** The factor that brings gradients of this norm down to maxNorm, as PyTorch computes it. */
  static double clip(double norm, double maxNorm) {
    return Math.min(1, maxNorm / (norm + 1e-6));
  }

  /**
   * Updates the parameters.
   *
   * @param step 1 for the first step
   * @param gradientScale factor on every gradient, such as that of {@link #clip}
   */
  void step(
      float[] parameters, float[] gradients, long step, double learningRate, double gradientScale) {
    AdamWStep decayed =
        AdamWStep.of(step, learningRate, beta1, beta2, epsilon, weightDecay, gradientScale);
    AdamWStep plain = AdamWStep.of(step, learningRate, beta1, beta2, epsilon, 0, gradientScale);
    parallel.run(
        pieces.length,
        (i, slot) ->
            kernels.adamW(
                pieces[i].count,
                pieces[i].decayed ? decayed : plain,
                parameters,
                gradients,
                firstMoments,
                secondMoments,
                pieces[i].from));
  }
}
