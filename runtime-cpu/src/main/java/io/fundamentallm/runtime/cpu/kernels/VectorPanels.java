package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorPackedProduct.ALIGNED;
import static io.fundamentallm.runtime.cpu.kernels.VectorPackedProduct.CHUNK;
import static io.fundamentallm.runtime.cpu.kernels.VectorPackedProduct.DEPTH;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;

import org.jspecify.annotations.Nullable;

/**
 * B in panels as wide as a tile: for each DEPTH terms one panel after the other, [depth][COLUMNS].
 * A is copied too, a few rows at a time, which costs a few percent and makes tiles a fifth faster.
 */
final class VectorPanels implements Panels {

  /** Columns that are copied as a piece, for the sake of longer stretches of each row of B. */
  private static final int WIDTH = 4 * COLUMNS;

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
    for (int row = 0; row < m; row += CHUNK) {
      int rows = Math.min(CHUNK, m - row);
      int to = cAt + row * ldc;
      for (int from = 0; from < k; from += DEPTH) {
        int depth = Math.min(DEPTH, k - from);
        VectorPacking.rows(
            Form.A_B,
            rows,
            depth,
            a,
            aAt + row * lda + from,
            lda,
            scratch,
            VectorPackedProduct.TILE);
        boolean first = from == 0;
        VectorPackedProduct.add(
            rows,
            n,
            depth,
            scratch,
            VectorPackedProduct.TILE,
            panels,
            at(0, from, depth),
            first ? start : c,
            first ? startAt + row * lds : to,
            first ? lds : ldc,
            c,
            to,
            ldc,
            scratch,
            0);
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
