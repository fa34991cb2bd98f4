package io.fundamentallm.runtime.cpu.format.quantize;

/**
 * Finds the scale of a block, or scale and minimum, by trying several and fitting each by weighted
 * least squares to the codes that it leads to. One thread at a time.
 */
final class ScaleSearch {
  /** Candidates on each side of the plain scale, and how far apart they are, in codes. */
  private static final int SIDE = 9;

  private static final double STEP = 0.1;

  /** Codes and fit follow each other; they settle within few rounds. */
  private static final int ROUNDS = 3;

  /** Below it a block is zero. */
  static final float NOTHING = 1e-30f;

  private final int lowest;
  private final int highest;
  private float bestScale;
  private float bestMinimum;
  private double bestError;

  /** For codes in a range. */
  ScaleSearch(int lowest, int highest) {
    this.lowest = lowest;
    this.highest = highest;
  }

  /** Of a found minimum: what is subtracted; at least 0. */
  float minimum() {
    return bestMinimum;
  }

  /** The code of a number. */
  int code(double x) {
    return (int) Math.max(lowest, Math.min(highest, Math.rint(x)));
  }

  /** The scale s, of any sign, for which s·code is nearest to the numbers. */
  float scale(float[] x, float[] weights, int from, int to) {
    float extreme = 0;
    for (int i = from; i < to; i++) {
      extreme = Math.abs(x[i]) > Math.abs(extreme) ? x[i] : extreme;
    }
    bestScale = 0;
    bestError = Double.NEGATIVE_INFINITY; // here: what is explained, the larger the better
    if (Math.abs(extreme) < NOTHING) {
      return 0;
    }
    // there is one code more below zero than above
    for (int step = -SIDE; step <= SIDE; step++) {
      tryScale(x, weights, from, to, (lowest + STEP * step) / extreme);
    }
    for (int round = 0; round < ROUNDS; round++) {
      if (bestScale == 0 || !tryScale(x, weights, from, to, 1.0 / bestScale)) {
        break;
      }
    }
    return bestScale;
  }

  private boolean tryScale(float[] x, float[] weights, int from, int to, double inverse) {
    double products = 0;
    double squares = 0;
    for (int i = from; i < to; i++) {
      double code = Math.max(lowest, Math.min(highest, Math.rint(inverse * x[i])));
      double weighted = weights[i] * code;
      products += weighted * x[i];
      squares += weighted * code;
    }
    if (squares > 0 && products * products / squares > bestError) {
      bestError = products * products / squares;
      bestScale = (float) (products / squares);
      return true;
    }
    return false;
  }

  /**
   * The scale s, at least 0, for which s·code − {@link #minimum()} is nearest to the numbers. Codes
   * begin at 0.
   */
  float scaleWithMinimum(float[] x, float[] weights, int from, int to) {
    float least = 0;
    float most = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      least = Math.min(least, x[i]);
      most = Math.max(most, x[i]);
    }
    bestScale = 0;
    bestMinimum = -least;
    bestError = Double.POSITIVE_INFINITY;
    if (most - least < NOTHING) {
      return 0;
    }
    for (int step = -SIDE; step <= SIDE; step++) {
      tryBoth(x, weights, from, to, (highest + STEP * step) / ((double) most - least), -least);
    }
    for (int round = 0; round < ROUNDS; round++) {
      if (bestScale == 0 || !tryBoth(x, weights, from, to, 1.0 / bestScale, bestMinimum)) {
        break;
      }
    }
    return bestScale;
  }

  private boolean tryBoth(
      float[] x, float[] weights, int from, int to, double inverse, double minimum) {
    double w = 0;
    double wx = 0;
    double wxx = 0;
    double wq = 0;
    double wqq = 0;
    double wqx = 0;
    for (int i = from; i < to; i++) {
      double code = Math.max(0, Math.min(highest, Math.rint(inverse * (x[i] + minimum))));
      double weight = weights[i];
      w += weight;
      wx += weight * x[i];
      wxx += weight * x[i] * x[i];
      wq += weight * code;
      wqq += weight * code * code;
      wqx += weight * code * x[i];
    }
    double determinant = w * wqq - wq * wq;
    double scale = 0;
    double offset = 1;
    if (determinant > 0) {
      scale = (w * wqx - wq * wx) / determinant;
      offset = (wqq * wx - wq * wqx) / determinant;
    }
    if (offset > 0) { // the format subtracts, so that without a minimum zero is exact
      offset = 0;
      scale = wqq > 0 ? wqx / wqq : 0;
    }
    double error = wxx - scale * wqx - offset * wx;
    if (scale > 0 && error < bestError) {
      bestError = error;
      bestScale = (float) scale;
      bestMinimum = (float) -offset;
      return true;
    }
    return false;
  }

  /** The weighted square error of s·code − m with the best codes. */
  double error(float[] x, float[] weights, int from, int to, float scale, float minimum) {
    double inverse = scale == 0 ? 0 : 1.0 / scale;
    double error = 0;
    for (int i = from; i < to; i++) {
      double code = Math.max(lowest, Math.min(highest, Math.rint(inverse * (x[i] + minimum))));
      double miss = scale * code - minimum - x[i];
      error += weights[i] * miss * miss;
    }
    return error;
  }
}
