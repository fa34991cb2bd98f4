package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorPackedTiles.ROWS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The part of a large matrix product that runs on one thread: packed rows of A by packed columns of
 * B (after Goto and van de Geijn 2008).
 */
final class VectorPackedProduct {

  /**
   * Terms of a sum that are added in one go; in between, sums go through C. Of 192, 256, 384 and
   * 512, the fastest on Zen 5.
   */
  static final int DEPTH = 256;

  /**
   * Where panels begin in scratch. The elements of an array begin 16 bytes into it, and the array
   * itself begins a cache line if it is one of those large ones that collectors give whole regions.
   * Then vectors of a panel do not cross the lines of the cache, which is worth 2 %.
   */
  static final int ALIGNED = (64 - 16) / Float.BYTES;

  /** Rows of A whose blocks, 192 KiB, stay in the second-level cache. */
  static final int CHUNK = 16 * ROWS;

  /** Floats of a tile. */
  static final int TILE = ROWS * COLUMNS;

  private static final float[] ZEROS = new float[COLUMNS];

  private VectorPackedProduct() {}

  /**
   * Some terms of some rows and columns: {@code C = S + A·B}. A panel stays in the first-level
   * cache while it meets the blocks of as many rows as the second-level cache holds.
   *
   * @param a blocks of the rows, see {@link VectorPacking#rows}
   * @param b panels of the columns, see {@link VectorPacking#columns}
   * @param s what the sums start from, or null for zeros; it may be C, or one row with lds 0
   * @param tile scratch of TILE floats
   */
  static void add(
      int rows,
      int columns,
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float @Nullable [] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc,
      float[] tile,
      int tileAt) {
    for (int from = 0; from < rows; from += CHUNK) {
      int to = Math.min(rows, from + CHUNK);
      for (int j = 0; j < columns; j += COLUMNS) {
        int width = Math.min(COLUMNS, columns - j);
        int panel = bAt + j * depth;
        for (int i = from; i < to; i += ROWS) {
          int block = aAt + i * depth;
          int start = sAt + i * lds + j;
          int out = cAt + i * ldc + j;
          if (to - i >= ROWS && width == COLUMNS) {
            VectorPackedTiles.multiply(
                ROWS,
                depth,
                a,
                block,
                ROWS,
                b,
                panel,
                s == null ? ZEROS : s,
                s == null ? 0 : start,
                s == null ? 0 : lds,
                c,
                out,
                ldc);
          } else {
            edge(
                Math.min(ROWS, to - i),
                width,
                depth,
                a,
                block,
                b,
                panel,
                s,
                start,
                lds,
                c,
                out,
                ldc,
                tile,
                tileAt);
          }
        }
      }
    }
  }

  /** A tile at the edge of C, by way of scratch. */
  private static void edge(
      int rows,
      int columns,
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float @Nullable [] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc,
      float[] tile,
      int tileAt) {
    int height = rows == ROWS ? ROWS : VectorPackedTiles.height(rows);
    for (int r = 0; r < rows; r++) {
      int to = tileAt + r * COLUMNS;
      if (s == null) {
        Arrays.fill(tile, to, to + columns, 0f);
      } else {
        System.arraycopy(s, sAt + r * lds, tile, to, columns);
      }
    }
    VectorPackedTiles.multiply(
        height, depth, a, aAt, height, b, bAt, tile, tileAt, COLUMNS, tile, tileAt, COLUMNS);
    for (int r = 0; r < rows; r++) {
      System.arraycopy(tile, tileAt + r * COLUMNS, c, cAt + r * ldc, columns);
    }
  }
}
