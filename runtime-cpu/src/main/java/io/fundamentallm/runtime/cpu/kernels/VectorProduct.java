package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.NARROW;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.ROWS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.VL;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.WIDE;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The matrix product in panels of B, as wide as a tile and as deep as the first-level cache likes
 * (after Goto and van de Geijn 2008). A panel is copied into scratch when enough rows share it,
 * when B is transposed, or when it is narrower than a tile: the copy is then padded with zeros, so
 * that narrow matrices have no slow path. A is read where it is.
 */
final class VectorProduct {

  // Terms of a sum that are added in one go: the panel of a wide tile is 32 KiB for the first-level
  // cache. In between, sums go through C.
  private static final int DEPTH = 128;
  // Columns whose panels lie in scratch at a time, 256 KiB for the second-level cache.
  private static final int COLUMNS = 512;
  // Rows that meet all those panels before the next do: A comes from beyond that cache once.
  private static final int CHUNK = 4 * ROWS;
  // Terms after which A has left the third-level cache, so all columns meet them first.
  private static final int TERMS = 16 * DEPTH;
  // Where the tile lies that stands in for one at the edge of C, behind the panels.
  private static final int EDGE = Kernels.FRONT + DEPTH * COLUMNS;
  // Fewer rows than this read B where it is: copying a panel costs about two rows of arithmetic.
  private static final int ROWS_WORTH_A_COPY = 4 * ROWS;
  // Fewer rows than this stream B row by row, at the speed of memory.
  private static final int ROWS_WORTH_TILES = 4;

  private static final float[] ZEROS = new float[WIDE];

  private VectorProduct() {}

  static void product(Product p, float[] scratch) {
    if (p.form() != Form.A_BT && p.m() < ROWS_WORTH_TILES) {
      for (int i = 0; i < p.m(); i++) {
        int to = p.cAt() + i * p.ldc();
        start(p.n(), p.start(), p.startAt() + i * p.lds(), p.c(), to);
        addRow(p.n(), p.k(), p.a(), p.a(i, 0), p.kStep(), p.b(), p.bAt(), p.ldb(), p.c(), to);
      }
      return;
    }
    // Where there are no terms, C is S.
    for (int terms = 0; terms == 0 || terms < p.k(); terms += TERMS) {
      int end = Math.min(p.k(), terms + TERMS);
      for (int column = 0; column < p.n(); column += COLUMNS) {
        for (int j = terms; j == 0 || j < end; j += DEPTH) {
          panels(p, column, j, scratch);
        }
      }
    }
  }

  /** Adds some terms to some columns of C. */
  private static void panels(Product p, int column, int term, float[] scratch) {
    boolean transposed = p.form() == Form.A_BT;
    int width = Math.min(COLUMNS, p.n() - column);
    int depth = Math.min(DEPTH, p.k() - term);
    // Whole panels are copied where that pays; the narrow one at the end always is.
    boolean copied = transposed || p.m() >= ROWS_WORTH_A_COPY;
    int first = copied ? 0 : width - width % NARROW;
    VectorPacking.columns(
        p.form(), width - first, depth, p.b(), p.b(term, column + first), p.ldb(), scratch);
    float[] s = term == 0 ? p.start() : p.c();
    int lds = term == 0 ? p.lds() : p.ldc();
    int sAt = (term == 0 ? p.startAt() : p.cAt()) + column;
    for (int row = 0; row < p.m(); row += CHUNK) {
      int panel = 0;
      for (int i = 0; i < width; i += panel) {
        boolean inScratch = i >= first;
        panel = panel((inScratch ? width : first) - i);
        rows(
            Math.min(CHUNK, p.m() - row),
            Math.min(panel, width - i),
            panel,
            depth,
            p.a(),
            p.a(row, term),
            p.rowStep(),
            p.kStep(),
            inScratch ? scratch : p.b(),
            inScratch ? Kernels.FRONT + (i - first) * depth : p.b(term, column + i),
            inScratch ? panel : p.ldb(),
            s,
            sAt + row * lds + i,
            lds,
            p.c(),
            p.cAt() + row * p.ldc() + column + i,
            p.ldc(),
            scratch);
      }
    }
  }

  /** How wide the next panel is where so many columns are left. */
  static int panel(int columns) {
    return columns > NARROW ? WIDE : NARROW;
  }

  /**
   * All rows of A by one panel.
   *
   * @param columns of C
   * @param panel the width of the panel, at least as many
   */
  static void rows(
      int m,
      int columns,
      int panel,
      int depth,
      float[] a,
      int aAt,
      int rowStep,
      int kStep,
      float[] b,
      int bAt,
      int ldb,
      float @Nullable [] start,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc,
      float[] scratch) {
    float[] s = start == null ? ZEROS : start;
    int startAt = start == null ? 0 : sAt;
    int ls = start == null ? 0 : lds;
    for (int i = 0; i < m; i += ROWS) {
      int rows = Math.min(ROWS, m - i);
      int row = aAt + i * rowStep;
      int from = startAt + i * ls;
      int to = cAt + i * ldc;
      if (rows == VectorTiles.height(rows) && columns == panel) {
        VectorTiles.multiply(
            rows, panel, depth, a, row, rowStep, kStep, b, bAt, ldb, s, from, ls, c, to, ldc);
        continue;
      }
      for (int r = 0; r < rows; r++) {
        System.arraycopy(s, from + r * ls, scratch, EDGE + r * panel, columns);
      }
      VectorTiles.multiply(
          rows, panel, depth, a, row, rowStep, kStep, b, bAt, ldb, scratch, EDGE, panel, scratch,
          EDGE, panel);
      for (int r = 0; r < rows; r++) {
        System.arraycopy(scratch, EDGE + r * panel, c, to + r * ldc, columns);
      }
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
