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

  /**
   * Rows of queries or keys as llama.cpp wants them: it rotates neighbours, Hugging Face rotates
   * the halves of a head against each other.
   */
  static float[] neighbours(float[] matrix, int heads, int columns) {
    int rows = matrix.length / columns;
    int half = rows / heads / 2;
    float[] result = new float[matrix.length];
    for (int head = 0; head < heads; head++) {
      for (int pair = 0; pair < half; pair++) {
        for (int part = 0; part < 2; part++) {
          int from = (head * 2 + part) * half + pair;
          int to = (head * half + pair) * 2 + part;
          System.arraycopy(matrix, from * columns, result, to * columns, columns);
        }
      }
    }
    return result;
  }
}
