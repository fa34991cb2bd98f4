package io.fundamentallm.runtime.cpu.kernels.norm;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.math.ScalarSums.LANES;
import static io.fundamentallm.runtime.cpu.kernels.math.VectorSums.HALF;
import static io.fundamentallm.runtime.cpu.kernels.math.VectorSums.SPLIT;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.math.VectorSums;
import jdk.incubator.vector.FloatVector;

/** Norms on the Vector API, bit for bit those of {@link ScalarNorm}. */
public final class VectorNorm extends RowNorm {

  @Override
  float mean(Normalization norm, float[] x, int xAt) {
    return norm.beta() == null ? 0f : VectorSums.sum(norm.size(), x, xAt) / norm.size();
  }

  @Override
  float rstd(Normalization norm, float average, float[] x, int xAt) {
    float variance = VectorSums.squaredDeviations(norm.size(), average, x, xAt) / norm.size();
    return 1f / (float) Math.sqrt(variance + norm.epsilon());
  }

  @Override
  void scale(
      Normalization norm, float average, float scale, float[] x, int in, float[] y, int out) {
    int n = norm.size();
    int bound = SPECIES.loopBound(n);
    float[] gamma = norm.gamma();
    int gammaAt = norm.gammaAt();
    float[] beta = norm.beta();
    if (beta == null) {
      for (int i = 0; i < bound; i += VL) {
        FloatVector.fromArray(SPECIES, x, in + i)
            .mul(scale)
            .mul(FloatVector.fromArray(SPECIES, gamma, gammaAt + i))
            .intoArray(y, out + i);
      }
      for (int i = bound; i < n; i++) {
        y[out + i] = x[in + i] * scale * gamma[gammaAt + i];
      }
      return;
    }
    int betaAt = norm.betaAt();
    for (int i = 0; i < bound; i += VL) {
      FloatVector normalised = FloatVector.fromArray(SPECIES, x, in + i).sub(average).mul(scale);
      normalised
          .fma(
              FloatVector.fromArray(SPECIES, gamma, gammaAt + i),
              FloatVector.fromArray(SPECIES, beta, betaAt + i))
          .intoArray(y, out + i);
    }
    for (int i = bound; i < n; i++) {
      float normalised = (x[in + i] - average) * scale;
      y[out + i] = Math.fma(normalised, gamma[gammaAt + i], beta[betaAt + i]);
    }
  }

