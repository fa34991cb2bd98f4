package io.fundamentallm.decoding;

import java.util.Arrays;

/**
 * Softmax weights of many scores, and their sums in blocks: a few vector instructions for eight or
 * sixteen scores. Pure arithmetic in floats and doubles, so the bits are the same on all JDKs. One
 * thread at a time; reused from step to step.
 *
 * <p>A weight is exp((score - reference) / temperature) with a relative error of about 2e-6 above
 * exp(-19), and an absolute error of 1e-9 below; 0 for -infinity. Equal scores have equal weights.
 */
public final class Weights {
  /** How many scores are in one block. */
  public static final int BLOCK = 4096;

  private static final int COLUMNS = 256;

  /** exp is the 32nd power of a polynomial: 5 squarings. */
  private static final double POWER = 32;

  // exp(z) on [0, 0.6], that is for weights down to exp(-19), interpolated in Chebyshev's points;
  // the first is 1, so that the reference has the weight 1
  private static final float C1 = 1.0000049f;
  private static final float C2 = 0.4999049f;
  private static final float C3 = 0.16733457f;
  private static final float C4 = 0.039570127f;
  private static final float C5 = 0.011285031f;

  private final double[] columns = new double[COLUMNS];
  private float[] weights = {};
  private double[] sums = {};

  /** A field, because JDK 25 leaves the inner loop scalar when it is nested in another. */
  private int at;

  /** Holds no score yet. */
  public Weights() {}

  /** Takes the first n scores; none is above the reference. */
  public void of(float[] scores, int n, float reference, float temperature) {
    if (weights.length < n) {
      weights = new float[n];
      sums = new double[n / BLOCK + 1];
    }
    double scale = 1 / (POWER * temperature);
    float factor = (float) -scale;
    float shift = (float) (reference * scale);
    exponentials(scores, n, factor, shift, weights);
    for (long from = 0; from < n; from += BLOCK) {
      sums[(int) (from / BLOCK)] = sum((int) from, (int) Math.min(n, from + BLOCK));
    }
  }

  /** The reciprocal comes last: -infinity becomes 1 / infinity, without a branch. */
  private static void exponentials(float[] scores, int n, float factor, float shift, float[] to) {
    for (int i = 0; i < n; i++) {
      float z = Math.fma(scores[i], factor, shift);
      float p = Math.fma(z, C5, C4);
      p = Math.fma(p, z, C3);
      p = Math.fma(p, z, C2);
      p = Math.fma(p, z, C1);
      p = Math.fma(p, z, 1f);
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      to[i] = 1f / p;
    }
  }

  private double sum(int from, int to) {
    Arrays.fill(columns, 0);
    at = from;
    while (at <= to - 4 * COLUMNS) {
      addRows(weights, at, columns);
      at += 4 * COLUMNS;
    }
    double sum = 0;
    for (int i = at; i < to; i++) {
      sum += weights[i];
    }
    return sum + columnSum();
  }

  private double columnSum() {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    for (int i = 0; i < COLUMNS; i += 8) { // four chains, so that few wait for the previous one
      a += columns[i] + columns[i + 1];
      b += columns[i + 2] + columns[i + 3];
      c += columns[i + 4] + columns[i + 5];
      d += columns[i + 6] + columns[i + 7];
    }
    return (a + b) + (c + d);
  }

  /**
   * Four floats are added before they become a double: that loses less than a weight's own error.
   */
  private static void addRows(float[] weights, int at, double[] columns) {
    for (int c = 0; c < COLUMNS; c++) {
      columns[c] +=
          (weights[at + c] + weights[at + c + COLUMNS])
              + (weights[at + c + 2 * COLUMNS] + weights[at + c + 3 * COLUMNS]);
    }
  }

  /** The weight of the score at an index. */
  public float weight(int index) {
    return weights[index];
  }

  /** Eight weights from an index on. */
  public double sumOfEight(int index) {
    double a = (double) weights[index] + weights[index + 1];
    double b = (double) weights[index + 2] + weights[index + 3];
    double c = (double) weights[index + 4] + weights[index + 5];
    double d = (double) weights[index + 6] + weights[index + 7];
    return (a + b) + (c + d);
  }

  /** The sum of a block's weights, with a relative error of 1e-7. */
  public double sum(int block) {
    return sums[block];
  }
}
