package io.fundamentallm.runtime.cpu.kernels;

import java.util.Arrays;

/** Layer normalisation in plain Java: forward, backward, and the gradients of its parameters. */
final class ScalarNorm {

  private ScalarNorm() {}

  static void forward(
      int rows,
      int n,
      float epsilon,
      float[] x,
      int xAt,
      int ldx,
      float[] gamma,
      int gammaAt,
      float[] beta,
      int betaAt,
      float[] y,
      int yAt,
      int ldy,
      float[] mean,
      float[] rstd,
      int statAt) {
    for (int r = 0; r < rows; r++) {
      int in = xAt + r * ldx;
      int out = yAt + r * ldy;
      float average = sum(n, x, in) / n;
      float variance = sumOfSquaresAround(n, average, x, in) / n;
      float scale = 1f / (float) Math.sqrt(variance + epsilon);
      mean[statAt + r] = average;
      rstd[statAt + r] = scale;
      for (int i = 0; i < n; i++) {
        float normalised = (x[in + i] - average) * scale;
        y[out + i] = Math.fma(normalised, gamma[gammaAt + i], beta[betaAt + i]);
      }
    }
  }

  /** Reciprocal of the root of the mean square. */
  static float rms(int n, float epsilon, float[] x, int xAt) {
    float meanSquare = sumOfSquaresAround(n, 0f, x, xAt) / n;
    return 1f / (float) Math.sqrt(meanSquare + epsilon);
  }

  /**
   * @param centred whether the mean was taken off, as RMSNorm does not
   */
  static void backward(
      int rows,
      int n,
      boolean centred,
      float[] dy,
      int dyAt,
      int lddy,
      float[] x,
      int xAt,
      int ldx,
      float[] gamma,
      int gammaAt,
      float[] mean,
      float[] rstd,
      int statAt,
      float[] dx,
      int dxAt,
      int lddx) {
    float[] lanes = new float[ScalarSums.LANES];
    float[] lanesNormalised = new float[ScalarSums.LANES];
    for (int r = 0; r < rows; r++) {
      int in = xAt + r * ldx;
      int grad = dyAt + r * lddy;
      int out = dxAt + r * lddx;
      float average = centred ? mean[statAt + r] : 0f;
      float scale = rstd[statAt + r];
      Arrays.fill(lanes, 0f);
      Arrays.fill(lanesNormalised, 0f);
      int i = 0;
      for (; i <= n - ScalarSums.LANES; i += ScalarSums.LANES) {
        for (int l = 0; l < ScalarSums.LANES; l++) {
          float g = dy[grad + i + l] * gamma[gammaAt + i + l];
          lanes[l] += g;
          lanesNormalised[l] = Math.fma(g, (x[in + i + l] - average) * scale, lanesNormalised[l]);
        }
      }
      float sum = ScalarSums.fold(lanes);
      float sumNormalised = ScalarSums.fold(lanesNormalised);
      for (; i < n; i++) {
        float g = dy[grad + i] * gamma[gammaAt + i];
        sum += g;
        sumNormalised = Math.fma(g, (x[in + i] - average) * scale, sumNormalised);
      }
      float meanG = centred ? sum / n : 0f;
      float meanGNormalised = sumNormalised / n;
      for (i = 0; i < n; i++) {
        float g = dy[grad + i] * gamma[gammaAt + i];
        float normalised = (x[in + i] - average) * scale;
        float inner = Math.fma(-normalised, meanGNormalised, g - meanG);
        dx[out + i] = Math.fma(scale, inner, dx[out + i]);
      }
    }
  }

  static void parameterGradients(
      int rows,
      int n,
      float[] dy,
      int dyAt,
      int lddy,
      float[] x,
      int xAt,
      int ldx,
      float[] mean,
      float[] rstd,
      int statAt,
      float[] dgamma,
      int dgammaAt,
      float[] dbeta,
      int dbetaAt) {
    for (int r = 0; r < rows; r++) {
      int in = xAt + r * ldx;
      int grad = dyAt + r * lddy;
      float average = mean[statAt + r];
      float scale = rstd[statAt + r];
      for (int i = 0; i < n; i++) {
        float g = dy[grad + i];
        dgamma[dgammaAt + i] = Math.fma(g, (x[in + i] - average) * scale, dgamma[dgammaAt + i]);
        dbeta[dbetaAt + i] += g;
      }
    }
  }

  /** The gradient of RMSNorm's gamma. */
  static void gammaGradients(
      int rows,
      int n,
      float[] dy,
      int dyAt,
      int lddy,
      float[] x,
      int xAt,
      int ldx,
      float[] rstd,
      int statAt,
      float[] dgamma,
      int dgammaAt) {
    for (int r = 0; r < rows; r++) {
      int in = xAt + r * ldx;
      int grad = dyAt + r * lddy;
      float scale = rstd[statAt + r];
      for (int i = 0; i < n; i++) {
        dgamma[dgammaAt + i] = Math.fma(dy[grad + i], x[in + i] * scale, dgamma[dgammaAt + i]);
      }
    }
  }

  private static float sum(int n, float[] x, int xAt) {
    float[] lanes = new float[ScalarSums.LANES];
    int i = 0;
    for (; i <= n - ScalarSums.LANES; i += ScalarSums.LANES) {
      for (int l = 0; l < ScalarSums.LANES; l++) {
        lanes[l] += x[xAt + i + l];
      }
    }
    float sum = ScalarSums.fold(lanes);
    for (; i < n; i++) {
      sum += x[xAt + i];
    }
    return sum;
  }

  private static float sumOfSquaresAround(int n, float centre, float[] x, int xAt) {
    float[] lanes = new float[ScalarSums.LANES];
    int i = 0;
    for (; i <= n - ScalarSums.LANES; i += ScalarSums.LANES) {
      for (int l = 0; l < ScalarSums.LANES; l++) {
        float d = x[xAt + i + l] - centre;
        lanes[l] = Math.fma(d, d, lanes[l]);
      }
    }
    float sum = ScalarSums.fold(lanes);
    for (; i < n; i++) {
      float d = x[xAt + i] - centre;
      sum = Math.fma(d, d, sum);
    }
    return sum;
  }
}
