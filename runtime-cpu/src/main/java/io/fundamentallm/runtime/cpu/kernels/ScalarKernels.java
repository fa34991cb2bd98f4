package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.Exponential.exp;
import static io.fundamentallm.runtime.cpu.kernels.ScalarSums.LANES;
import static io.fundamentallm.runtime.cpu.kernels.ScalarSums.fold;

import org.jspecify.annotations.Nullable;

/** The kernels in plain Java; {@link VectorKernels} gives the same bits, faster. */
final class ScalarKernels implements Kernels {

  // √(8/π) and 0.044715·√(8/π): GELU is x·sigmoid of this odd polynomial.
  static final float GELU_1 = 1.5957692f;
  static final float GELU_3 = 0.071354814f;

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public void product(
      Form form,
      int m,
      int n,
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      int ldb,
      float @Nullable [] start,
      int startAt,
      int lds,
      float[] c,
      int cAt,
      int ldc,
      float[] scratch) {
    ScalarProduct.product(
        form, m, n, k, a, aAt, lda, b, bAt, ldb, start, startAt, lds, c, cAt, ldc, scratch);
  }

  @Override
  public void add(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }

  @Override
  public void scale(int n, float factor, float[] x, int xAt) {
    for (int i = 0; i < n; i++) {
      x[xAt + i] *= factor;
    }
  }

  @Override
  public void addColumnSums(
      int rows, int n, float[] x, int xAt, int ldx, float[] sums, int sumsAt) {
    for (int r = 0; r < rows; r++) {
      add(n, x, xAt + r * ldx, sums, sumsAt);
    }
  }

