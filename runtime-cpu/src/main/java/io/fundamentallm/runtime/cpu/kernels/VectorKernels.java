package io.fundamentallm.runtime.cpu.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The kernels on the Vector API, bit for bit those of {@link ScalarKernels}. Arrays are read and
 * written by {@code fromArray} and {@code intoArray} alone: the one way that JDK 17 and JDK 25
 * share.
 */
final class VectorKernels implements Kernels {

  static final VectorSpecies<Float> SPECIES = species();
  static final int VL = SPECIES.length();
  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());
  static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, SPECIES.vectorShape());

  /** The preferred width, within 128 to 512 bits: sixteen partial sums fill whole registers. */
  private static VectorSpecies<Float> species() {
    int lanes = FloatVector.SPECIES_PREFERRED.length();
    if (lanes < 4) {
      return FloatVector.SPECIES_128;
    }
    return lanes > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
  }

  @Override
  public String name() {
    return "vector, " + SPECIES.vectorBitSize() + " bits";
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
    VectorProduct.product(
        new Product(form, m, n, k, a, aAt, lda, b, bAt, ldb, start, startAt, lds, c, cAt, ldc),
        scratch);
  }

  @Override
  public void add(int n, float[] x, int xAt, float[] y, int yAt) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector.fromArray(SPECIES, y, yAt + i)
          .add(FloatVector.fromArray(SPECIES, x, xAt + i))
          .intoArray(y, yAt + i);
    }
    for (int i = whole; i < n; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }

  @Override
  public void scale(int n, float factor, float[] x, int xAt) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector.fromArray(SPECIES, x, xAt + i).mul(factor).intoArray(x, xAt + i);
    }
    for (int i = whole; i < n; i++) {
      x[xAt + i] *= factor;
    }
  }

  @Override
  public void addColumnSums(
      int rows, int n, float[] x, int xAt, int ldx, float[] sums, int sumsAt) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector sum = FloatVector.fromArray(SPECIES, sums, sumsAt + i);
      for (int r = 0; r < rows; r++) {
        sum = sum.add(FloatVector.fromArray(SPECIES, x, xAt + r * ldx + i));
      }
      sum.intoArray(sums, sumsAt + i);
    }
    for (int i = whole; i < n; i++) {
      float sum = sums[sumsAt + i];
      for (int r = 0; r < rows; r++) {
        sum += x[xAt + r * ldx + i];
      }
      sums[sumsAt + i] = sum;
    }
  }

  @Override
  public float dot(int n, float[] x, int xAt, float[] y, int yAt) {
    return VectorSums.dot(n, x, xAt, y, yAt);
  }

  @Override
  public double sumOfSquares(int n, float[] x, int xAt) {
    return VectorSums.squares(n, x, xAt);
  }

  @Override
  public void gelu(int n, float[] x, int xAt, float[] y, int yAt) {
    VectorGelu.gelu(n, x, xAt, y, yAt);
  }

  @Override
  public void multiply(int n, float[] x, int xAt, float[] y, int yAt) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector.fromArray(SPECIES, y, yAt + i)
          .mul(FloatVector.fromArray(SPECIES, x, xAt + i))
          .intoArray(y, yAt + i);
    }
    for (int i = whole; i < n; i++) {
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
    int whole = at + SPECIES.loopBound(n);
    FloatVector firstRate = FloatVector.broadcast(SPECIES, step.firstRate());
    FloatVector rootScale = FloatVector.broadcast(SPECIES, step.rootScale());
    FloatVector epsilon = FloatVector.broadcast(SPECIES, step.epsilon());
    for (int i = at; i < whole; i += VL) {
      FloatVector g = FloatVector.fromArray(SPECIES, gradients, i).mul(step.gradientScale());
      FloatVector oldM = FloatVector.fromArray(SPECIES, firstMoments, i);
      FloatVector m = firstRate.fma(g.sub(oldM), oldM);
      FloatVector kept = FloatVector.fromArray(SPECIES, secondMoments, i).mul(step.secondKeep());
      FloatVector v = g.mul(step.secondRate()).fma(g, kept);
      m.intoArray(firstMoments, i);
      v.intoArray(secondMoments, i);
      FloatVector divisor = v.sqrt().fma(rootScale, epsilon);
      FloatVector change = m.mul(step.stepSize()).div(divisor);
      FloatVector.fromArray(SPECIES, parameters, i)
          .mul(step.keep())
          .sub(change)
          .intoArray(parameters, i);
    }
    ScalarKernels.adamWStep(
        at + n - whole, step, parameters, gradients, firstMoments, secondMoments, whole);
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
    VectorNorm.forward(
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
    VectorNorm.backward(
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
    VectorNorm.parameterGradients(
        rows, n, dy, dyAt, lddy, x, xAt, ldx, mean, rstd, statAt, dgamma, dgammaAt, dbeta, dbetaAt);
  }

  @Override
  public float softmax(int valid, int n, float scale, float[] x, int xAt) {
    return VectorSoftmax.softmax(valid, n, scale, x, xAt);
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
    return VectorSoftmax.crossEntropy(n, target, smoothing, zLoss, scale, x, xAt, hits, hitAt);
  }

  @Override
  public void dropout(int n, long key, int first, int threshold, float scale, float[] x, int xAt) {
    VectorDropout.dropout(n, key, first, threshold, scale, x, xAt);
  }

  @Override
  public void softmaxAgain(int valid, int n, float scale, float logSumExp, float[] x, int xAt) {
    VectorSoftmax.softmaxAgain(valid, n, scale, logSumExp, x, xAt);
  }

  @Override
  public void softmaxBackward(
      int n, float scale, float delta, float[] p, int pAt, float[] dp, int dpAt) {
    VectorSoftmax.softmaxBackward(n, scale, delta, p, pAt, dp, dpAt);
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
    VectorLinear.multiply(
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
    VectorRowQuantizer.quantizeRows(weights, rows, tile, x, xAt, ldx, q, qAt);
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
    VectorScores.scores(m, d, q, qAt, ldq, blocks, keys, keysAt, s, sAt, lds);
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
    VectorAttentionOutput.attentionOutput(m, n, k, p, pAt, ldp, values, valuesAt, c, cAt, ldc);
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
    int whole = SPECIES.loopBound(n);
    for (int r = 0; r < rows; r++) {
      int in = xAt + r * ldx;
      int out = yAt + r * ldy;
      float meanSquare = VectorSums.squaresAround(n, 0f, x, in) / n;
      float scale = 1f / (float) Math.sqrt(meanSquare + epsilon);
      for (int i = 0; i < whole; i += VL) {
        FloatVector.fromArray(SPECIES, x, in + i)
            .mul(scale)
            .mul(FloatVector.fromArray(SPECIES, gamma, gammaAt + i))
            .intoArray(y, out + i);
      }
      for (int i = whole; i < n; i++) {
        y[out + i] = x[in + i] * scale * gamma[gammaAt + i];
      }
    }
  }

  @Override
  public void probabilities(int from, int to, int n, float scale, float[] x, int xAt) {
    VectorProbabilities.probabilities(from, to, n, scale, x, xAt);
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
      rstd[statAt + r] = VectorNorm.rms(n, epsilon, x, xAt + r * ldx);
    }
    VectorNorm.backward(
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
    VectorNorm.gammaGradients(rows, n, dy, dyAt, lddy, x, xAt, ldx, rstd, statAt, dgamma, dgammaAt);
  }

  @Override
  public void swiglu(int n, float[] x, int xAt, float[] y, int yAt) {
    VectorActivation.swiglu(n, x, xAt, y, yAt);
  }

  @Override
  public void swigluBackward(
      int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt) {
    VectorActivation.swigluBackward(n, x, xAt, dy, dyAt, dx, dxAt);
  }

  @Override
  public void activate(Activation f, int n, float[] x, int xAt, float[] y, int yAt) {
    VectorActivation.activate(f, n, x, xAt, y, yAt);
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
    for (int r = 0; r < rows; r++) {
      VectorActivation.gate(f, panels, x, xAt + r * ldx, y, yAt + r * ldy);
    }
  }

  @Override
  public void rotate(int half, float[] cosines, float[] sines, int tableAt, float[] x, int xAt) {
    VectorRotation.rotate(half, cosines, sines, tableAt, x, xAt);
  }

  @Override
  public void dequantize(int n, short[] half, int halfAt, float[] x, int xAt) {
    VectorDequantize.dequantize(n, half, halfAt, x, xAt);
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
    VectorDequantize.dequantize(n, q, qAt, scales, scalesAt, period, repeated, x, xAt);
  }

  @Override
  public void quantize(int n, float[] x, float[] scales, float[] minima) {
    for (int lane = 0; lane < PackedWeights.PANEL; lane += VL) {
      VectorQuantizer.quantize(n, x, lane, scales, minima);
    }
  }
}
