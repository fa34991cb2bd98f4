package io.fundamentallm.runtime.cpu.kernels.norm;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;

/** What norms do with each row, in plain Java or on the Vector API. */
abstract class RowNorm implements NormKernels {

  @Override
  public void forward(Normalization norm, int rows, float[] x, int xAt, float[] y, int yAt) {
    for (int r = 0; r < rows; r++) {
      int in = xAt + r * norm.stride();
      int out = yAt + r * norm.stride();
      float average = mean(norm, x, in);
      scale(norm, average, rstd(norm, average, x, in), x, in, y, out);
    }
  }

  @Override
  public void forward(
      Normalization norm, int from, int rows, Floats x, Floats y, NormStatistics kept) {
    for (int r = from; r < from + rows; r++) {
      int in = x.at(r * norm.stride());
      float average = mean(norm, x.array(), in);
      float scale = rstd(norm, average, x.array(), in);
      kept.mean()[r] = average;
      kept.rstd()[r] = scale;
      scale(norm, average, scale, x.array(), in, y.array(), y.at(r * norm.stride()));
    }
  }

  @Override
  public void backward(
      Normalization norm, int from, int rows, Floats dy, Floats x, NormStatistics kept, Floats dx) {
    for (int r = from; r < from + rows; r++) {
      if (norm.beta() == null) {
        kept.rstd()[r] = rstd(norm, 0f, x.array(), x.at(r * norm.stride()));
      }
      backwardRow(norm, r, dy, x, kept, dx);
    }
  }

  /** The mean of a row; zero for RMSNorm. */
  abstract float mean(Normalization norm, float[] x, int xAt);

  /** The reciprocal of the standard deviation around this mean. */
  abstract float rstd(Normalization norm, float average, float[] x, int xAt);

  /** y from a row of x and its statistics. */
  abstract void scale(
      Normalization norm, float average, float scale, float[] x, int in, float[] y, int out);

  /** One row of {@link #backward}, whose statistics are known. */
  abstract void backwardRow(
      Normalization norm, int r, Floats dy, Floats x, NormStatistics kept, Floats dx);
}
