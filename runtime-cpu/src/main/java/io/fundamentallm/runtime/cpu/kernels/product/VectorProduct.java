package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorTiles.NARROW;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorTiles.ROWS;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorTiles.WIDE;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.math.VectorSums;
import jdk.incubator.vector.FloatVector;

/**
 * The matrix product in panels of B, as wide as a tile and as deep as suits the first-level cache
 * (after Goto and van de Geijn 2008). A panel is copied into scratch when enough rows share it,
 * when B is transposed, or when it is narrower than a tile: the copy is then padded with zeros, so
 * that narrow matrices have no slow path. A is read in place.
 */
public final class VectorProduct implements ProductKernels {

  // Terms of a sum that are added in one go: the panel of a wide tile is 32 KiB for the first-level
  // cache. In between, sums go through C.
  private static final int DEPTH = 128;
  // Columns whose panels are in scratch at a time, 256 KiB for the second-level cache.
  private static final int COLUMNS = 512;
  // Rows multiplied by all those panels before the next rows are: A comes from beyond that cache
  // once.
  private static final int CHUNK = 4 * ROWS;
  // Terms after which A has left the third-level cache, so all columns use them first.
  private static final int TERMS = 16 * DEPTH;
  // Where the tile is that stands in for one at the edge of C, after the panels.
  private static final int EDGE = Floats.FRONT + DEPTH * COLUMNS;
  // Fewer rows than this read B in place: copying a panel costs about two rows of arithmetic.
  private static final int ROWS_WORTH_A_COPY = 4 * ROWS;
  // Fewer rows than this stream B row by row, at the speed of memory.
  private static final int ROWS_WORTH_TILES = 4;

  private static final float[] ZEROS = new float[WIDE];

  @Override
  public void product(Product p) {
    if (p.form != Form.A_BT && p.m < ROWS_WORTH_TILES) {
      for (int i = 0; i < p.m; i++) {
        ScalarProduct.start(p, i);
        addRow(p, i);
      }
      return;
    }
    if (VectorTallProduct.PREFERRED && VectorTallProduct.takes(p)) {
      VectorTallProduct.product(p);
      return;
    }
    // Where there are no terms, C is S.
    for (int terms = 0; terms == 0 || terms < p.k; terms += TERMS) {
      int end = Math.min(p.k, terms + TERMS);
      for (int column = 0; column < p.n; column += COLUMNS) {
        for (int j = terms; j == 0 || j < end; j += DEPTH) {
          panels(p, column, j);
        }
      }
    }
  }

  @Override
  public void multiply(PackedProduct product) {
    if (product.weights instanceof MixedWeights mixed) {
      mixed.multiply(this, product);
      return;
    }
    VectorLinear.multiply(product);
  }

  @Override
  public boolean prepares(PackedProduct product) {
    return product.weights.quantized() || VectorFloatTiles.prepares(product);
  }

  @Override
  public void prepareRows(PackedProduct product) {
    if (product.weights.quantized()) {
      VectorRowQuantizer.quantizeRows(product);
    } else {
      VectorFloatTiles.prepare(product);
    }
  }

  @Override
  public float dot(int n, float[] x, int xAt, float[] y, int yAt) {
    return VectorSums.dot(n, x, xAt, y, yAt);
  }

  @Override
  public void quantize(int n, float[] x, float[] scales, float[] minima) {
    for (int lane = 0; lane < PackedWeights.PANEL; lane += VL) {
      VectorQuantizer.quantize(n, x, lane, scales, minima);
    }
  }

