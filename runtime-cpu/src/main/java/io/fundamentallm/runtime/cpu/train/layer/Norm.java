package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;

/**
 * A normalisation whose parameters lie in the flat array: LayerNorm, or RMSNorm where there is no
 * bias.
 *
 * @param channels C
 * @param epsilon added to the variance or the mean square
 * @param weight offset of gamma [C]
 * @param bias offset of beta [C], or {@link ParameterLayout#NONE}
 */
record Norm(int channels, float epsilon, int weight, int bias) {

  /**
   * Mean and reciprocal standard deviation of each row, kept for backward; RMSNorm's backward fills
   * them for the gradients of its parameters.
   */
  record Statistics(float[] mean, float[] rstd) {
    Statistics(int rows) {
      this(new float[rows], new float[rows]);
    }
  }

  /** y [rows][C] from x [rows][C]; both start at row {@code from}. */
  void forward(
      Kernels kernels,
      float[] parameters,
      int from,
      int rows,
      Floats x,
      Floats y,
      Statistics statistics) {
    if (bias < 0) {
      int at = from * channels;
      kernels.rmsNorm(
          rows,
          channels,
          epsilon,
          x.array(),
          x.at(at),
          channels,
          parameters,
          weight,
          y.array(),
          y.at(at),
          channels);
      return;
    }
    kernels.layerNorm(
        rows,
        channels,
        epsilon,
        x.array(),
        x.at(from * channels),
        channels,
        parameters,
        weight,
        parameters,
        bias,
        y.array(),
        y.at(from * channels),
        channels,
        statistics.mean,
        statistics.rstd,
        from);
  }

  /** Adds the gradient that comes through the layer to dx [rows][C]. */
  void backward(
      Kernels kernels,
      float[] parameters,
      int from,
      int rows,
      Floats dy,
      Floats x,
      Statistics statistics,
      Floats dx) {
    if (bias < 0) {
      int at = from * channels;
      kernels.rmsNormBackward(
          rows,
          channels,
          epsilon,
          dy.array(),
          dy.at(at),
          channels,
          x.array(),
          x.at(at),
          channels,
          parameters,
          weight,
          statistics.rstd,
          from,
          dx.array(),
          dx.at(at),
          channels);
      return;
    }
    kernels.layerNormBackward(
        rows,
        channels,
        dy.array(),
        dy.at(from * channels),
        channels,
        x.array(),
        x.at(from * channels),
        channels,
        parameters,
        weight,
        statistics.mean,
        statistics.rstd,
        from,
        dx.array(),
        dx.at(from * channels),
        channels);
  }

  /** Adds to the gradients of gamma and beta over all rows, for some columns. */
  void gradients(
      Kernels kernels,
      float[] gradients,
      int rows,
      int from,
      int columns,
      Floats dy,
      Floats x,
      Statistics statistics) {
    if (bias < 0) {
      kernels.rmsNormParameterGradients(
          rows,
          columns,
          dy.array(),
          dy.at(from),
          channels,
          x.array(),
          x.at(from),
          channels,
          statistics.rstd,
          0,
          gradients,
          weight + from);
      return;
    }
    kernels.layerNormParameterGradients(
        rows,
        columns,
        dy.array(),
        dy.at(from),
        channels,
        x.array(),
        x.at(from),
        channels,
        statistics.mean,
        statistics.rstd,
        0,
        gradients,
        weight + from,
        gradients,
        bias + from);
  }
}
