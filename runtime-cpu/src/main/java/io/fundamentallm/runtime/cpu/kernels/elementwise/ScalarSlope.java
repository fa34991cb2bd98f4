package io.fundamentallm.runtime.cpu.kernels.elementwise;

import static io.fundamentallm.runtime.cpu.kernels.math.Exponential.exp;

/** The slopes of the activations at one number. */
final class ScalarSlope {

  /** {@code 1/√(2π)}, the density of the normal distribution at zero. */
  static final float DENSITY = 0.39894228f;

  private ScalarSlope() {}

  static float of(Activation f, float x) {
    return switch (f) {
      case GELU -> gelu(x);
      case GELU_TANH -> {
        float square = x * x;
        float gate =
            1f
                / (1f
                    + exp(
                        -(x * Math.fma(square, ScalarActivation.GELU_3, ScalarActivation.GELU_1))));
        float slope = x * Math.fma(square, 3 * ScalarActivation.GELU_3, ScalarActivation.GELU_1);
        yield Math.fma(slope, gate * (1f - gate), gate);
      }
      case SILU -> {
        float sigmoid = 1f / (1f + exp(-x));
        yield Math.fma(x * sigmoid, 1f - sigmoid, sigmoid);
      }
      case RELU -> x > 0f ? 1f : 0f;
    };
  }

  /** The probability below x, plus x times its density. */
  private static float gelu(float x) {
    float z = Math.abs(x) * ScalarActivation.ROOT_HALF;
    float t = 1f / Math.fma(z, ScalarActivation.ERF_P, 1f);
    float p = Math.fma(t, ScalarActivation.ERF_5, ScalarActivation.ERF_4);
    p = Math.fma(p, t, ScalarActivation.ERF_3);
    p = Math.fma(p, t, ScalarActivation.ERF_2);
    p = Math.fma(p, t, ScalarActivation.ERF_1);
    float e = exp(-(z * z));
    float tail = p * t * e;
    float below = x < 0f ? 0.5f * tail : 0.5f * (2f - tail);
    return Math.fma(x * DENSITY, e, below);
  }

  /** Of {@link ElementwiseKernels#cap} where it gave y; ratio is {@code 1/cap}. */
  static float cap(float y, float scale, float ratio) {
    float u = y * ratio;
    return scale * (1f - u * u);
  }
}
