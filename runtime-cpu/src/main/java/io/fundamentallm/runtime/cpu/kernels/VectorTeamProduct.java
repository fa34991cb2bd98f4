package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorPackedProduct.ALIGNED;
import static io.fundamentallm.runtime.cpu.kernels.VectorPackedProduct.DEPTH;
import static io.fundamentallm.runtime.cpu.kernels.VectorPackedTiles.ROWS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;

import org.jspecify.annotations.Nullable;

/**
 * A product in which the team first packs A together, and each member then takes columns of B,
 * which it packs for itself: no operand is packed twice where there are columns enough for all.
 */
final class VectorTeamProduct implements TeamProduct {

  // Packed A is shared; 6 MiB of it still lie in a third-level cache.
  private static final int SHARED = 3 << 19;
  // Rows of A at a time where sums are so long that not all their terms fit.
  private static final int MANY_ROWS = 512;
  // Columns that a member takes at a time: their panels, 256 KiB, stay in the second-level cache.
  private static final int WIDTH = 256;
  // Pieces for each member, so that one that is held up does not hold up the others.
  private static final int PIECES = 4;
  // Blocks of A that a member packs at a time: what it reads of a row of transposed A.
  private static final int BLOCKS = 8;
  // What a member needs for itself.
  private static final int OWN = WIDTH * DEPTH + VectorPackedProduct.TILE;
  // Fewer rows or columns than this leave too little use for each packed element.
  private static final int WORTH_PACKING = 32;

  private final Parallel parallel;
  private final PieceProduct small;
  // Panels and a tile for each slot, then the blocks of A.
  private float[] packed = {};

  VectorTeamProduct(Kernels kernels, Parallel parallel) {
    this.parallel = parallel;
    small = new PieceProduct(kernels, parallel);
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
    Product p =
        new Product(form, m, n, k, a, aAt, lda, b, bAt, ldb, start, startAt, lds, c, cAt, ldc);
    if (m < WORTH_PACKING || n < WORTH_PACKING || k < 8) {
      small.run(p);
      return;
    }
    // As many terms as fit with many rows, then as many rows as fit with those.
    int terms = Math.min(k, SHARED / Math.min(VectorPacking.padded(m), MANY_ROWS) / DEPTH * DEPTH);
    int rows = Math.min(m, SHARED / terms / ROWS * ROWS);
    int size = blocksAt() + VectorPacking.padded(rows) * terms;
    if (packed.length < size) {
      packed = new float[size];
    }
    for (int row = 0; row < m; row += rows) {
      for (int from = 0; from < k; from += terms) {
        part(p, row, Math.min(rows, m - row), from, Math.min(terms, k - from));
      }
    }
  }

  /** Adds some terms to some rows of C. */
  private void part(Product p, int row, int rows, int from, int terms) {
    int padded = VectorPacking.padded(rows);
    int groups = (rows + BLOCKS * ROWS - 1) / (BLOCKS * ROWS);
    int depths = (terms + DEPTH - 1) / DEPTH;
    parallel.together(
        (slot, members) -> {
          for (int i = claim(groups * depths); i >= 0; i = claim(groups * depths)) {
            int r = i % groups * BLOCKS * ROWS;
            int k = i / groups * DEPTH;
            int depth = Math.min(DEPTH, terms - k);
            VectorPacking.rows(
                p.form(),
                Math.min(BLOCKS * ROWS, rows - r),
                depth,
                p.a(),
                p.a(row + r, from + k),
                p.lda(),
                packed,
                blocksAt() + k * padded + r * depth);
          }
          parallel.barrier();
          int width = width(p.n(), rows, members);
          int across = (p.n() + width - 1) / width;
          int down = down(rows, across, members);
          int height = ((rows + ROWS - 1) / ROWS + down - 1) / down * ROWS;
          for (int i = claim(across * down); i >= 0; i = claim(across * down)) {
            int r = i % down * height;
            int column = i / down * width;
            int columns = Math.min(width, p.n() - column);
            for (int k = 0; k < terms && r < rows; k += DEPTH) {
              int depth = Math.min(DEPTH, terms - k);
              columns(
                  p,
                  row + r,
                  Math.min(height, rows - r),
                  column,
                  columns,
                  from + k,
                  depth,
                  blocksAt() + k * padded + r * depth,
                  slot);
            }
          }
        });
  }

  /** The next number below a limit that no member has yet, or −1. */
  private int claim(int limit) {
    int next = parallel.claim();
    return next < limit ? next : -1;
  }

  /** Columns of a piece: WIDTH, or fewer where that leaves members without a piece. */
  private static int width(int n, int rows, int members) {
    int width = WIDTH;
    while (width > COLUMNS) {
      int across = (n + width - 1) / width;
      if (across * down(rows, across, members) >= members * (members == 1 ? 1 : PIECES)) {
        break;
      }
      width /= 2;
    }
    return width;
  }

  /** Pieces into which rows are cut when there are too few columns for all members. */
  private static int down(int rows, int across, int members) {
    if (members == 1) {
      return 1;
    }
    int wanted = (members * PIECES + across - 1) / across;
    return Math.max(1, Math.min(wanted, rows / (8 * ROWS)));
  }

  private void columns(
      Product p,
      int row,
      int rows,
      int column,
      int columns,
      int k,
      int depth,
      int blocksAt,
      int slot) {
    int panels = ALIGNED + slot * OWN;
    int tile = panels + WIDTH * DEPTH;
    VectorPacking.columns(p.form(), columns, depth, p.b(), p.b(k, column), p.ldb(), packed, panels);
    boolean first = k == 0;
    int lds = first ? p.lds() : p.ldc();
    int to = p.cAt() + row * p.ldc() + column;
    int from = first ? p.startAt() + row * lds + column : to;
    VectorPackedProduct.add(
        rows,
        columns,
        depth,
        packed,
        blocksAt,
        packed,
        panels,
        first ? p.start() : p.c(),
        from,
        lds,
        p.c(),
        to,
        p.ldc(),
        packed,
        tile);
  }

  private int blocksAt() {
    return ALIGNED + parallel.slots() * OWN;
  }
}
