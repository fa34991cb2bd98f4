package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Arrays;

/** Reads matrices in pieces of all sizes, which must give the same numbers. */
final class MatrixReading {
  private MatrixReading() {}

  /** All rows. */
  static float[][] all(Matrix matrix) throws IOException {
    int columns = matrix.columns();
    float[] whole = new float[matrix.rows() * columns];
    matrix.read(0, matrix.rows(), whole);
    for (int step : new int[] {1, 3, 7}) {
      for (int row = 0; row < matrix.rows(); row += step) {
        int count = Math.min(step, matrix.rows() - row);
        float[] some = new float[count * columns];
        matrix.read(row, count, some);
        assertThat(some)
            .isEqualTo(Arrays.copyOfRange(whole, row * columns, (row + count) * columns));
      }
    }
    float[][] rows = new float[matrix.rows()][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(whole, row * columns, (row + 1) * columns);
    }
    return rows;
  }
}
