package io.fundamentallm.runtime.cpu.kernels.norm;

import static io.fundamentallm.runtime.cpu.kernels.math.ScalarSums.LANES;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.math.ScalarSums;

/** Norms in plain Java. */
public final class ScalarNorm extends RowNorm {

  @Override
  float mean(Normalization norm, float[] x, int xAt) {
    return norm.beta() == null ? 0f : ScalarSums.sum(norm.size(), x, xAt) / norm.size();
  }

  @Override
  float rstd(Normalization norm, float average, float[] x, int xAt) {
    float variance = ScalarSums.squaredDeviations(norm.size(), average, x, xAt) / norm.size();
    return 1f / (float) Math.sqrt(variance + norm.epsilon());
  }

  @Override
  void scale(
      Normalization norm, float average, float scale, float[] x, int in, float[] y, int out) {
    float[] gamma = norm.gamma();
    int gammaAt = norm.gammaAt();
    float[] beta = norm.beta();
    for (int i = 0; i < norm.size(); i++) {
      if (beta == null) {
        y[out + i] = x[in + i] * scale * gamma[gammaAt + i];
      } else {
        float normalised = (x[in + i] - average) * scale;
        y[out + i] = Math.fma(normalised, gamma[gammaAt + i], beta[norm.betaAt() + i]);
      }
    }
  }

  @Override
  void backwardRow(Normalization norm, int r, Floats dy, Floats x, NormStatistics kept, Floats dx) {
    boolean centred = norm.beta() != null;
    int n = norm.size();
    float[] gamma = norm.gamma();
    int gammaAt = norm.gammaAt();
    float[] values = x.array();
    int in = x.at(r * norm.stride());
    float[] gradients = dy.array();
    int grad = dy.at(r * norm.stride());
    float average = centred ? kept.mean()[r] : 0f;
    float scale = kept.rstd()[r];
    float[] lanes = new float[LANES];
    float[] lanesNormalised = new float[LANES];
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int l = 0; l < LANES; l++) {
        float g = gradients[grad + i + l] * gamma[gammaAt + i + l];
        lanes[l] += g;
        float normalised = (values[in + i + l] - average) * scale;
        lanesNormalised[l] = Math.fma(g, normalised, lanesNormalised[l]);
      }
    }
    float sum = ScalarSums.fold(lanes);
    float sumNormalised = ScalarSums.fold(lanesNormalised);
    for (; i < n; i++) {
      float g = gradients[grad + i] * gamma[gammaAt + i];
      sum += g;
      sumNormalised = Math.fma(g, (values[in + i] - average) * scale, sumNormalised);
    }
    float meanG = centred ? sum / n : 0f;
    float meanGNormalised = sumNormalised / n;
    float[] into = dx.array();
    int out = dx.at(r * norm.stride());
    for (i = 0; i < n; i++) {
      float g = gradients[grad + i] * gamma[gammaAt + i];
      float normalised = (values[in + i] - average) * scale;
      float inner = Math.fma(-normalised, meanGNormalised, g - meanG);
      into[out + i] = Math.fma(scale, inner, into[out + i]);
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
    columns(gradients, rows, from, columns, dy, x, kept);
  }

  static void columns(
      Normalization gradients,
      int rows,
      int from,
      int columns,
      Floats dy,
      Floats x,
      NormStatistics kept) {
    float[] dgamma = gradients.gamma();
    int gammaAt = gradients.gammaAt() + from;
    float[] dbeta = gradients.beta();
    int betaAt = gradients.betaAt() + from;
    for (int r = 0; r < rows; r++) {
      int in = x.at(r * gradients.stride() + from);
      int grad = dy.at(r * gradients.stride() + from);
      float average = dbeta == null ? 0f : kept.mean()[r];
      float scale = kept.rstd()[r];
      for (int i = 0; i < columns; i++) {
        float g = dy.array()[grad + i];
        float normalised = (x.array()[in + i] - average) * scale;
        dgamma[gammaAt + i] = Math.fma(g, normalised, dgamma[gammaAt + i]);
        if (dbeta != null) {
          dbeta[betaAt + i] += g;
        }
      }
    }
  }
}
