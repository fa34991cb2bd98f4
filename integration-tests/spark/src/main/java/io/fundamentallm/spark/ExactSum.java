package io.fundamentallm.spark;

/**
 * Adds the workers' differences to the same sum in any order. They are rounded to multiples of
 * 2<sup>-40</sup>, far below the spacing of the weights themselves; a double holds any sum of such
 * numbers below 2<sup>13</sup> exactly, and exact sums have no order.
 */
final class ExactSum {
  private static final double STEP = 0x1p-40;
  private static final double LARGEST = 0x1p13;

  private ExactSum() {}

  /**
   * Adds a difference.
   *
   * @param sum changed and returned; of length 0 for the beginning
   */
  static double[][] add(double[][] sum, float[][] difference) {
    double[][] result = sum.length == 0 ? new double[difference.length][] : sum;
    for (int i = 0; i < difference.length; i++) {
      float[] addend = difference[i];
      double[] into = result[i] == null ? new double[addend.length] : result[i];
      for (int j = 0; j < addend.length; j++) {
        into[j] = checked(into[j] + Math.rint(addend[j] / STEP) * STEP);
      }
      result[i] = into;
    }
    return result;
  }

  /** Adds two sums; the first may be changed. */
  static double[][] merge(double[][] sum, double[][] other) {
    if (sum.length == 0 || other.length == 0) {
      return sum.length == 0 ? other : sum;
    }
    for (int i = 0; i < sum.length; i++) {
      for (int j = 0; j < sum[i].length; j++) {
        sum[i][j] = checked(sum[i][j] + other[i][j]);
      }
    }
    return sum;
  }

  private static double checked(double sum) {
    if (!(Math.abs(sum) < LARGEST)) {
      throw new IllegalStateException(
          "a weight has moved by " + sum + " in one round: the training diverges; lower its rates");
    }
    return sum;
  }
}
