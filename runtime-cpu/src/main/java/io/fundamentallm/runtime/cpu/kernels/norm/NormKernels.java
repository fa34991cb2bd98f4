package io.fundamentallm.runtime.cpu.kernels.norm;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;

/**
 * LayerNorm (Ba et al. 2016), {@code y = (x − mean)·rstd·gamma + beta} with {@code rstd =
 * 1/√(variance + epsilon)}, and RMSNorm (Zhang and Sennrich 2019), {@code y = x·rstd·gamma} with
 * {@code rstd = 1/√(mean(x²) + epsilon)}, of each row. All matrices are [rows][n], their rows the
 * norm's stride apart.
 */
public interface NormKernels {

  /** y [rows][n] from x [rows][n], each from an index on. y may be x. */
  void forward(Normalization norm, int rows, float[] x, int xAt, float[] y, int yAt);

  /** The same for some rows; also keeps what LayerNorm's backward pass needs of each. */
  void forward(Normalization norm, int from, int rows, Floats x, Floats y, NormStatistics kept);

  /**
   * The gradient with respect to some rows of x, <em>added</em> to dx: {@code dx += rstd·(g −
   * mean(g) − x̂·mean(g·x̂))} with {@code g = dy·gamma} and x̂ the normalised input; RMSNorm's
   * lacks mean(g).
   */
  void backward(
      Normalization norm, int from, int rows, Floats dy, Floats x, NormStatistics kept, Floats dx);

  /**
   * The gradients with respect to gamma and beta, <em>added</em>, for some columns over all rows.
   *
   * @param gradients the norm with gradients in place of gamma and beta
   */
  void parameterGradients(
      Normalization gradients,
      int rows,
      int from,
      int columns,
      Floats dy,
      Floats x,
      NormStatistics kept);
}
