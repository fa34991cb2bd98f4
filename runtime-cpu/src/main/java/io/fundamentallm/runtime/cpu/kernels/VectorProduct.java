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

  private static final float[] ZEROS = new float[COLUMNS];

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
        start(n, start, startAt + i * lds, c, cAt + i * ldc);
        addRow(n, k, a, aAt + i * rowStep, kStep, b, bAt, ldb, c, cAt + i * ldc);
      }
      return;
    }
    boolean copied = transposed || m >= ROWS_WORTH_A_COPY;
    int k0 = 0;
    do {
      int depth = Math.min(PANEL_K, k - k0);
      float[] s = k0 == 0 ? start : c;
      int sAt = k0 == 0 ? startAt : cAt;
      int ls = k0 == 0 ? lds : ldc;
      for (int n0 = 0; n0 < n; n0 += PANELS * COLUMNS) {
        int width = Math.min(PANELS * COLUMNS, n - n0);
        // Whole panels are copied where that pays; the narrow one at the end always is.
        int first = copied ? 0 : width - width % COLUMNS;
        int from = transposed ? bAt + (n0 + first) * ldb + k0 : bAt + k0 * ldb + n0 + first;
        VectorPacking.columns(form, width - first, depth, b, from, ldb, scratch, first * depth);
        for (int p0 = 0; p0 < width; p0 += COLUMNS) {
          boolean inScratch = p0 >= first;
          float[] panel = inScratch ? scratch : b;
          int panelAt = inScratch ? p0 * depth : bAt + k0 * ldb + n0 + p0;
          int ldp = inScratch ? COLUMNS : ldb;
          int columns = Math.min(COLUMNS, width - p0);
          int column = n0 + p0;
          for (int i = 0; i < m; i += ROWS) {
            int row = aAt + i * rowStep + k0 * kStep;
            tile(
                Math.min(ROWS, m - i),
                columns,
                depth,
                a,
                row,
                rowStep,
                kStep,
                panel,
                panelAt,
                ldp,
                s,
                sAt + i * ls + column,
                ls,
                c,
                cAt + i * ldc + column,
                ldc,
                scratch,
                EDGE);
          }
        }
      }
      k0 += PANEL_K;
    } while (k0 < k);
  }

  /**
   * A tile of C, which may be narrower than COLUMNS.
   *
   * @param s what the sums start from, as for {@link VectorTiles#multiply}; null for zeros
   * @param edge scratch for a tile
   */
  static void tile(
      int rows,
      int columns,
      int depth,
      float[] a,
      int aAt,
      int rowStep,
      int kStep,
      float[] panel,
      int panelAt,
      int ldp,
      float @Nullable [] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc,
      float[] edge,
      int edgeAt) {
    if (columns == COLUMNS) {
      float[] from = s == null ? ZEROS : s;
      if (rows == VectorPackedTiles.ROWS && rowStep == 1 && ldp == COLUMNS) {
        // A transposed lies as a block does.
        VectorPackedTiles.multiply(
            rows,
            depth,
            a,
            aAt,
            kStep,
            panel,
            panelAt,
            from,
            s == null ? 0 : sAt,
            s == null ? 0 : lds,
            c,
            cAt,
            ldc);
        return;
      }
      VectorTiles.multiply(
          rows,
          depth,
          a,
          aAt,
          rowStep,
          kStep,
          panel,
          panelAt,
          ldp,
          from,
          s == null ? 0 : sAt,
          s == null ? 0 : lds,
          c,
          cAt,
          ldc);
      return;
    }
    for (int i = 0; i < rows; i++) {
      int to = edgeAt + i * COLUMNS;
      if (s == null) {
        Arrays.fill(edge, to, to + columns, 0f);
      } else {
        System.arraycopy(s, sAt + i * lds, edge, to, columns);
      }
    }
    VectorTiles.multiply(
        rows, depth, a, aAt, rowStep, kStep, panel, panelAt, ldp, edge, edgeAt, COLUMNS, edge,
        edgeAt, COLUMNS);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(edge, edgeAt + i * COLUMNS, c, cAt + i * ldc, columns);
    }
  }

  /** Writes the start of a row of sums into C. */
  private static void start(int n, float @Nullable [] start, int startAt, float[] c, int cAt) {
    if (start == null) {
      Arrays.fill(c, cAt, cAt + n, 0f);
    } else if (start != c || startAt != cAt) {
      System.arraycopy(start, startAt, c, cAt, n);
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
