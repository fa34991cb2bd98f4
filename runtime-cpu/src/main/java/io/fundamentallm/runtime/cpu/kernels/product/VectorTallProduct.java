package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorTallTiles.SIDE;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorTiles.NARROW;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.math.Processor;
import jdk.incubator.vector.FloatVector;

/**
 * The matrix product on Intel's processors with AVX-512, bit for bit that of {@link VectorProduct},
 * which explains what both have in common.
 *
 * <p>What bounds a product there is waiting: on Emerald Rapids memory takes some 200 ns to answer,
 * and asking for what the next tile needs gained nothing, by loads or by {@link
 * io.fundamentallm.runtime.cpu.kernels.math.Prefetch}. So what is far away is read seldom and in
 * order. Sums go through C every 256 terms in place of 128, which panels of two vectors allow in 32
 * KiB of the first-level cache. Some five hundred rows of A, each in a page of its own, are packed
 * at a time, for all columns, 688 KiB; with the panels of 512 columns, 512 KiB, they stay in the
 * second-level cache of 2 MiB. So products of 256 to 3,072 rows became 1.00 to 1.20 times as fast,
 * 1.09 times in the mean on JDK 17 and 25, and 1.02 to 1.03 times as fast again since rows are no
 * longer packed anew for each 512 columns. Panels of 128, 192, 320, 384 and 512 terms and blocks of
 * 256, 1,024 and 1,536 columns gained less. Elsewhere it was not tried.
 */
final class VectorTallProduct {

  /** Whether its tiles fit the registers. */
  static final boolean FIT = VL == SIDE;

  /** Whether products of enough rows and columns are computed so here. */
  static final boolean PREFERRED = Processor.INTEL && FIT;

  private static final int DEPTH = 256;
  private static final int COLUMNS = 512;
  private static final int TWELVE = 12;
  private static final int EIGHT = 8;

  // Fewer rows than this don't pay for copies of B, fewer columns not for those of A, which cost as
  // much as the products with some 25 columns or, where A is transposed, 8. With 64 terms both ways
  // are equally fast.
  private static final int ROWS = 24;
  private static final int LEAST_COLUMNS = 256;
  private static final int LEAST_COLUMNS_TRANSPOSED = 128;
  private static final int TERMS = 128;

  // In scratch: panels of B, packed rows of A, a tile at the edge.
  private static final int PACKED = Floats.FRONT + COLUMNS * DEPTH;
  private static final int TILES = 43;
  private static final int EDGE = PACKED + TILES * SIDE * DEPTH;

  private static final float[] ZEROS = new float[NARROW];

  private VectorTallProduct() {}

  /** Whether a product has enough rows, columns and terms. */
  static boolean takes(Product p) {
    int columns = p.form == Form.AT_B ? LEAST_COLUMNS_TRANSPOSED : LEAST_COLUMNS;
    return p.m >= ROWS && p.n >= columns && p.k >= TERMS;
  }

  /** Computes a product of any size. */
  static void product(Product p) {
    int limit = limit(p.m);
    // where there are no terms, C is S
    for (int term = 0; term == 0 || term < p.k; term += DEPTH) {
      int depth = Math.min(DEPTH, p.k - term);
      for (int row = 0; row < p.m; ) {
        int end = rows(p, row, limit, term, depth);
        for (int column = 0; column < p.n; column += COLUMNS) {
          int width = Math.min(COLUMNS, p.n - column);
          if (row == 0 || p.n > COLUMNS) {
            int from = p.b(term, column);
            VectorPacking.columns(p.form, NARROW, width, depth, p.b, from, p.ldb, p.scratch);
          }
          tiles(p, row, end, column, width, term, depth);
        }
        row = end;
      }
    }
  }

  /** Tiles that are packed at a time, so that as many are each time. */
  private static int limit(int rows) {
    int tiles = (rows + TWELVE - 1) / TWELVE;
    int times = (tiles + TILES - 1) / TILES;
    return (tiles + times - 1) / Math.max(1, times);
  }

