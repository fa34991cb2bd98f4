package io.fundamentallm.spi;

import java.util.Arrays;

/**
 * Softmax weights of many scores, and their sums in blocks: a few vector instructions for eight or
 * sixteen scores. Pure arithmetic in floats and doubles, so the bits are the same on all JDKs. One
 * thread at a time; reused from step to step.
 *
 * <p>A weight is exp((score - reference) / temperature) to about 1e-5 relative for weights above
 * 1e-7, and to 1e-7 absolute below; 0 for -infinity. Equal scores have equal weights.
 */
public final class Weights {
  /** How many scores one block has. */
  public static final int BLOCK = 4096;

  private static final int COLUMNS = 512;

  /** exp is the 32nd power of a polynomial: 5 squarings. */
  private static final double POWER = 32;

  // 1 / exp(-z) on [0, 1/2], that is weights down to exp(-16): the polynomial of degree 4 that is 1
  // at 0 and of least relative error, 4e-7 before the power
  private static final float C1 = 1;
  private static final float C2 = 0.5f;
  private static final float C3 = 0.16666667f;
  private static final float C4 = 0.041666668f;
  private static final float C5 = 0.008333334f;

  private final double[] columns = new double[COLUMNS];
  private float[] weights = {};
  private double[] sums = {};

  /** Without a score so far. */
  public Weights() {}

  /** Takes the first n scores; none is above the reference. */
  public void of(float[] scores, int n, float reference, float temperature) {
    if (weights.length < n) {
      weights = new float[n];
      sums = new double[n / BLOCK + 1];
    }
    double scale = 1 / (POWER * temperature);
    exponentials(scores, n, (float) -scale, (float) (reference * scale), weights);
    for (int block = 0; block * BLOCK < n; block++) {
      sums[block] = sum(block * BLOCK, Math.min(n, (block + 1) * BLOCK));
    }
  }

  /** The reciprocal comes last: -infinity becomes 1 / infinity, without a branch. */
  private static void exponentials(float[] scores, int n, float scale, float shift, float[] to) {
    for (int i = 0; i < n; i++) {
      float z = Math.fma(scores[i], scale, shift);
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
    int at = from;
    for (; at + 4 * COLUMNS <= to; at += 4 * COLUMNS) {
      addRows(weights, at, columns);
    }
    double sum = 0;
    for (; at < to; at++) {
      sum += weights[at];
    }
    double even = 0;
    double odd = 0;
    for (int c = 0; c < COLUMNS; c += 2) {
      even += columns[c];
      odd += columns[c + 1];
    }
    return sum + even + odd;
  }

  private static void addRows(float[] weights, int at, double[] columns) {
    for (int c = 0; c < COLUMNS; c++) {
      columns[c] +=
          ((double) weights[at + c] + weights[at + c + COLUMNS])
              + ((double) weights[at + c + 2 * COLUMNS] + weights[at + c + 3 * COLUMNS]);
    }
  }

  /** The weight of the score at an index. */
  public float weight(int index) {
    return weights[index];
  }

  /** What the weights of a block add up to, to 1e-12. */
  public double sum(int block) {
    return sums[block];
  }
}
