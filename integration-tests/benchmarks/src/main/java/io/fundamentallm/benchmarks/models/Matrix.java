package io.fundamentallm.benchmarks.models;

/** Other orders of a row-major matrix. */
final class Matrix {
  private Matrix() {}

  /** [rows][columns] to [columns][rows]. */
  static float[] transposed(float[] matrix, int rows, int columns) {
    float[] result = new float[matrix.length];
    // By tiles, so that both sides stay in the cache.
    int tile = 64;
    for (int top = 0; top < rows; top += tile) {
      for (int left = 0; left < columns; left += tile) {
        for (int row = top; row < Math.min(rows, top + tile); row++) {
          for (int column = left; column < Math.min(columns, left + tile); column++) {
            result[column * rows + row] = matrix[row * columns + column];
          }
        }
      }
    }
    return result;
  }

  /** Matrices of equally many columns, one below the other. */
  static float[] stacked(float[]... matrices) {
    int length = 0;
    for (float[] matrix : matrices) {
      length += matrix.length;
    }
    float[] result = new float[length];
    int at = 0;
    for (float[] matrix : matrices) {
      System.arraycopy(matrix, 0, result, at, matrix.length);
      at += matrix.length;
    }
    return result;
  }
}
