package io.fundamentallm.runtime.cpu.kernels.elementwise;

import static io.fundamentallm.runtime.cpu.kernels.math.Exponential.exp;

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

  // √(8/π) and 0.044715·√(8/π): GELU is x·sigmoid of this odd polynomial.
  static final float GELU_1 = 1.5957692f;
  static final float GELU_3 = 0.071354814f;

  /** With it the sigmoid is close to the normal distribution. */
  static final float SHARPNESS = 1.702f;

  private ScalarActivation() {}

  static float of(Activation f, float x) {
    return switch (f) {
      case GELU -> gelu(x);
      case GELU_TANH -> {
        float u = x * Math.fma(x * x, GELU_3, GELU_1);
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
    // 1 − erf(z), which stays precise where it is small
    float tail = p * t * exp(-(z * z));
    float half = 0.5f * x;
    return x < 0f ? half * tail : half * (2f - tail);
  }

  /** One element of {@link ElementwiseKernels#limitedGate}. */
  static float limitedGate(float gate, float up, float limit) {
    float g = Math.min(gate, limit);
    float u = Math.max(Math.min(up, limit), -limit);
    return g / (1f + exp(-(g * SHARPNESS))) * (u + 1f);
  }

  /** {@code cap·tanh(ratio·x)}. */
  static float cap(float x, float ratio, float cap) {
    float u = x * ratio;
    float e = exp(-2f * Math.abs(u));
    float y = (1f - e) / (1f + e) * cap;
    return u < 0f ? -y : y;
  }

  /** One element of {@link ElementwiseKernels#gelu}. */
  static void gelu(float[] x, int xAt, float[] y, int yAt) {
    float v = x[xAt];
    float gate = 1f / (1f + exp(-(v * Math.fma(v * v, GELU_3, GELU_1))));
    float slope = v * Math.fma(v * v, 3 * GELU_3, GELU_1);
    y[yAt] = v * gate;
    x[xAt] = Math.fma(slope, gate * (1f - gate), gate);
  }

  /** One element of {@link ElementwiseKernels#swigluBackward}; up is n after its gate. */
  static void swigluBackward(int n, float[] x, int xAt, float dy, float[] dx, int dxAt) {
    float gate = x[xAt];
    float sigmoid = 1f / (1f + exp(-gate));
    float silu = gate * sigmoid;
    // silu'(g) = σ·(1 + g·(1 − σ))
    dx[dxAt] = dy * x[xAt + n] * Math.fma(silu, 1f - sigmoid, sigmoid);
    dx[dxAt + n] = dy * silu;
  }
}
