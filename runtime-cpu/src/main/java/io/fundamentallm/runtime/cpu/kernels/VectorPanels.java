package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorPackedProduct.ALIGNED;
import static io.fundamentallm.runtime.cpu.kernels.VectorPackedProduct.DEPTH;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.ROWS;

import org.jspecify.annotations.Nullable;

/**
 * B in panels as wide as a tile: for each DEPTH terms one panel after the other, [depth][COLUMNS].
 * A is read where it is.
 */
final class VectorPanels implements Panels {

  /** Columns that are copied as a piece, for the sake of longer stretches of each row of B. */
  private static final int WIDTH = 4 * COLUMNS;

  // Rows of A so far apart fall into the same lines of the first-level cache, and are copied first.
  private static final int CONFLICT = 1024;
  // Where a tile at the edge of C lies in scratch, then the copied rows, a little further apart.
  private static final int EDGE = 0;
  private static final int COPIED = EDGE + ROWS * COLUMNS;
  private static final int APART = DEPTH + 16;

  private Form form = Form.A_B;
  private int n;
  private int k;
  private float[] b = {};
  private int bAt;
  private int ldb;
  private float[] panels = {};

  @Override
  public long size(int n, int k) {
    return ALIGNED + (long) padded(n) * k;
  }

  @Override
  public void of(Form form, int n, int k, float[] b, int bAt, int ldb) {
    this.form = form;
    this.n = n;
    this.k = k;
    this.b = b;
    this.bAt = bAt;
    this.ldb = ldb;
    int size = Math.toIntExact(size(n, k));
    if (panels.length < size) {
      panels = new float[size];
    }
  }

  @Override
  public int pieces() {
    return (n + WIDTH - 1) / WIDTH * ((k + DEPTH - 1) / DEPTH);
  }

  @Override
  public void copy(int piece) {
    int across = (n + WIDTH - 1) / WIDTH;
    int column = piece % across * WIDTH;
    int from = piece / across * DEPTH;
    int depth = Math.min(DEPTH, k - from);
    int columns = Math.min(WIDTH, n - column);
    int at = form == Form.A_BT ? bAt + column * ldb + from : bAt + from * ldb + column;
    VectorPacking.columns(form, columns, depth, b, at, ldb, panels, at(column, from, depth));
  }

  @Override
  public void product(
      int m,
      float[] a,
      int aAt,
      int lda,
      float @Nullable [] start,
      int startAt,
      int lds,
      float[] c,
      int cAt,
      int ldc,
      float[] scratch) {
    boolean conflict = lda % CONFLICT == 0;
    for (int from = 0; from < k; from += DEPTH) {
      int depth = Math.min(DEPTH, k - from);
      float[] s = from == 0 ? start : c;
      int sAt = from == 0 ? startAt : cAt;
      int ls = from == 0 ? lds : ldc;
      if (conflict) {
        for (int i = 0; i < m; i += ROWS) {
          int rows = Math.min(ROWS, m - i);
          for (int r = 0; r < rows; r++) {
            System.arraycopy(a, aAt + (i + r) * lda + from, scratch, COPIED + r * APART, depth);
          }
          for (int j = 0; j < n; j += COLUMNS) {
            VectorProduct.tile(
                rows,
                Math.min(COLUMNS, n - j),
                depth,
                scratch,
                COPIED,
                APART,
                1,
                panels,
                at(j, from, depth),
                COLUMNS,
                s,
                sAt + i * ls + j,
                ls,
                c,
                cAt + i * ldc + j,
                ldc,
                scratch,
                EDGE);
          }
        }
      } else {
        for (int j = 0; j < n; j += COLUMNS) {
          int columns = Math.min(COLUMNS, n - j);
          int panel = at(j, from, depth);
          for (int i = 0; i < m; i += ROWS) {
            VectorProduct.tile(
                Math.min(ROWS, m - i),
                columns,
                depth,
                a,
                aAt + i * lda + from,
                lda,
                1,
                panels,
                panel,
                COLUMNS,
                s,
                sAt + i * ls + j,
                ls,
                c,
                cAt + i * ldc + j,
                ldc,
                scratch,
                EDGE);
          }
        }
      }
    }
  }

  /** Where the panel of a column begins. */
  private int at(int column, int from, int depth) {
    return ALIGNED + from * padded(n) + column * depth;
  }

  private static int padded(int columns) {
    return (columns + COLUMNS - 1) / COLUMNS * COLUMNS;
  }
}
