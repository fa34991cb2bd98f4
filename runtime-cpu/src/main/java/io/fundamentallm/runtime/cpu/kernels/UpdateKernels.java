package io.fundamentallm.runtime.cpu.kernels;

/**
 * The inner loops of optimisers and averages, which walk flat arrays of parameters. Arguments,
 * errors, threads and bits as for {@link Kernels}.
 */
public interface UpdateKernels {

  /**
   * One step of AdamW (Loshchilov and Hutter 2019) in PyTorch's order of operations, on n
   * parameters with their gradients and moments, all at the same index.
   */
  void adamW(
      int n,
      AdamWStep step,
      float[] parameters,
      float[] gradients,
      float[] firstMoments,
      float[] secondMoments,
      int at);

  /**
   * One step of Lion (Chen et al. 2023) on n parameters, with {@code g = gradientScale·gradient}:
   * {@code p = keep·p − learningRate·sign(beta1·m + (1 − beta1)·g)}, then {@code m = beta2·m + (1 −
   * beta2)·g}.
   *
   * @param keep what weight decay leaves of a parameter
   */
  default void lion(
      int n,
      float gradientScale,
      float keep,
      float learningRate,
      float beta1,
      float beta2,
      float[] parameters,
      float[] gradients,
      float[] moments,
      int at) {
    for (int i = at; i < at + n; i++) {
      float g = gradients[i] * gradientScale;
      float m = moments[i];
      float direction = Math.signum(Math.fma(beta1, m - g, g));
      parameters[i] = parameters[i] * keep - learningRate * direction;
      moments[i] = Math.fma(beta2, m - g, g);
    }
  }

  /**
   * One step of stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's
   * form) on n parameters, with {@code g = gradientScale·gradient}: {@code m = momentum·m + g},
   * {@code p = keep·p − learningRate·m}; with Nesterov's rule {@code g + momentum·m} takes the
   * place of m.
   *
   * @param keep what weight decay leaves of a parameter
   */
  default void momentum(
      int n,
      float gradientScale,
      float keep,
      float learningRate,
      float momentum,
      boolean nesterov,
      float[] parameters,
      float[] gradients,
      float[] moments,
      int at) {
    for (int i = at; i < at + n; i++) {
      float g = gradients[i] * gradientScale;
      float m = Math.fma(momentum, moments[i], g);
      moments[i] = m;
      float update = nesterov ? Math.fma(momentum, m, g) : m;
      parameters[i] = parameters[i] * keep - learningRate * update;
    }
  }

  /** {@code y = y + share·(x − y)}: a moving average. */
  default void approach(int n, float share, float[] x, int xAt, float[] y, int yAt) {
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
