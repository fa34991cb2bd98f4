package io.fundamentallm.spark;

/**
 * Stochastic gradient descent with Nesterov's momentum, as in PyTorch (Sutskever et al. 2013), on
 * the mean of the workers' differences: d becomes part of m ← μ·m + d, and the weights move by η·(d
 * + μ·m). One thread at a time.
 */
final class OuterOptimizer {
  private final double learningRate;
  private final double momentum;
  private final float[][] weights;
  private final float[][] moment;

  /**
   * Begins from weights and moment, which are not copied.
   *
   * @param learningRate η
   * @param momentum μ
   */
  OuterOptimizer(double learningRate, double momentum, float[][] weights, float[][] moment) {
    this.learningRate = learningRate;
    this.momentum = momentum;
    this.weights = weights;
    this.moment = moment;
  }

  /** The weights as they are now, not a copy. */
  float[][] weights() {
    return weights;
  }

  /** m as it is now, not a copy. */
  float[][] moment() {
    return moment;
  }

  /**
   * Moves the weights.
   *
   * @param sum of the workers' differences
   */
  void step(double[][] sum, int workers) {
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < weights[i].length; j++) {
        double difference = sum[i][j] / workers;
        float next = (float) (momentum * moment[i][j] + difference);
        moment[i][j] = next;
        weights[i][j] += (float) (learningRate * (difference + momentum * next));
      }
    }
  }

  /** A moment of zeros for these weights. */
  static float[][] zeros(float[][] weights) {
    float[][] zeros = new float[weights.length][];
    for (int i = 0; i < weights.length; i++) {
      zeros[i] = new float[weights[i].length];
    }
    return zeros;
  }
}
