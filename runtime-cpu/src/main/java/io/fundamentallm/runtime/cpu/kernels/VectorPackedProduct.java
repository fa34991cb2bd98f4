package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorPackedTiles.ROWS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;

import java.util.Arrays;

/**
 * The part of a large matrix product that runs on one thread: packed rows of A by packed columns of
 * B (after Goto and van de Geijn 2008).
 */
final class VectorPackedProduct {

  /**
   * Terms of a sum that are added in one go; in between, sums go through C. Of 192, 256, 384 and
   * 512, the fastest on Zen 5.
   */
  static final int DEPTH = 384;

  /**
   * Where panels begin in scratch. The elements of an array begin 16 bytes into it, and the array
   * itself begins a cache line if it is one of those large ones that collectors give whole regions.
   * Then vectors of a panel do not cross the lines of the cache, which is worth 2 %.
   */
  static final int ALIGNED = (64 - 16) / Float.BYTES;

  /** Floats of a tile. */
  static final int TILE = ROWS * COLUMNS;

  private static final float[] ZEROS = new float[COLUMNS];

  private VectorPackedProduct() {}

  /**
   * Adds some terms to some rows and columns of C.
   *
   * @param row the first row, in A and C
   * @param column the first column, in B and C
   * @param first whether these are the first terms, so that the sums start from S
   * @param a blocks of those rows
   * @param b panels of those columns
   * @param tile scratch of TILE floats
   */
  static void add(
      Product p,
      int row,
      int rows,
      int column,
      int columns,
      int depth,
      boolean first,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] tile,
      int tileAt) {
    float[] start = first ? p.start() : p.c();
    float[] s = start == null ? ZEROS : start;
    int lds = start == null ? 0 : first ? p.lds() : p.ldc();
    int sAt = start == null ? 0 : first ? p.startAt() : p.cAt();
    // A block stays in the first-level cache while it meets all panels.
    for (int i = 0; i < rows; i += ROWS) {
      int count = Math.min(ROWS, rows - i);
      int height = count == ROWS ? ROWS : VectorPackedTiles.height(count);
      int block = aAt + i * depth;
      for (int j = 0; j < columns; j += COLUMNS) {
        int width = Math.min(COLUMNS, columns - j);
        int panel = bAt + j * depth;
        int from = start == null ? 0 : sAt + (row + i) * lds + column + j;
        int to = p.cAt() + (row + i) * p.ldc() + column + j;
        if (count == height && width == COLUMNS) {
          VectorPackedTiles.multiply(
              height, depth, a, block, b, panel, s, from, lds, p.c(), to, p.ldc());
        } else {
          for (int r = 0; r < count; r++) {
            if (start == null) {
              Arrays.fill(tile, tileAt + r * COLUMNS, tileAt + r * COLUMNS + width, 0f);
            } else {
              System.arraycopy(s, from + r * lds, tile, tileAt + r * COLUMNS, width);
            }
          }
          VectorPackedTiles.multiply(
              height, depth, a, block, b, panel, tile, tileAt, COLUMNS, tile, tileAt, COLUMNS);
          for (int r = 0; r < count; r++) {
            System.arraycopy(tile, tileAt + r * COLUMNS, p.c(), to + r * p.ldc(), width);
          }
        }
      }
    }
  }
}