  @Override
  public float dot(int n, float[] x, int xAt, float[] y, int yAt) {
    float[] lanes = new float[LANES];
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int l = 0; l < LANES; l++) {
        lanes[l] = Math.fma(x[xAt + i + l], y[yAt + i + l], lanes[l]);
      }
    }
    float sum = fold(lanes);
    for (; i < n; i++) {
      sum = Math.fma(x[xAt + i], y[yAt + i], sum);
    }
    return sum;
  }

  @Override
  public double sumOfSquares(int n, float[] x, int xAt) {
    double[] lanes = new double[LANES];
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int l = 0; l < LANES; l++) {
        double value = x[xAt + i + l];
        lanes[l] += value * value;
      }
    }
    double sum = fold(lanes);
    for (; i < n; i++) {
      sum += (double) x[xAt + i] * x[xAt + i];
    }
    return sum;
  }

  @Override
  public void gelu(int n, float[] x, int xAt, float[] y, int yAt) {
    gelu(0, n, x, xAt, y, yAt);
  }

  /** From one element on. */
  static void gelu(int from, int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = from; i < n; i++) {
      float v = x[xAt + i];
      float gate = 1f / (1f + exp(-(v * Math.fma(v * v, GELU_3, GELU_1))));
      float slope = v * Math.fma(v * v, 3 * GELU_3, GELU_1);
      y[yAt + i] = v * gate;
      x[xAt + i] = Math.fma(slope, gate * (1f - gate), gate);
    }
  }

  @Override
  public void multiply(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] *= x[xAt + i];
    }
  }

  @Override
  public void adamW(
      int n,
      AdamWStep step,
      float[] parameters,
      float[] gradients,
      float[] firstMoments,
      float[] secondMoments,
      int at) {
    adamWStep(n, step, parameters, gradients, firstMoments, secondMoments, at);
  }

  static void adamWStep(
      int n,
      AdamWStep step,
      float[] parameters,
      float[] gradients,
      float[] firstMoments,
      float[] secondMoments,
      int at) {
    for (int i = at; i < at + n; i++) {
      float g = gradients[i] * step.gradientScale();
      float m = Math.fma(step.firstRate(), g - firstMoments[i], firstMoments[i]);
      float v = Math.fma(step.secondRate() * g, g, step.secondKeep() * secondMoments[i]);
      firstMoments[i] = m;
      secondMoments[i] = v;
      float divisor = Math.fma((float) Math.sqrt(v), step.rootScale(), step.epsilon());
      parameters[i] = parameters[i] * step.keep() - step.stepSize() * m / divisor;
    }
  }

  @Override
  public void layerNorm(
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
    ScalarNorm.forward(
        rows, n, epsilon, x, xAt, ldx, gamma, gammaAt, beta, betaAt, y, yAt, ldy, mean, rstd,
        statAt);
  }

  @Override
  public void layerNormBackward(
      int rows,
      int n,
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
    ScalarNorm.backward(
        rows, n, true, dy, dyAt, lddy, x, xAt, ldx, gamma, gammaAt, mean, rstd, statAt, dx, dxAt,
        lddx);
  }

  @Override
  public void layerNormParameterGradients(
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
    ScalarNorm.parameterGradients(
        rows, n, dy, dyAt, lddy, x, xAt, ldx, mean, rstd, statAt, dgamma, dgammaAt, dbeta, dbetaAt);
  }

  @Override
  public float softmax(int valid, int n, float scale, float[] x, int xAt) {
    return ScalarSoftmax.softmax(valid, n, scale, x, xAt);
  }

  @Override
  public double crossEntropy(
      int n,
      int target,
      float smoothing,
      float zLoss,
      float scale,
      float[] x,
      int xAt,
      boolean[] hits,
      int hitAt) {
    return ScalarSoftmax.crossEntropy(n, target, smoothing, zLoss, scale, x, xAt, hits, hitAt);
  }

  @Override
  public void softmaxAgain(int valid, int n, float scale, float logSumExp, float[] x, int xAt) {
    ScalarSoftmax.softmaxAgain(valid, n, scale, logSumExp, x, xAt);
  }

  @Override
  public void softmaxBackward(
      int n, float scale, float delta, float[] p, int pAt, float[] dp, int dpAt) {
    ScalarSoftmax.softmaxBackward(n, scale, delta, p, pAt, dp, dpAt);
  }

  @Override
  public void multiply(
      PackedWeights weights,
      int fromPanel,
      int toPanel,
      int rows,
      float[] x,
      int xAt,
      int ldx,
      float[] quantized,
      int quantizedAt,
      int tile,
      float[] y,
      int yAt,
      int ldy,
      float[] scratch) {
    ScalarLinear.multiply(
        weights,
        fromPanel,
        toPanel,
        rows,
        x,
        xAt,
        ldx,
        quantized,
        quantizedAt,
        tile,
        y,
        yAt,
        ldy,
        scratch);
  }

  @Override
  public void quantizeRows(
      PackedWeights weights, int rows, int tile, float[] x, int xAt, int ldx, float[] q, int qAt) {
    ScalarLinear.quantizeRows(weights, rows, tile, x, xAt, ldx, q, qAt);
  }

  @Override
  public void scores(
      int m,
      int d,
      float[] q,
      int qAt,
      int ldq,
      int blocks,
      float[][] keys,
      int keysAt,
      float[] s,
      int sAt,
      int lds,
      float[] scratch) {
    ScalarAttention.scores(m, d, q, qAt, ldq, blocks, keys, keysAt, s, sAt, lds, scratch);
  }

  @Override
  public void attentionOutput(
      int m,
      int n,
      int k,
      float[] p,
      int pAt,
      int ldp,
      float[][] values,
      int valuesAt,
      float[] c,
      int cAt,
      int ldc,
      float[] scratch) {
    ScalarAttention.attentionOutput(m, n, k, p, pAt, ldp, values, valuesAt, c, cAt, ldc, scratch);
  }

  @Override
  public void rmsNorm(
      int rows,
      int n,
      float epsilon,
      float[] x,
      int xAt,
      int ldx,
      float[] gamma,
      int gammaAt,
      float[] y,
      int yAt,
      int ldy) {
    for (int r = 0; r < rows; r++) {
      int in = xAt + r * ldx;
      int out = yAt + r * ldy;
      float scale = ScalarNorm.rms(n, epsilon, x, in);
      for (int i = 0; i < n; i++) {
        y[out + i] = x[in + i] * scale * gamma[gammaAt + i];
      }
    }
  }

  @Override
  public void probabilities(int from, int to, int n, float scale, float[] x, int xAt) {
    ScalarSoftmax.probabilities(from, to, n, scale, x, xAt);
  }

  @Override
  public void rmsNormBackward(
      int rows,
      int n,
      float epsilon,
      float[] dy,
      int dyAt,
      int lddy,
      float[] x,
      int xAt,
      int ldx,
      float[] gamma,
      int gammaAt,
      float[] rstd,
      int statAt,
      float[] dx,
      int dxAt,
      int lddx) {
    for (int r = 0; r < rows; r++) {
      rstd[statAt + r] = ScalarNorm.rms(n, epsilon, x, xAt + r * ldx);
    }
    ScalarNorm.backward(
        rows, n, false, dy, dyAt, lddy, x, xAt, ldx, gamma, gammaAt, rstd, rstd, statAt, dx, dxAt,
        lddx);
  }

  @Override
  public void rmsNormParameterGradients(
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
    ScalarNorm.gammaGradients(rows, n, dy, dyAt, lddy, x, xAt, ldx, rstd, statAt, dgamma, dgammaAt);
  }

  @Override
  public void swiglu(int n, float[] x, int xAt, float[] y, int yAt) {
    ScalarActivation.swiglu(n, x, xAt, y, yAt);
  }

  @Override
  public void swigluBackward(
      int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt) {
    ScalarActivation.swigluBackward(n, x, xAt, dy, dyAt, dx, dxAt);
  }

  @Override
  public void activate(Activation f, int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = ScalarActivation.of(f, x[xAt + i]);
    }
  }

  @Override
  public void gate(
      Activation f,
      int rows,
      int panels,
      float[] x,
      int xAt,
      int ldx,
      float[] y,
      int yAt,
      int ldy) {
    int panel = PackedWeights.PANEL;
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < panels * panel; i++) {
        int from = xAt + r * ldx + i / panel * 2 * panel + i % panel;
        y[yAt + r * ldy + i] = ScalarActivation.of(f, x[from]) * x[from + panel];
      }
    }
  }

  @Override
  public void rotate(int half, float[] cosines, float[] sines, int tableAt, float[] x, int xAt) {
    for (int i = 0; i < half; i++) {
      float a = x[xAt + i];
      float b = x[xAt + half + i];
      float cosine = cosines[tableAt + i];
      float sine = sines[tableAt + i];
      x[xAt + i] = Math.fma(a, cosine, -(b * sine));
      x[xAt + half + i] = Math.fma(b, cosine, a * sine);
    }
  }

  @Override
  public void dequantize(int n, short[] half, int halfAt, float[] x, int xAt) {
    for (int i = 0; i < n; i++) {
      x[xAt + i] = Half.toFloat(half[halfAt + i]);
    }
  }

  @Override
  public void dequantize(
      int n,
      byte[] q,
      int qAt,
      float[] scales,
      int scalesAt,
      int period,
      boolean repeated,
      float[] x,
      int xAt) {
    for (int i = 0; i < n; i++) {
      int scale = repeated ? i / period : i % period;
      x[xAt + i] = q[qAt + i] * scales[scalesAt + scale];
    }
  }

  @Override
  public void quantize(int n, float[] x, float[] scales, float[] minima) {
    for (int lane = 0; lane < PackedWeights.PANEL; lane++) {
      ScalarQuantizer.quantize(n, x, lane, scales, minima);
    }
  }
}
