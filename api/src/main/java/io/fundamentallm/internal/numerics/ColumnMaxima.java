package io.fundamentallm.internal.numerics;

import java.util.Arrays;

/**
 * The largest of many scores, at the speed of memory: column c holds the maximum of the scores
 * whose index has the remainder c. One thread at a time; reused from step to step.
 *
 * <p>The loops are written so that the compiler turns them into vector instructions: of a double
 * for each column and floats, it can tell that they do not overlap.
 */
public final class ColumnMaxima {
  /** How many columns there are. */
  public static final int COLUMNS = 1024;

  private static final int TILE = 4 * COLUMNS;

  private final double[] maxima = new double[COLUMNS];

  /** A field, since JDK 25 leaves the inner loop scalar once it is part of a nest of two. */
  private int from;

  /** Without a score so far. */
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

  /** The maximum of a column: NaN where one of its scores is, -infinity where it has none. */
  public float column(int column) {
    return (float) maxima[column];
  }

  /** The maximum of all; NaN where one of the scores is. */
  public float maximum() {
    double even = Double.NEGATIVE_INFINITY;
    double odd = Double.NEGATIVE_INFINITY;
    double evenSum = 0;
    double oddSum = 0;
    for (int c = 0; c < COLUMNS; c += 2) { // in pairs, so that nothing waits for the one before
      even = maxima[c] > even ? maxima[c] : even;
      odd = maxima[c + 1] > odd ? maxima[c + 1] : odd;
      evenSum += maxima[c];
      oddSum += maxima[c + 1];
    }
    // no finite floats add up to NaN, and of the infinite ones only both kinds together
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
