package io.fundamentallm.internal.numerics;

import java.util.Arrays;

/**
 * The largest of many scores, at the speed of memory: column c holds the maximum of the scores
 * whose index leaves the remainder c. One thread at a time; reused from step to step.
 *
 * <p>The loops are written so that the compiler turns them into vector instructions: the columns
 * are doubles and the scores floats, so it knows that they do not overlap.
 */
public final class ColumnMaxima {
  /** How many columns there are. */
  public static final int COLUMNS = 1024;

  private static final int TILE = 4 * COLUMNS;

  private final double[] maxima = new double[COLUMNS];

  /** A field, because JDK 25 leaves the inner loop scalar when it is nested in another. */
  private int from;

  /** Holds no score yet. */
  public ColumnMaxima() {}

  /** Takes the first n scores. */
  public void of(float[] scores, int n) {
    Arrays.fill(maxima, Double.NEGATIVE_INFINITY);
    from = 0;
    while (from <= n - TILE) {
      tile(scores, from);
      from += TILE;
    }
    while (from < n) {
      rest(scores, from, Math.min(COLUMNS, n - from));
      from += COLUMNS;
    }
  }

  private void tile(float[] scores, int from) {
    double[] columns = maxima;
    for (int c = 0; c < COLUMNS; c++) {
      columns[c] =
          Math.max(
              columns[c],
              Math.max(
                  Math.max(scores[from + c], scores[from + c + COLUMNS]),
                  Math.max(scores[from + c + 2 * COLUMNS], scores[from + c + 3 * COLUMNS])));
    }
  }

  private void rest(float[] scores, int from, int length) {
    double[] columns = maxima;
    for (int c = 0; c < length; c++) {
      columns[c] = Math.max(columns[c], scores[from + c]);
    }
  }

  /** The maximum of a column: NaN if one of its scores is, -infinity if it has none. */
  public float column(int column) {
    return (float) maxima[column];
  }

  /** The maximum of all; NaN if one of the scores is. */
  public float maximum() {
    double even = Double.NEGATIVE_INFINITY;
    double odd = Double.NEGATIVE_INFINITY;
    double evenSum = 0;
    double oddSum = 0;
    for (int c = 0; c < COLUMNS; c += 2) { // in pairs, so that nothing waits for the previous one
      even = maxima[c] > even ? maxima[c] : even;
      odd = maxima[c + 1] > odd ? maxima[c + 1] : odd;
      evenSum += maxima[c];
      oddSum += maxima[c + 1];
    }
    // finite floats never add up to NaN, and infinite ones only if both signs occur
    return Double.isNaN(evenSum + oddSum) && hasNaN() ? Float.NaN : (float) Math.max(even, odd);
  }

  private boolean hasNaN() {
    for (double maximum : maxima) {
      if (Double.isNaN(maximum)) {
        return true;
      }
    }
    return false;
  }
}