  /**
   * Packs rows of A.
   *
   * @return the first row after them
   */
  private static int rows(Product p, int first, int limit, int term, int depth) {
    int row = first;
    for (int i = 0; i < limit && row < p.m; i++) {
      int height = height(p.m - row);
      pack(p, row, height, term, depth, PACKED + i * SIDE * DEPTH);
      row = Math.min(p.m, row + height);
    }
    return row;
  }

  /** The packed rows from {@code first} to before {@code end} by the panels of some columns. */
  private static void tiles(
      Product p, int first, int end, int column, int width, int term, int depth) {
    int row = first;
    for (int aAt = PACKED; row < end; aAt += SIDE * DEPTH) {
      int height = height(p.m - row);
      panels(p, row, height, aAt, column, width, term, depth);
      row += height;
    }
  }

  /** Rows of the next tile when so many are left. */
  private static int height(int left) {
    return left <= EIGHT || left > TWELVE && left <= 2 * EIGHT ? EIGHT : TWELVE;
  }

  /** Packs rows of a tile as [depth][SIDE], with any numbers after those of a term. */
  private static void pack(Product p, int row, int height, int term, int depth, int to) {
    float[] a = p.a;
    float[] out = p.scratch;
    int from = p.a(row, term);
    int done = 0;
    if (p.form == Form.AT_B) {
      int within = a.length - VL - from;
      int whole = within < 0 ? 0 : Math.min(depth, within / Math.max(1, p.lda) + 1);
      for (; done < whole; done++) {
        FloatVector.fromArray(SPECIES, a, from + done * p.lda).intoArray(out, to + done * SIDE);
      }
      int count = Math.min(height, p.m - row);
      for (; done < depth; done++) {
        System.arraycopy(a, from + done * p.lda, out, to + done * SIDE, count);
      }
      return;
    }
    int last = Math.min(VL, p.m - row) - 1;
    for (; done <= depth - VL; done += VL) {
      VectorTranspose.square(a, from + done, p.lda, last, out, to + done * SIDE, SIDE);
    }
    for (; done < depth; done++) {
      for (int i = 0; i < height; i++) {
        out[to + done * SIDE + i] = a[from + Math.min(i, last) * p.lda + done];
      }
    }
  }

  /** The packed rows of a tile by all panels. */
  private static void panels(
      Product p, int row, int height, int aAt, int column, int width, int term, int depth) {
    int last = Math.min(height, p.m - row) - 1;
    float[] start = term == 0 ? p.start : p.c;
    float[] s = start == null ? ZEROS : start;
    int lds = start == null ? 0 : term == 0 ? p.lds : p.ldc;
    int sAt = start == null ? 0 : (term == 0 ? p.startAt : p.cAt) + row * lds + column;
    int cAt = p.cAt + row * p.ldc + column;
    int whole = width - width % NARROW;
    for (int i = 0; i < whole; i += NARROW) {
      int bAt = Floats.FRONT + i * depth;
      int from = start == null ? 0 : sAt + i;
      tile(height, last, depth, p.scratch, aAt, bAt, s, from, lds, p.c, cAt + i, p.ldc);
    }
    if (whole == width) {
      return;
    }
    int count = width - whole;
    float[] edge = p.scratch;
    for (int i = 0; i <= last; i++) {
      int from = start == null ? 0 : sAt + i * lds + whole;
      System.arraycopy(s, from, edge, EDGE + i * NARROW, count);
    }
    int bAt = Floats.FRONT + whole * depth;
    tile(height, last, depth, p.scratch, aAt, bAt, edge, EDGE, NARROW, edge, EDGE, NARROW);
    for (int i = 0; i <= last; i++) {
      System.arraycopy(edge, EDGE + i * NARROW, p.c, cAt + i * p.ldc + whole, count);
    }
  }

  private static void tile(
      int height,
      int last,
      int k,
      float[] scratch,
      int aAt,
      int bAt,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
    if (height == TWELVE) {
      VectorTallTiles.twelve(last, k, scratch, aAt, scratch, bAt, s, sAt, lds, c, cAt, ldc);
    } else {
      VectorTallTiles.eight(last, k, scratch, aAt, scratch, bAt, s, sAt, lds, c, cAt, ldc);
    }
  }
}
