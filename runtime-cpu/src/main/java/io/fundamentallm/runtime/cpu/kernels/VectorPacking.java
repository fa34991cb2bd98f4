package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorPackedTiles.ROWS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.VL;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Copies parts of A and B into the order in which {@link VectorPackedTiles} reads them: blocks of
 * rows as [k][height] and panels of columns as [k][COLUMNS]. What stands in the rows and columns
 * that pad the last block and panel has no meaning.
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
   * Copies some rows of A, beginning a block, and some of their columns. Writes nothing beyond
   * their blocks.
   */
  static void rows(Product p, int row, int rows, int k, int depth, float[] out, int outAt) {
    if (p.form() == Form.AT_B) {
      copyRows(p, row, rows, k, depth, out, outAt);
      return;
    }
    for (int i = 0; i < rows; i += ROWS) {
      int count = Math.min(ROWS, rows - i);
      int height = count == ROWS ? ROWS : VectorPackedTiles.height(count);
      int from = p.a(row + i, k);
      int to = outAt + i * depth;
      int j = 0;
      // A square overwrites what comes behind it, so the last columns are copied otherwise.
      for (; SQUARES && j < depth - SIDE; j += SIDE) {
        VectorTranspose.square(p.a(), from + j, p.lda(), count - 1, out, to + j * height, height);
      }
      ScalarProduct.transpose(
          count, depth - j, p.a(), from + j, p.lda(), out, to + j * height, height);
    }
  }

  /** The same where the rows of A are columns in memory: there is nothing to transpose. */
  private static void copyRows(
      Product p, int row, int rows, int k, int depth, float[] out, int outAt) {
    int whole = rows - rows % ROWS;
    int height = VectorPackedTiles.height(rows - whole);
    for (int j = 0; j < depth; j++) {
      int from = p.a(row, k + j);
      int to = outAt + j * ROWS;
      // A vector overwrites the beginning of the next row, so the last row is copied otherwise.
      if (SQUARES && j < depth - 1) {
        for (int i = 0; i < whole; i += ROWS) {
          FloatVector.fromArray(SPECIES, p.a(), from + i).intoArray(out, to + i * depth);
        }
      } else {
        for (int i = 0; i < whole; i += ROWS) {
          copy(ROWS, p.a(), from + i, out, to + i * depth);
        }
      }
      if (whole < rows) {
        copy(rows - whole, p.a(), from + whole, out, outAt + whole * depth + j * height);
      }
    }
  }

  private static void copy(int n, float[] from, int fromAt, float[] to, int toAt) {
    for (int i = 0; i < n; i++) {
      to[toAt + i] = from[fromAt + i];
    }
  }

  /** Copies some columns of B and some of their rows into panels of this depth. */
  static void columns(Product p, int column, int columns, int k, int depth, float[] out, int at) {
    if (p.form() == Form.A_BT) {
      for (int i = 0; i < columns; i += COLUMNS) {
        int count = Math.min(COLUMNS, columns - i);
        transpose(count, depth, p.b(), p.b(k, column + i), p.ldb(), out, at + i * depth);
      }
      return;
    }
    int whole = columns - columns % COLUMNS;
    float[] b = p.b();
    for (int j = 0; j < depth; j++) {
      int from = p.b(k + j, column);
      int to = at + j * COLUMNS;
      for (int i = 0; i < whole; i += COLUMNS) {
        FloatVector.fromArray(SPECIES, b, from + i).intoArray(out, to + i * depth);
        FloatVector.fromArray(SPECIES, b, from + i + VL).intoArray(out, to + i * depth + VL);
      }
      if (whole < columns) {
        int edge = to + whole * depth;
        System.arraycopy(b, from + whole, out, edge, columns - whole);
        Arrays.fill(out, edge + columns - whole, edge + COLUMNS, 0f);
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
