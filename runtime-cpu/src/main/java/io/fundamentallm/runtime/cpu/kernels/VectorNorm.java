package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.ScalarSums.LANES;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.VL;
import static io.fundamentallm.runtime.cpu.kernels.VectorSums.HALF;
import static io.fundamentallm.runtime.cpu.kernels.VectorSums.SPLIT;

import jdk.incubator.vector.FloatVector;

/**
 * Layer normalisation on the Vector API: forward, backward, and the gradients of its parameters.
 */
final class VectorNorm {

  private VectorNorm() {}

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
    int whole = SPECIES.loopBound(n);
    for (int r = 0; r < rows; r++) {
      int in = xAt + r * ldx;
      int out = yAt + r * ldy;
      float average = VectorSums.sum(n, x, in) / n;
      float variance = VectorSums.squaresAround(n, average, x, in) / n;
      float scale = 1f / (float) Math.sqrt(variance + epsilon);
      mean[statAt + r] = average;
      rstd[statAt + r] = scale;
      for (int i = 0; i < whole; i += VL) {
        FloatVector normalised = FloatVector.fromArray(SPECIES, x, in + i).sub(average).mul(scale);
        normalised
            .fma(
                FloatVector.fromArray(SPECIES, gamma, gammaAt + i),
                FloatVector.fromArray(SPECIES, beta, betaAt + i))
            .intoArray(y, out + i);
      }
      for (int i = whole; i < n; i++) {
        float normalised = (x[in + i] - average) * scale;
        y[out + i] = Math.fma(normalised, gamma[gammaAt + i], beta[betaAt + i]);
      }
    }
  }

  /** Reciprocal of the root of the mean square. */
  static float rms(int n, float epsilon, float[] x, int xAt) {
    return 1f / (float) Math.sqrt(VectorSums.squaresAround(n, 0f, x, xAt) / n + epsilon);
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
    for (int r = 0; r < rows; r++) {
      backwardRow(
          n,
          centred,
          dy,
          dyAt + r * lddy,
          x,
          xAt + r * ldx,
          gamma,
          gammaAt,
          centred ? mean[statAt + r] : 0f,
          rstd[statAt + r],
          dx,
          dxAt + r * lddx);
    }
  }

  private static void backwardRow(
      int n,
      boolean centred,
      float[] dy,
      int dyAt,
      float[] x,
      int xAt,
      float[] gamma,
      int gammaAt,
      float average,
      float scale,
      float[] dx,
      int dxAt) {
    int whole = VectorSums.whole(n);
    FloatVector lanes = FloatVector.zero(SPECIES);
    FloatVector lanesNormalised = FloatVector.zero(SPECIES);
    for (int part = 0; part < HALF; part += VL) {
      FloatVector lower = FloatVector.zero(SPECIES);
      FloatVector upper = FloatVector.zero(SPECIES);
      FloatVector lowerNormalised = FloatVector.zero(SPECIES);
      FloatVector upperNormalised = FloatVector.zero(SPECIES);
      for (int i = part; i < whole; i += LANES) {
        FloatVector g =
            FloatVector.fromArray(SPECIES, dy, dyAt + i)
                .mul(FloatVector.fromArray(SPECIES, gamma, gammaAt + i));
        FloatVector normalised = FloatVector.fromArray(SPECIES, x, xAt + i).sub(average).mul(scale);
        lower = lower.add(g);
        lowerNormalised = g.fma(normalised, lowerNormalised);
        if (SPLIT) {
          int j = i + HALF;
          g =
              FloatVector.fromArray(SPECIES, dy, dyAt + j)
                  .mul(FloatVector.fromArray(SPECIES, gamma, gammaAt + j));
          normalised = FloatVector.fromArray(SPECIES, x, xAt + j).sub(average).mul(scale);
          upper = upper.add(g);
          upperNormalised = g.fma(normalised, upperNormalised);
        }
      }
      lanes = lanes.add(SPLIT ? lower.add(upper) : lower);
      lanesNormalised =
          lanesNormalised.add(SPLIT ? lowerNormalised.add(upperNormalised) : lowerNormalised);
    }
    float sum = VectorSums.fold(lanes);
    float sumNormalised = VectorSums.fold(lanesNormalised);
    for (int i = whole; i < n; i++) {
      float g = dy[dyAt + i] * gamma[gammaAt + i];
      sum += g;
      sumNormalised = Math.fma(g, (x[xAt + i] - average) * scale, sumNormalised);
    }
    float meanG = centred ? sum / n : 0f;
    float meanGNormalised = sumNormalised / n;
    FloatVector scales = FloatVector.broadcast(SPECIES, scale);
    FloatVector means = FloatVector.broadcast(SPECIES, meanGNormalised);
    for (int i = 0; i < whole; i += VL) {
      FloatVector g =
          FloatVector.fromArray(SPECIES, dy, dyAt + i)
              .mul(FloatVector.fromArray(SPECIES, gamma, gammaAt + i));
      FloatVector normalised = FloatVector.fromArray(SPECIES, x, xAt + i).sub(average).mul(scale);
      FloatVector inner = normalised.neg().fma(means, g.sub(meanG));
      scales.fma(inner, FloatVector.fromArray(SPECIES, dx, dxAt + i)).intoArray(dx, dxAt + i);
    }
    for (int i = whole; i < n; i++) {
      float g = dy[dyAt + i] * gamma[gammaAt + i];
      float normalised = (x[xAt + i] - average) * scale;
      float inner = Math.fma(-normalised, meanGNormalised, g - meanG);
      dx[dxAt + i] = Math.fma(scale, inner, dx[dxAt + i]);
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
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector gammas = FloatVector.fromArray(SPECIES, dgamma, dgammaAt + i);
      FloatVector betas = FloatVector.fromArray(SPECIES, dbeta, dbetaAt + i);
      for (int r = 0; r < rows; r++) {
        FloatVector g = FloatVector.fromArray(SPECIES, dy, dyAt + r * lddy + i);
        FloatVector centred =
            FloatVector.fromArray(SPECIES, x, xAt + r * ldx + i).sub(mean[statAt + r]);
        gammas = g.fma(centred.mul(rstd[statAt + r]), gammas);
        betas = betas.add(g);
      }
      gammas.intoArray(dgamma, dgammaAt + i);
      betas.intoArray(dbeta, dbetaAt + i);
    }
    if (whole < n) {
      ScalarNorm.parameterGradients(
          rows,
          n - whole,
          dy,
          dyAt + whole,
          lddy,
          x,
          xAt + whole,
          ldx,
          mean,
          rstd,
          statAt,
          dgamma,
          dgammaAt + whole,
          dbeta,
          dbetaAt + whole);
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
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector gammas = FloatVector.fromArray(SPECIES, dgamma, dgammaAt + i);
      for (int r = 0; r < rows; r++) {
        FloatVector normalised =
            FloatVector.fromArray(SPECIES, x, xAt + r * ldx + i).mul(rstd[statAt + r]);
        gammas = FloatVector.fromArray(SPECIES, dy, dyAt + r * lddy + i).fma(normalised, gammas);
      }
      gammas.intoArray(dgamma, dgammaAt + i);
    }
    ScalarNorm.gammaGradients(
        rows,
        n - whole,
        dy,
        dyAt + whole,
        lddy,
        x,
        xAt + whole,
        ldx,
        rstd,
        statAt,
        dgamma,
        dgammaAt + whole);
  }
}
