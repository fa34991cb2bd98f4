package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.kernels.update.UpdateKernels;
import io.fundamentallm.runtime.cpu.train.parameter.FlatLayout;

/** The norm of all gradients together, by which they are clipped (Pascanu et al. 2013). */
public final class GradientNorm {
  private final UpdateKernels kernels;
  private final ParameterPieces pieces;

  public GradientNorm(FlatLayout layout, Kernels kernels, Parallel parallel) {
    this.kernels = kernels.update();
    pieces = new ParameterPieces(layout, parallel, tensor -> true);
  }

  /** Euclidean norm of a flat array, summed in double in an order that threads do not change. */
  public double of(float[] gradients) {
    double[] squares = new double[pieces.count()];
    pieces.run(
        (i, piece) -> squares[i] = kernels.sumOfSquares(piece.count(), gradients, piece.from()));
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return Math.sqrt(sum);
  }

  /** The factor that brings gradients of this norm down to maxNorm, as PyTorch computes it. */
  public static double clip(double norm, double maxNorm) {
    return Math.min(1, maxNorm / (norm + 1e-6));
  }
}
