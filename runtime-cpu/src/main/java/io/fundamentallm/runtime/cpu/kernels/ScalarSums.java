package io.fundamentallm.runtime.cpu.kernels;

/** The sixteen partial sums of {@link Kernels}, and how they become one. */
final class ScalarSums {

  static final int LANES = 16;

  private ScalarSums() {}

  static float sum(int n, float[] x, int xAt) {
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

  static float fold(float[] lanes) {
    for (int width = LANES / 2; width > 0; width /= 2) {
      for (int l = 0; l < width; l++) {
        lanes[l] += lanes[l + width];
      }
    }
    return lanes[0];
  }

  static double fold(double[] lanes) {
    for (int width = LANES / 2; width > 0; width /= 2) {
      for (int l = 0; l < width; l++) {
        lanes[l] += lanes[l + width];
      }
    }
    return lanes[0];
  }
}
