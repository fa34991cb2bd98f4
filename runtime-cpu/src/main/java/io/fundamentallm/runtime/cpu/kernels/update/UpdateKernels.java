package io.fundamentallm.runtime.cpu.kernels.update;

/**
 * The inner loops of optimisers and averages, which walk n floats of flat arrays. What they update
 * is at the same index {@code at} in all arrays.
 */
public interface UpdateKernels {

  /** {@code Σ x[i]²}, squared and summed in double. */
  double sumOfSquares(int n, float[] x, int xAt);

  /** One step of AdamW (Loshchilov and Hutter 2019) in PyTorch's order of operations. */
  void adamW(
      int n,
      AdamWStep step,
      float[] parameters,
      float[] gradients,
      float[] firstMoments,
      float[] secondMoments,
      int at);

  /**
   * One step of Lion (Chen et al. 2023), with {@code g = gradientScale·gradient}: {@code p = keep·p
   * − learningRate·sign(beta1·m + (1 − beta1)·g)}, then {@code m = beta2·m + (1 − beta2)·g}.
   */
  default void lion(
      int n, LionStep step, float[] parameters, float[] gradients, float[] moments, int at) {
    for (int i = at; i < at + n; i++) {
      float g = gradients[i] * step.gradientScale();
      float m = moments[i];
      float direction = Math.signum(Math.fma(step.beta1(), m - g, g));
      parameters[i] = parameters[i] * step.keep() - step.learningRate() * direction;
      moments[i] = Math.fma(step.beta2(), m - g, g);
    }
  }

  /**
   * One step of stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's
   * form), with {@code g = gradientScale·gradient}: {@code m = momentum·m + g}, {@code p = keep·p −
   * learningRate·m}; with Nesterov's rule {@code g + momentum·m} takes the place of m.
   */
  default void momentum(
      int n, MomentumStep step, float[] parameters, float[] gradients, float[] moments, int at) {
    for (int i = at; i < at + n; i++) {
      float g = gradients[i] * step.gradientScale();
      float m = Math.fma(step.momentum(), moments[i], g);
      moments[i] = m;
      float update = step.nesterov() ? Math.fma(step.momentum(), m, g) : m;
      parameters[i] = parameters[i] * step.keep() - step.learningRate() * update;
    }
  }

  /** {@code y = y + share·(x − y)}: a moving average. */
  default void movingAverage(int n, float share, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Math.fma(share, x[xAt + i] - y[yAt + i], y[yAt + i]);
    }
  }

  /** Exchanges x and y. */
  default void swap(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      float value = x[xAt + i];
      x[xAt + i] = y[yAt + i];
      y[yAt + i] = value;
    }
  }
}