  /** Adds some terms to some columns of C. */
  private static void panels(Product p, int column, int term) {
    boolean transposed = p.form == Form.A_BT;
    int width = Math.min(COLUMNS, p.n - column);
    int depth = Math.min(DEPTH, p.k - term);
    // Whole panels are copied where that pays; the narrow one at the end always is.
    boolean copied = transposed || p.m >= ROWS_WORTH_A_COPY;
    int first = copied ? 0 : width - width % NARROW;
    int from = p.b(term, column + first);
    VectorPacking.columns(p.form, WIDE, width - first, depth, p.b, from, p.ldb, p.scratch);
    Tile t = p.tile;
    t.k = depth;
    t.a = p.a;
    t.rowStep = p.rowStep();
    t.kStep = p.kStep();
    t.c = p.c;
    t.ldc = p.ldc;
    float[] s = term == 0 ? p.start : p.c;
    t.s = s == null ? ZEROS : s;
    t.lds = s == null ? 0 : term == 0 ? p.lds : p.ldc;
    int sAt = (term == 0 ? p.startAt : p.cAt) + column;
    for (int row = 0; row < p.m; row += CHUNK) {
      for (int i = 0; i < width; i += t.width) {
        boolean inScratch = i >= first;
        t.rows = Math.min(CHUNK, p.m - row);
        t.width = panel(WIDE, (inScratch ? width : first) - i);
        t.aAt = p.a(row, term);
        t.b = inScratch ? p.scratch : p.b;
        t.bAt = inScratch ? Floats.FRONT + (i - first) * depth : p.b(term, column + i);
        t.ldb = inScratch ? t.width : p.ldb;
        t.sAt = s == null ? 0 : sAt + row * t.lds + i;
        t.cAt = p.cAt + row * p.ldc + column + i;
        rows(t, Math.min(t.width, width - i), p.scratch);
      }
    }
  }

  /** How wide the next panel is when this many columns are left. */
  static int panel(int widest, int columns) {
    return columns > NARROW ? widest : NARROW;
  }

  /**
   * Multiplies all rows of the tile's A, which may be more than fit in a tile, by its panel.
   * Changes the tile.
   *
   * @param columns of C; if the panel is wider, it is padded with zeros
   */
  static void rows(Tile t, int columns, float[] scratch) {
    int m = t.rows;
    int aAt = t.aAt;
    float[] s = t.s;
    int sAt = t.sAt;
    int lds = t.lds;
    float[] c = t.c;
    int cAt = t.cAt;
    int ldc = t.ldc;
    for (int i = 0; i < m; i += ROWS) {
      int rows = Math.min(ROWS, m - i);
      int from = sAt + i * lds;
      int to = cAt + i * ldc;
      t.rows = rows;
      t.aAt = aAt + i * t.rowStep;
      if (rows == VectorTiles.height(rows) && columns == t.width) {
        t.sAt = from;
        t.cAt = to;
        VectorTiles.multiply(t);
        continue;
      }
      for (int r = 0; r < rows; r++) {
        System.arraycopy(s, from + r * lds, scratch, EDGE + r * t.width, columns);
      }
      t.s = scratch;
      t.c = scratch;
      t.sAt = EDGE;
      t.cAt = EDGE;
      t.lds = t.width;
      t.ldc = t.width;
      VectorTiles.multiply(t);
      t.s = s;
      t.c = c;
      t.lds = lds;
      t.ldc = ldc;
      for (int r = 0; r < rows; r++) {
        System.arraycopy(scratch, EDGE + r * t.width, c, to + r * ldc, columns);
      }
    }
  }

  /** c[n] += a[k]·b[k][n], four rows of B at a time. */
  private static void addRow(Product p, int row) {
    int n = p.n;
    int k = p.k;
    float[] a = p.a;
    int aAt = p.a(row, 0);
    int kStep = p.kStep();
    float[] b = p.b;
    int bAt = p.bAt;
    int ldb = p.ldb;
    float[] c = p.c;
    int cAt = p.cAt + row * p.ldc;
    int bound = SPECIES.loopBound(n);
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
      for (int i = 0; i < bound; i += VL) {
        FloatVector sum = FloatVector.fromArray(SPECIES, c, cAt + i);
        sum = f0.fma(FloatVector.fromArray(SPECIES, b, b0 + i), sum);
        sum = f1.fma(FloatVector.fromArray(SPECIES, b, b1 + i), sum);
        sum = f2.fma(FloatVector.fromArray(SPECIES, b, b2 + i), sum);
        sum = f3.fma(FloatVector.fromArray(SPECIES, b, b3 + i), sum);
        sum.intoArray(c, cAt + i);
      }
      for (int i = bound; i < n; i++) {
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
