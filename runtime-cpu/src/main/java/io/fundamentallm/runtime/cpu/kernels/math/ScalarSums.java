package io.fundamentallm.runtime.cpu.kernels.math;

/** The sixteen partial sums of every kernel, and how they are folded into one. */
public final class ScalarSums {

  public static final int LANES = 16;

  private ScalarSums() {}

  /** {@code Σ x[i]}. */
  public static float sum(int n, float[] x, int xAt) {
    float[] lanes = new float[LANES];
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int l = 0; l < LANES; l++) {
        lanes[l] += x[xAt + i + l];
      }
    }
    float sum = fold(lanes);
    for (; i < n; i++) {
      sum += x[xAt + i];
    }
    return sum;
  }

  /** {@code Σ (x[i] − centre)²}. */
  public static float squaredDeviations(int n, float centre, float[] x, int xAt) {
    float[] lanes = new float[LANES];
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int l = 0; l < LANES; l++) {
        float d = x[xAt + i + l] - centre;
        lanes[l] = Math.fma(d, d, lanes[l]);
      }
    }
    float sum = fold(lanes);
    for (; i < n; i++) {
      float d = x[xAt + i] - centre;
      sum = Math.fma(d, d, sum);
    }
    return sum;
  }

  /** {@code Σ x[i]·y[i]}. */
  public static float dot(int n, float[] x, int xAt, float[] y, int yAt) {
    float[] lanes = new float[LANES];
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int l = 0; l < LANES; l++) {
        lanes[l] = Math.fma(x[xAt + i + l], y[yAt + i + l], lanes[l]);
      }
    }
    float sum = fold(lanes);
    for (; i < n; i++) {
      sum = Math.fma(x[xAt + i], y[yAt + i], sum);
    }
    return sum;
  }

  /** {@code Σ x[i]²}, in double. */
  public static double squares(int n, float[] x, int xAt) {
    double[] lanes = new double[LANES];
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int l = 0; l < LANES; l++) {
        double value = x[xAt + i + l];
        lanes[l] += value * value;
      }
    }
    double sum = fold(lanes);
    for (; i < n; i++) {
      sum += (double) x[xAt + i] * x[xAt + i];
    }
    return sum;
  }

  /** The sum of the lanes, in a fixed order; overwrites them. */
  public static float fold(float[] lanes) {
    for (int width = LANES / 2; width > 0; width /= 2) {
      for (int l = 0; l < width; l++) {
        lanes[l] += lanes[l + width];
      }
    }
    return lanes[0];
  }

  /** The sum of the lanes, in a fixed order; overwrites them. */
  public static double fold(double[] lanes) {
    for (int width = LANES / 2; width > 0; width /= 2) {
      for (int l = 0; l < width; l++) {
        lanes[l] += lanes[l + width];
      }
    }
    return lanes[0];
  }
}
