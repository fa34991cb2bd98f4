package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.ROWS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.VL;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The matrix product in panels of B, as wide as a tile and as deep as the first-level cache likes
 * (after Goto and van de Geijn 2008). A panel is copied into scratch when enough rows share it,
 * when B is transposed, or when it is narrower than a tile: the copy is then padded with zeros, so
 * that narrow matrices have no slow path.
 */
final class VectorProduct {

  // 192 rows of a 32-column panel are 24 KiB, which leaves room for rows of A in a 32 KiB cache.
  private static final int PANEL_K = 192;
  // Panels copied together, for the sake of reading longer stretches of each row of B.
  private static final int PANELS = 4;
  private static final int PANEL = PANEL_K * COLUMNS;
  // Where the tile of C lies that stands in for the edge of C, behind the panels.
  private static final int EDGE = PANELS * PANEL;
  // Fewer rows than this read B where it is: copying a panel costs about two rows of arithmetic.
  private static final int ROWS_WORTH_A_COPY = 2 * ROWS;
  // Fewer rows than this stream B row by row, at the speed of memory.
  private static final int ROWS_WORTH_TILES = 4;

  private VectorProduct() {}

  static void product(
      Form form,
      int m,
      int n,
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      int ldb,
      float @Nullable [] start,
      int startAt,
      int lds,
      float[] c,
      int cAt,
      int ldc,
      float[] scratch) {
    boolean transposed = form == Form.A_BT;
    int rowStep = form == Form.AT_B ? 1 : lda;
    int kStep = form == Form.AT_B ? lda : 1;
    if (!transposed && m < ROWS_WORTH_TILES) {
      for (int i = 0; i < m; i++) {
        start(1, n, start, startAt + i * lds, lds, c, cAt + i * ldc, ldc);
        addRow(n, k, a, aAt + i * rowStep, kStep, b, bAt, ldb, c, cAt + i * ldc);
      }
      return;
    }
    boolean copied = transposed || m >= ROWS_WORTH_A_COPY;
    for (int n0 = 0; n0 < n; n0 += PANELS * COLUMNS) {
      int width = Math.min(PANELS * COLUMNS, n - n0);
      int k0 = 0;
      do {
        int depth = Math.min(PANEL_K, k - k0);
        if (transposed) {
          transpose(width, depth, b, bAt + n0 * ldb + k0, ldb, scratch);
        } else {
          // Whole panels are copied where that pays; the narrow one at the end always is.
          int from = copied ? 0 : width - width % COLUMNS;
          copy(from, width, depth, b, bAt + k0 * ldb + n0, ldb, scratch);
        }
        for (int p0 = 0; p0 < width; p0 += COLUMNS) {
          int columns = Math.min(COLUMNS, width - p0);
          boolean inScratch = copied || columns < COLUMNS;
          float[] panel = inScratch ? scratch : b;
          int panelAt = inScratch ? p0 * PANEL_K : bAt + k0 * ldb + n0 + p0;
          int ldp = inScratch ? COLUMNS : ldb;
          for (int i = 0; i < m; i += ROWS) {
            int rows = Math.min(ROWS, m - i);
            int to = cAt + i * ldc + n0 + p0;
            if (k0 == 0) {
              start(rows, columns, start, startAt + i * lds + n0 + p0, lds, c, to, ldc);
            }
            int from = aAt + i * rowStep + k0 * kStep;
            if (columns == COLUMNS) {
              VectorTiles.multiply(
                  rows, depth, a, from, rowStep, kStep, panel, panelAt, ldp, c, to, ldc);
            } else {
              move(rows, columns, c, to, ldc, scratch, EDGE, COLUMNS);
              VectorTiles.multiply(
                  rows, depth, a, from, rowStep, kStep, panel, panelAt, ldp, scratch, EDGE,
                  COLUMNS);
              move(rows, columns, scratch, EDGE, COLUMNS, c, to, ldc);
            }
          }
        }
        k0 += PANEL_K;
      } while (k0 < k);
    }
  }

  /** Writes the start of the sums into C. */
  private static void start(
      int rows,
      int columns,
      float @Nullable [] start,
      int startAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
    if (columns == COLUMNS) {
      startTile(rows, start, startAt, lds, c, cAt, ldc);
    } else if (start == null) {
      for (int i = 0; i < rows; i++) {
        Arrays.fill(c, cAt + i * ldc, cAt + i * ldc + columns, 0f);
      }
    } else if (start != c || startAt != cAt || lds != ldc) {
      move(rows, columns, start, startAt, lds, c, cAt, ldc);
    }
  }

