package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.Nullable;

/**
 * Matrix products that a whole team computes. Bit for bit those of {@link Kernels#product}, however
 * many threads there are.
 *
 * <p>Each member has one part of C. It is a range of rows where there are enough of them: then what
 * a member wrote is what it reads in the next product, and little travels between processors.
 *
 * <p>Keeps scratch memory for each thread, see {@link #bytes}. One thread at a time; several of
 * these may share a team.
 */
public final class TeamProduct {

  /** Multiply-adds below which waking the team costs more than it brings: some microseconds. */
  private static final long ALONE = 1 << 18;

  /** Rows that stay together where they are divided: few, so that shares are as good as even. */
  public static final int ROWS = 4;

  // The same of columns.
  private static final int COLUMNS = 64;

  // What a member pays for each element of B that it copies, in multiply-adds.
  private static final int COPY = 32;
  // The same for an element that another member may have written: those of A where rows are shared,
  // and those of both where the sums are over rows.
  private static final int REMOTE = 128;

  private final Kernels kernels;
  private final Parallel parallel;
  private final float[][] scratch; // [slot][Kernels.SCRATCH]

  /** Products by these kernels and this team; allocates {@link #bytes}. */
  public TeamProduct(Kernels kernels, Parallel parallel) {
    this.kernels = kernels;
    this.parallel = parallel;
    scratch = new float[parallel.slots()][Kernels.SCRATCH];
  }

  /**
   * The scratch of a member, [{@link Kernels#SCRATCH}], for kernels between two products.
   *
   * @param slot from 0 to the team's slots − 1
   */
  public float[] scratch(int slot) {
    return scratch[slot];
  }

  /** Bytes that it keeps, for a team of so many. */
  public static long bytes(int threads) {
    return (long) threads * Float.BYTES * Kernels.SCRATCH;
  }

  /**
   * Matrix product {@code C = S + A·B}. Arguments are those of {@link Kernels#product}, whose
   * scratch is the members' own.
   *
   * @throws IllegalStateException if called from within parallel work of the team
   */
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
    Product p =
        new Product(form, m, n, k, a, aAt, lda, b, bAt, ldb, start, startAt, lds, c, cAt, ldc);
    if ((long) m * n * k < ALONE) {
      parallel.run(1, (i, slot) -> part(p, 0, m, 0, n, slot));
      return;
    }
    parallel.together(
        (slot, members) -> {
          int down = down(form, m, n, members);
          int across = members / down;
          int row = Parallel.share(m, ROWS, slot / across, down);
          int column = Parallel.share(n, COLUMNS, slot % across, across);
          part(
              p,
              row,
              Parallel.share(m, ROWS, slot / across + 1, down) - row,
              column,
              Parallel.share(n, COLUMNS, slot % across + 1, across) - column,
              slot);
        });
  }

  /** Into how many ranges of rows C is best divided; it is divided by columns for the rest. */
  private static int down(Form form, int m, int n, int members) {
    int best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int down = 1; down <= members; down++) {
      if (members % down == 0) {
        int across = members / down;
        double rows = largest(m, ROWS, down);
        double columns = largest(n, COLUMNS, across);
        double cost = (rows + COPY) * columns;
        if (form == Form.AT_B) {
          cost += REMOTE * (rows + columns);
        } else if (across > 1) {
          cost += REMOTE * m;
        }
        if (cost < least) {
          least = cost;
          best = down;
        }
      }
    }
    return best;
  }

  /** The largest share of n, in whole units. */
  private static double largest(int n, int unit, int parts) {
    int units = (n + unit - 1) / unit;
    return (double) ((units + parts - 1) / parts) * unit;
  }

  private void part(Product p, int row, int rows, int column, int columns, int slot) {
    if (rows == 0 || columns == 0) {
      return;
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
        scratch[slot]);
  }
}
