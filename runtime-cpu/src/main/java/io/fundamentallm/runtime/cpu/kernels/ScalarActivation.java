package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.Exponential.exp;

/** The activations of one number. */
final class ScalarActivation {

  // erf by Abramowitz and Stegun (1964), formula 7.1.26; its error is below 1.5e-7.
  static final float ERF_P = 0.3275911f;
  static final float ERF_1 = 0.254829592f;
  static final float ERF_2 = -0.284496736f;
  static final float ERF_3 = 1.421413741f;
  static final float ERF_4 = -1.453152027f;
  static final float ERF_5 = 1.061405429f;
  static final float ROOT_HALF = 0.70710678f;

  private ScalarActivation() {}

  static float of(Activation f, float x) {
    return switch (f) {
      case GELU -> gelu(x);
      case GELU_TANH -> {
        float u = x * Math.fma(x * x, ScalarKernels.GELU_3, ScalarKernels.GELU_1);
        yield x * (1f / (1f + exp(-u)));
      }
      case SILU -> x / (1f + exp(-x));
      case RELU -> Math.max(x, 0f);
    };
  }

  private static float gelu(float x) {
    float z = Math.abs(x) * ROOT_HALF;
    float t = 1f / Math.fma(z, ERF_P, 1f);
    float p = Math.fma(t, ERF_5, ERF_4);
    p = Math.fma(p, t, ERF_3);
    p = Math.fma(p, t, ERF_2);
    p = Math.fma(p, t, ERF_1);
    // 1 − erf(z), which keeps its digits where it is small
    float tail = p * t * exp(-(z * z));
    float half = 0.5f * x;
    return x < 0f ? half * tail : half * (2f - tail);
  }

  /** y [n] from gate [n] and up [n]. */
  static void swiglu(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      float gate = x[xAt + i];
      y[yAt + i] = gate / (1f + exp(-gate)) * x[xAt + n + i];
    }
  }

  static void swigluBackward(
      int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt) {
    swigluBackward(0, n, x, xAt, dy, dyAt, dx, dxAt);
  }

  /** From one element on. */
  static void swigluBackward(
      int from, int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt) {
    for (int i = from; i < n; i++) {
      float gate = x[xAt + i];
      float sigmoid = 1f / (1f + exp(-gate));
      float silu = gate * sigmoid;
      float d = dy[dyAt + i];
      // silu'(g) = σ·(1 + g·(1 − σ))
      dx[dxAt + i] = d * x[xAt + n + i] * Math.fma(silu, 1f - sigmoid, sigmoid);
      dx[dxAt + n + i] = d * silu;
    }
  }
}
