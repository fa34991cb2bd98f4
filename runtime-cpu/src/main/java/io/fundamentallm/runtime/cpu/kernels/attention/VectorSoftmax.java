package io.fundamentallm.runtime.cpu.kernels.attention;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.VectorExponential;
import io.fundamentallm.runtime.cpu.kernels.math.VectorSums;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Softmax, log-sum-exp and cross-entropy of one row, on the Vector API. */
abstract class VectorSoftmax implements AttentionKernels {

  @Override
  public final float softmax(int valid, int n, float scale, float[] x, int xAt) {
    float max = scaledMax(valid, scale, x, xAt);
    float sum = exponentials(valid, scale, -max, x, xAt);
    scale(valid, 1f / sum, x, xAt);
    Arrays.fill(x, xAt + valid, xAt + n, 0f);
    return max + (float) StrictMath.log(sum);
  }

  @Override
  public final void softmaxAgain(
      int valid, int n, float scale, float logSumExp, float[] x, int xAt) {
    VectorExponential.exp(valid, scale, -logSumExp, x, xAt);
    Arrays.fill(x, xAt + valid, xAt + n, 0f);
  }

  @Override
  public final void softmaxBackward(
      int n, float scale, float delta, float[] p, int pAt, float[] dp, int dpAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      FloatVector centred = FloatVector.fromArray(SPECIES, dp, dpAt + i).sub(delta);
      FloatVector.fromArray(SPECIES, p, pAt + i).mul(scale).mul(centred).intoArray(dp, dpAt + i);
    }
    ScalarSoftmax.backward(n - bound, scale, delta, p, pAt + bound, dp, dpAt + bound);
  }

  @Override
  public final double crossEntropy(
      int n, int target, CrossEntropy numbers, float[] x, int xAt, boolean[] hits, int hitAt) {
    float smoothing = numbers.smoothing();
    float scale = numbers.scale();
    float actual = x[xAt + target];
    float max = scaledMax(n, 1f, x, xAt);
    hits[hitAt] = actual == max && ScalarSoftmax.isFirst(target, x, xAt);
    float mean = smoothing == 0 ? actual : VectorSums.sum(n, x, xAt) / n;
    float sum = exponentials(n, 1f, -max, x, xAt);
    double logSum = max + StrictMath.log(sum);
    scale(n, scale * (float) (1 + 2.0 * numbers.zLoss() * logSum) / sum, x, xAt);
    if (smoothing != 0) {
      subtract(n, scale * smoothing / n, x, xAt);
    }
    x[xAt + target] -= scale * (1 - smoothing);
    return logSum - actual + smoothing * (actual - mean) + numbers.zLoss() * logSum * logSum;
  }

  private static void subtract(int n, float amount, float[] x, int xAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = xAt; i < xAt + bound; i += VL) {
      FloatVector.fromArray(SPECIES, x, i).sub(amount).intoArray(x, i);
    }
    for (int i = xAt + bound; i < xAt + n; i++) {
      x[i] -= amount;
    }
  }

  private static void scale(int n, float factor, float[] x, int xAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = xAt; i < xAt + bound; i += VL) {
      FloatVector.fromArray(SPECIES, x, i).mul(factor).intoArray(x, i);
    }
    for (int i = xAt + bound; i < xAt + n; i++) {
      x[i] *= factor;
    }
  }

  private static float scaledMax(int n, float scale, float[] x, int xAt) {
    int bound = SPECIES.loopBound(n);
    FloatVector lanes = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int i = xAt; i < xAt + bound; i += VL) {
      lanes = lanes.max(FloatVector.fromArray(SPECIES, x, i).mul(scale));
    }
    float max = lanes.reduceLanes(VectorOperators.MAX);
    for (int i = xAt + bound; i < xAt + n; i++) {
      max = Math.max(max, x[i] * scale);
    }
    return max;
  }

  /** Replaces x by {@code exp(scale·x + shift)} and returns the sum. */
  private static float exponentials(int n, float scale, float shift, float[] x, int xAt) {
    VectorExponential.exp(n, scale, shift, x, xAt);
    return VectorSums.sum(n, x, xAt);
  }
}
