package io.fundamentallm.runtime.cpu.kernels.update;

import io.fundamentallm.runtime.cpu.kernels.math.ScalarSums;

/** Updates in plain Java. */
public final class ScalarUpdate implements UpdateKernels {

  @Override
  public double sumOfSquares(int n, float[] x, int xAt) {
    return ScalarSums.squares(n, x, xAt);
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
    step(n, step, parameters, gradients, firstMoments, secondMoments, at);
  }

  static void step(
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
}
