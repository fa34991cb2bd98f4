package io.fundamentallm.runtime.cpu.kernels.attention;

import static io.fundamentallm.runtime.cpu.kernels.math.Exponential.exp;
import static io.fundamentallm.runtime.cpu.kernels.math.Exponential.expOfNegative;

import io.fundamentallm.runtime.cpu.kernels.math.ScalarSums;
import java.util.Arrays;

/** Softmax, log-sum-exp and cross-entropy of one row, in plain Java. */
abstract class ScalarSoftmax implements AttentionKernels {

  @Override
  public final float softmax(int valid, int n, float scale, float[] x, int xAt) {
    float max = scaledMax(valid, scale, x, xAt);
    float sum = exponentials(valid, scale, -max, x, xAt);
    scale(valid, 1f / sum, x, xAt);
    Arrays.fill(x, xAt + valid, xAt + n, 0f);
    return max + (float) StrictMath.log(sum);
  }

  @Override
  public final void probabilities(int from, int to, int n, float scale, float[] x, int xAt) {
    float max = scaledMax(to - from, scale, x, xAt + from);
    float[] lanes = new float[ScalarSums.LANES];
    for (int i = from; i < to; i++) {
      float e = expOfNegative(Math.fma(x[xAt + i], scale, -max));
      x[xAt + i] = e;
      lanes[i % ScalarSums.LANES] += e;
    }
    scale(to - from, 1f / ScalarSums.fold(lanes), x, xAt + from);
    Arrays.fill(x, xAt, xAt + from, 0f);
    Arrays.fill(x, xAt + to, xAt + n, 0f);
  }

  @Override
  public final void softmaxAgain(
      int valid, int n, float scale, float logSumExp, float[] x, int xAt) {
    for (int i = xAt; i < xAt + valid; i++) {
      x[i] = exp(Math.fma(x[i], scale, -logSumExp));
    }
    Arrays.fill(x, xAt + valid, xAt + n, 0f);
  }

  @Override
  public final void softmaxBackward(
      int n, float scale, float delta, float[] p, int pAt, float[] dp, int dpAt) {
    backward(n, scale, delta, p, pAt, dp, dpAt);
  }

  static void backward(int n, float scale, float delta, float[] p, int pAt, float[] dp, int dpAt) {
    for (int i = 0; i < n; i++) {
      dp[dpAt + i] = scale * p[pAt + i] * (dp[dpAt + i] - delta);
    }
  }

  @Override
  public final double crossEntropy(
      int n, int target, CrossEntropy numbers, float[] x, int xAt, boolean[] hits, int hitAt) {
    float smoothing = numbers.smoothing();
    float scale = numbers.scale();
    float actual = x[xAt + target];
    float max = scaledMax(n, 1f, x, xAt);
    hits[hitAt] = actual == max && isFirst(target, x, xAt);
    float mean = smoothing == 0 ? actual : ScalarSums.sum(n, x, xAt) / n;
    float sum = exponentials(n, 1f, -max, x, xAt);
    double logSum = max + StrictMath.log(sum);
    scale(n, scale * (float) (1 + 2.0 * numbers.zLoss() * logSum) / sum, x, xAt);
    if (smoothing != 0) {
      subtract(n, scale * smoothing / n, x, xAt);
    }
    x[xAt + target] -= scale * (1 - smoothing);
    return logSum - actual + smoothing * (actual - mean) + numbers.zLoss() * logSum * logSum;
  }

  /** Whether every element before the target is smaller. */
  static boolean isFirst(int target, float[] x, int xAt) {
    for (int i = xAt; i < xAt + target; i++) {
      if (x[i] == x[xAt + target]) {
        return false;
      }
    }
    return true;
  }

  private static void subtract(int n, float amount, float[] x, int xAt) {
    for (int i = xAt; i < xAt + n; i++) {
      x[i] -= amount;
    }
  }

  private static void scale(int n, float factor, float[] x, int xAt) {
    for (int i = xAt; i < xAt + n; i++) {
      x[i] *= factor;
    }
  }

  private static float scaledMax(int n, float scale, float[] x, int xAt) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, x[xAt + i] * scale);
    }
    return max;
  }

  /** Replaces x by {@code exp(scale·x + shift)} and returns the sum. */
  private static float exponentials(int n, float scale, float shift, float[] x, int xAt) {
    float[] lanes = new float[ScalarSums.LANES];
    int i = 0;
    for (; i <= n - ScalarSums.LANES; i += ScalarSums.LANES) {
      for (int l = 0; l < ScalarSums.LANES; l++) {
        float e = exp(Math.fma(x[xAt + i + l], scale, shift));
        x[xAt + i + l] = e;
        lanes[l] += e;
      }
    }
    float sum = ScalarSums.fold(lanes);
    for (; i < n; i++) {
      float e = exp(Math.fma(x[xAt + i], scale, shift));
      x[xAt + i] = e;
      sum += e;
    }
    return sum;
  }
}