  /**
   * The same for a tile, where a call for each row of two vectors would cost more than the copy.
   */
  private static void startTile(
      int rows, float @Nullable [] start, int startAt, int lds, float[] c, int cAt, int ldc) {
    if (start == null) {
      FloatVector zero = FloatVector.zero(SPECIES);
      for (int i = 0; i < rows; i++) {
        zero.intoArray(c, cAt + i * ldc);
        zero.intoArray(c, cAt + i * ldc + VL);
      }
    } else if (start != c || startAt != cAt || lds != ldc) {
      for (int i = 0; i < rows; i++) {
        int from = startAt + i * lds;
        FloatVector.fromArray(SPECIES, start, from).intoArray(c, cAt + i * ldc);
        FloatVector.fromArray(SPECIES, start, from + VL).intoArray(c, cAt + i * ldc + VL);
      }
    }
  }

  private static void move(
      int rows, int columns, float[] from, int fromAt, int ldf, float[] to, int toAt, int ldt) {
    for (int i = 0; i < rows; i++) {
      System.arraycopy(from, fromAt + i * ldf, to, toAt + i * ldt, columns);
    }
  }

  /** Writes the rows of B [width][depth] as the columns of panels, padded to whole tiles. */
  private static void transpose(
      int width, int depth, float[] b, int bAt, int ldb, float[] scratch) {
    for (int p = 0; p < width; p += COLUMNS) {
      int columns = Math.min(COLUMNS, width - p);
      VectorPacking.transpose(columns, depth, b, bAt + p * ldb, ldb, scratch, p * PANEL_K);
      pad(columns, depth, scratch, p * PANEL_K);
    }
  }

  /** Copies the columns of B [depth][width] from {@code from} on into panels, padded likewise. */
  private static void copy(
      int from, int width, int depth, float[] b, int bAt, int ldb, float[] scratch) {
    int whole = width - width % COLUMNS;
    for (int j = 0; j < depth && from < whole; j++) {
      int row = bAt + j * ldb;
      for (int p = from; p < whole; p += COLUMNS) {
        int to = p * PANEL_K + j * COLUMNS;
        FloatVector.fromArray(SPECIES, b, row + p).intoArray(scratch, to);
        FloatVector.fromArray(SPECIES, b, row + p + VL).intoArray(scratch, to + VL);
      }
    }
    if (whole < width) {
      move(depth, width - whole, b, bAt + whole, ldb, scratch, whole * PANEL_K, COLUMNS);
      pad(width - whole, depth, scratch, whole * PANEL_K);
    }
  }

  /** Zeros keep leftovers, such as NaN, out of the arithmetic of columns that nobody reads. */
  private static void pad(int columns, int depth, float[] scratch, int panelAt) {
    if (columns < COLUMNS) {
      for (int j = 0; j < depth; j++) {
        int row = panelAt + j * COLUMNS;
        Arrays.fill(scratch, row + columns, row + COLUMNS, 0f);
      }
    }
  }

  /** c[n] += a[k]·b[k][n], four rows of B at a time. */
  private static void addRow(
      int n,
      int k,
      float[] a,
      int aAt,
      int kStep,
      float[] b,
      int bAt,
      int ldb,
      float[] c,
      int cAt) {
    int whole = SPECIES.loopBound(n);
    int j = 0;
    for (; j <= k - 4; j += 4) {
      float a0 = a[aAt + j * kStep];
      float a1 = a[aAt + (j + 1) * kStep];
      float a2 = a[aAt + (j + 2) * kStep];
      float a3 = a[aAt + (j + 3) * kStep];
      int b0 = bAt + j * ldb;
      int b1 = b0 + ldb;
      int b2 = b1 + ldb;
      int b3 = b2 + ldb;
      FloatVector f0 = FloatVector.broadcast(SPECIES, a0);
      FloatVector f1 = FloatVector.broadcast(SPECIES, a1);
      FloatVector f2 = FloatVector.broadcast(SPECIES, a2);
      FloatVector f3 = FloatVector.broadcast(SPECIES, a3);
      for (int i = 0; i < whole; i += VL) {
        FloatVector sum = FloatVector.fromArray(SPECIES, c, cAt + i);
        sum = f0.fma(FloatVector.fromArray(SPECIES, b, b0 + i), sum);
        sum = f1.fma(FloatVector.fromArray(SPECIES, b, b1 + i), sum);
        sum = f2.fma(FloatVector.fromArray(SPECIES, b, b2 + i), sum);
        sum = f3.fma(FloatVector.fromArray(SPECIES, b, b3 + i), sum);
        sum.intoArray(c, cAt + i);
      }
      for (int i = whole; i < n; i++) {
        float sum = Math.fma(a0, b[b0 + i], c[cAt + i]);
        sum = Math.fma(a1, b[b1 + i], sum);
        sum = Math.fma(a2, b[b2 + i], sum);
        c[cAt + i] = Math.fma(a3, b[b3 + i], sum);
      }
    }
    for (; j < k; j++) {
      float factor = a[aAt + j * kStep];
      int from = bAt + j * ldb;
      for (int i = 0; i < n; i++) {
        c[cAt + i] = Math.fma(factor, b[from + i], c[cAt + i]);
      }
    }
  }
}
