package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorPackedTiles.ROWS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.VL;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Copies parts of A and B into the order in which {@link VectorPackedTiles} reads them: blocks of
 * rows as [k][height] and panels of columns as [k][COLUMNS]. What stands in the rows that pad the
 * last block has no meaning.
 */
final class VectorPacking {

  private static final int SIDE = VectorTranspose.SIDE;
  private static final boolean SQUARES = VL == SIDE;

  private VectorPacking() {}

  /** Floats of a block of A. */
  static int block(int depth) {
    return ROWS * depth;
  }

  /** Floats of a panel of B. */
  static int panel(int depth) {
    return COLUMNS * depth;
  }

  /** Rows of the blocks that {@code rows} rows of A fill, the padding included. */
  static int padded(int rows) {
    int rest = rows % ROWS;
    return rows - rest + (rest == 0 ? 0 : VectorPackedTiles.height(rest));
  }

  /**
   * Copies rows of A, beginning a block. Writes nothing beyond their blocks.
   *
   * @param a [rows][depth], or [depth][rows] for {@link Form#AT_B}
   */
  static void rows(
      Form form, int rows, int depth, float[] a, int aAt, int lda, float[] out, int outAt) {
    if (form == Form.AT_B) {
      copyRows(rows, depth, a, aAt, lda, out, outAt);
      return;
    }
    for (int i = 0; i < rows; i += ROWS) {
      int count = Math.min(ROWS, rows - i);
      int height = count == ROWS ? ROWS : VectorPackedTiles.height(count);
      int from = aAt + i * lda;
      int to = outAt + i * depth;
      int j = 0;
      // A square overwrites what comes behind it, so the last columns are copied otherwise.
      for (; SQUARES && j < depth - SIDE; j += SIDE) {
        VectorTranspose.square(a, from + j, lda, count - 1, out, to + j * height, height);
      }
      ScalarProduct.transpose(count, depth - j, a, from + j, lda, out, to + j * height, height);
    }
  }

  /** The same where the rows of A are columns in memory: there is nothing to transpose. */
  private static void copyRows(
      int rows, int depth, float[] a, int aAt, int lda, float[] out, int outAt) {
    int whole = rows - rows % ROWS;
    int height = VectorPackedTiles.height(rows - whole);
    for (int j = 0; j < depth; j++) {
      int from = aAt + j * lda;
      int to = outAt + j * ROWS;
      // A vector overwrites the beginning of the next row, so the last row is copied otherwise.
      if (SQUARES && j < depth - 1) {
        for (int i = 0; i < whole; i += ROWS) {
          FloatVector.fromArray(SPECIES, a, from + i).intoArray(out, to + i * depth);
        }
      } else {
        for (int i = 0; i < whole; i += ROWS) {
          copy(ROWS, a, from + i, out, to + i * depth);
        }
      }
      if (whole < rows) {
        copy(rows - whole, a, from + whole, out, outAt + whole * depth + j * height);
      }
    }
  }

  private static void copy(int n, float[] from, int fromAt, float[] to, int toAt) {
    for (int i = 0; i < n; i++) {
      to[toAt + i] = from[fromAt + i];
    }
  }

  /**
   * Copies columns of B into panels of this depth; those that pad the last panel become zeros.
   *
   * @param b [depth][columns], or [columns][depth] for {@link Form#A_BT}
   */
  static void columns(
      Form form, int columns, int depth, float[] b, int bAt, int ldb, float[] out, int at) {
    if (form == Form.A_BT) {
      for (int i = 0; i < columns; i += COLUMNS) {
        int count = Math.min(COLUMNS, columns - i);
        transpose(count, depth, b, bAt + i * ldb, ldb, out, at + i * depth);
        pad(count, depth, out, at + i * depth);
      }
      return;
    }
    int whole = columns - columns % COLUMNS;
    for (int j = 0; j < depth; j++) {
      int from = bAt + j * ldb;
      int to = at + j * COLUMNS;
      for (int i = 0; i < whole; i += COLUMNS) {
        FloatVector.fromArray(SPECIES, b, from + i).intoArray(out, to + i * depth);
        FloatVector.fromArray(SPECIES, b, from + i + VL).intoArray(out, to + i * depth + VL);
      }
      if (whole < columns) {
        System.arraycopy(b, from + whole, out, to + whole * depth, columns - whole);
      }
    }
    pad(columns - whole, depth, out, at + whole * depth);
  }

  /** Zeros keep leftovers, such as NaN, out of the arithmetic of columns that nobody reads. */
  private static void pad(int columns, int depth, float[] out, int at) {
    if (columns % COLUMNS > 0) {
      for (int row = at; row < at + depth * COLUMNS; row += COLUMNS) {
        Arrays.fill(out, row + columns, row + COLUMNS, 0f);
      }
    }
  }

  /** Writes the rows of b [columns][depth] as the columns of a panel. */
  static void transpose(
      int columns, int depth, float[] b, int bAt, int ldb, float[] out, int outAt) {
    int j = 0;
    if (SQUARES) {
      int second = Math.min(SIDE, columns - 1);
      for (; j <= depth - SIDE; j += SIDE) {
        int from = bAt + j;
        int to = outAt + j * COLUMNS;
        VectorTranspose.square(b, from, ldb, columns - 1, out, to, COLUMNS);
        VectorTranspose.square(
            b, from + second * ldb, ldb, columns - 1 - second, out, to + SIDE, COLUMNS);
      }
    }
    ScalarProduct.transpose(columns, depth - j, b, bAt + j, ldb, out, outAt + j * COLUMNS, COLUMNS);
  }
}