  @Override
  void backwardRow(
      Normalization norm, int r, Floats gradients, Floats values, NormStatistics kept, Floats to) {
    boolean centred = norm.beta() != null;
    int n = norm.size();
    float[] gamma = norm.gamma();
    int gammaAt = norm.gammaAt();
    float[] x = values.array();
    int xAt = values.at(r * norm.stride());
    float[] dy = gradients.array();
    int dyAt = gradients.at(r * norm.stride());
    float average = centred ? kept.mean()[r] : 0f;
    float scale = kept.rstd()[r];
    int bound = VectorSums.loopBound(n);
    FloatVector lanes = FloatVector.zero(SPECIES);
    FloatVector lanesNormalised = FloatVector.zero(SPECIES);
    for (int part = 0; part < HALF; part += VL) {
      FloatVector lower = FloatVector.zero(SPECIES);
      FloatVector upper = FloatVector.zero(SPECIES);
      FloatVector lowerNormalised = FloatVector.zero(SPECIES);
      FloatVector upperNormalised = FloatVector.zero(SPECIES);
      for (int i = part; i < bound; i += LANES) {
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
    for (int i = bound; i < n; i++) {
      float g = dy[dyAt + i] * gamma[gammaAt + i];
      sum += g;
      sumNormalised = Math.fma(g, (x[xAt + i] - average) * scale, sumNormalised);
    }
    float meanG = centred ? sum / n : 0f;
    float meanGNormalised = sumNormalised / n;
    FloatVector scales = FloatVector.broadcast(SPECIES, scale);
    FloatVector means = FloatVector.broadcast(SPECIES, meanGNormalised);
    float[] dx = to.array();
    int dxAt = to.at(r * norm.stride());
    for (int i = 0; i < bound; i += VL) {
      FloatVector g =
          FloatVector.fromArray(SPECIES, dy, dyAt + i)
              .mul(FloatVector.fromArray(SPECIES, gamma, gammaAt + i));
      FloatVector normalised = FloatVector.fromArray(SPECIES, x, xAt + i).sub(average).mul(scale);
      FloatVector inner = normalised.neg().fma(means, g.sub(meanG));
      scales.fma(inner, FloatVector.fromArray(SPECIES, dx, dxAt + i)).intoArray(dx, dxAt + i);
    }
    for (int i = bound; i < n; i++) {
      float g = dy[dyAt + i] * gamma[gammaAt + i];
      float normalised = (x[xAt + i] - average) * scale;
      float inner = Math.fma(-normalised, meanGNormalised, g - meanG);
      dx[dxAt + i] = Math.fma(scale, inner, dx[dxAt + i]);
    }
  }

  @Override
  public void parameterGradients(
      Normalization gradients,
      int rows,
      int from,
      int columns,
      Floats dy,
      Floats x,
      NormStatistics kept) {
    int bound = SPECIES.loopBound(columns);
    for (int i = from; i < from + bound; i += VL) {
      if (gradients.beta() == null) {
        gammaColumns(gradients, rows, i, dy, x, kept);
      } else {
        columns(gradients, rows, i, dy, x, kept);
      }
    }
    if (bound < columns) {
      ScalarNorm.columns(gradients, rows, from + bound, columns - bound, dy, x, kept);
    }
  }

  /** Both gradients of LayerNorm, for a register of columns. */
  private static void columns(
      Normalization gradients, int rows, int i, Floats dys, Floats xs, NormStatistics kept) {
    float[] dy = dys.array();
    float[] x = xs.array();
    int stride = gradients.stride();
    float[] mean = kept.mean();
    float[] rstd = kept.rstd();
    float[] dgamma = gradients.gamma();
    float[] dbeta = gradients.beta();
    int gammaAt = gradients.gammaAt() + i;
    int betaAt = gradients.betaAt() + i;
    FloatVector gammas = FloatVector.fromArray(SPECIES, dgamma, gammaAt);
    FloatVector betas = FloatVector.fromArray(SPECIES, dbeta, betaAt);
    for (int r = 0; r < rows; r++) {
      FloatVector g = FloatVector.fromArray(SPECIES, dy, dys.at(r * stride + i));
      FloatVector centred = FloatVector.fromArray(SPECIES, x, xs.at(r * stride + i)).sub(mean[r]);
      gammas = g.fma(centred.mul(rstd[r]), gammas);
      betas = betas.add(g);
    }
    gammas.intoArray(dgamma, gammaAt);
    betas.intoArray(dbeta, betaAt);
  }

  /** The gradient of RMSNorm's gamma. */
  private static void gammaColumns(
      Normalization gradients, int rows, int i, Floats dys, Floats xs, NormStatistics kept) {
    float[] dy = dys.array();
    float[] x = xs.array();
    int stride = gradients.stride();
    float[] rstd = kept.rstd();
    float[] dgamma = gradients.gamma();
    int gammaAt = gradients.gammaAt() + i;
    FloatVector gammas = FloatVector.fromArray(SPECIES, dgamma, gammaAt);
    for (int r = 0; r < rows; r++) {
      FloatVector normalised =
          FloatVector.fromArray(SPECIES, x, xs.at(r * stride + i)).mul(rstd[r]);
      gammas = FloatVector.fromArray(SPECIES, dy, dys.at(r * stride + i)).fma(normalised, gammas);
    }
    gammas.intoArray(dgamma, gammaAt);
  }
}
