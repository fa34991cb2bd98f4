package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.Nullable;

/** Cuts C into pieces, each of which is a product of its own. */
final class PieceProduct implements TeamProduct {

  // Wide pieces, as the scalar product likes them.
  private static final int COLUMNS = 256;
  private static final int ROWS = 48;

  /** Multiply-adds below which waking the team costs more than it brings: some microseconds. */
  private static final long ALONE = 1 << 18;

  private final Kernels kernels;
  private final Parallel parallel;
  private final float[][] scratch; // [slot][Kernels.SCRATCH]

  PieceProduct(Kernels kernels, Parallel parallel) {
    this.kernels = kernels;
    this.parallel = parallel;
    scratch = new float[parallel.slots()][];
  }

  @Override
  public void run(
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
      int ldc) {
    run(new Product(form, m, n, k, a, aAt, lda, b, bAt, ldb, start, startAt, lds, c, cAt, ldc));
  }

  void run(Product p) {
    int m = p.m();
    int n = p.n();
    if ((long) m * n * p.k() < ALONE) {
      parallel.run(1, (i, slot) -> piece(p, 0, m, 0, n, slot));
      return;
    }
    int across = (n + COLUMNS - 1) / COLUMNS;
    int down = (m + ROWS - 1) / ROWS;
    parallel.run(
        across * down,
        (i, slot) -> {
          int row = i / across * ROWS;
          int column = i % across * COLUMNS;
          piece(p, row, Math.min(ROWS, m - row), column, Math.min(COLUMNS, n - column), slot);
        });
  }

  private void piece(Product p, int row, int rows, int column, int columns, int slot) {
    float[] mine = scratch[slot];
    if (mine == null) {
      mine = new float[Kernels.SCRATCH];
      scratch[slot] = mine;
    }
    kernels.product(
        p.form(),
        rows,
        columns,
        p.k(),
        p.a(),
        p.a(row, 0),
        p.lda(),
        p.b(),
        p.b(0, column),
        p.ldb(),
        p.start(),
        p.startAt() + row * p.lds() + column,
        p.lds(),
        p.c(),
        p.cAt() + row * p.ldc() + column,
        p.ldc(),
        mine);
  }
}
