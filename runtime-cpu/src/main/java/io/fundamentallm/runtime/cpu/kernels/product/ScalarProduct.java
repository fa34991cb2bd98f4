package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.math.ScalarSums;
import java.util.Arrays;

/**
 * The matrix product in plain Java: eight rows of B at a time are added to each row of C. The inner
 * loop runs along the columns, where C2 can vectorise it without touching the order of any sum.
 *
 * <p>C2 vectorises only where it can prove that a store does not reach a later load, which it can
 * for constant distances within one array. So a row of C and eight rows of B are copied into
 * scratch, a fixed distance apart; that is three to five times faster than using them in place.
 */
public final class ScalarProduct implements ProductKernels {

  // Columns at a time, and the distance between rows in scratch: the row of C, then those of B.
  private static final int WIDTH = 256;
  // Rows of B at a time.
  private static final int DEPTH = 8;

  @Override
  public void product(Product product) {
    multiplyMatrices(product);
  }

  @Override
  public void multiply(PackedProduct product) {
    if (product.weights instanceof MixedWeights mixed) {
      mixed.multiply(this, product);
      return;
    }
    ScalarLinear.multiply(product);
  }

  @Override
  public void prepareRows(PackedProduct product) {
    ScalarLinear.quantizeRows(product);
  }

  @Override
  public float dot(int n, float[] x, int xAt, float[] y, int yAt) {
    return ScalarSums.dot(n, x, xAt, y, yAt);
  }

  @Override
  public void quantize(int n, float[] x, float[] scales, float[] minima) {
    for (int lane = 0; lane < PackedWeights.PANEL; lane++) {
      ScalarQuantizer.quantize(n, x, lane, scales, minima);
    }
  }

  /** {@link ProductKernels#product}, which other scalar kernels are built on. */
  public static void multiplyMatrices(Product p) {
    float[] a = p.a;
    float[] b = p.b;
    float[] c = p.c;
    float[] scratch = p.scratch;
    for (int i = 0; i < p.m; i++) {
      start(p, i);
    }
    for (int n0 = 0; n0 < p.n; n0 += WIDTH) {
      int columns = Math.min(WIDTH, p.n - n0);
      for (int k0 = 0; k0 < p.k; k0 += DEPTH) {
        int depth = Math.min(DEPTH, p.k - k0);
        if (p.form == Form.A_BT) {
          transpose(columns, depth, b, p.b(k0, n0), p.ldb, scratch, WIDTH, WIDTH);
        } else {
          for (int j = 0; j < depth; j++) {
            System.arraycopy(b, p.b(k0 + j, n0), scratch, (j + 1) * WIDTH, columns);
          }
        }
        for (int i = 0; i < p.m; i++) {
          int row = p.cAt + i * p.ldc + n0;
          System.arraycopy(c, row, scratch, 0, columns);
          addRows(columns, depth, a, p.a(i, k0), p.kStep(), scratch);
          System.arraycopy(scratch, 0, c, row, columns);
        }
      }
    }
  }

  /** Writes the start of a row of sums into C. */
  static void start(Product p, int i) {
    int row = p.cAt + i * p.ldc;
    int from = p.startAt + i * p.lds;
    if (p.start == null) {
      Arrays.fill(p.c, row, row + p.n, 0f);
    } else if (p.start != p.c || from != row) {
      System.arraycopy(p.start, from, p.c, row, p.n);
    }
  }

  /** Writes the rows of b [rows][columns] as the columns of out. */
  public static void transpose(
      int rows, int columns, float[] b, int bAt, int ldb, float[] out, int outAt, int ldo) {
    int r = 0;
    for (; r <= rows - 8; r += 8) {
      int from = bAt + r * ldb;
      int to = outAt + r;
      for (int j = 0; j < columns; j++, from++, to += ldo) {
        out[to] = b[from];
        out[to + 1] = b[from + ldb];
        out[to + 2] = b[from + 2 * ldb];
        out[to + 3] = b[from + 3 * ldb];
        out[to + 4] = b[from + 4 * ldb];
        out[to + 5] = b[from + 5 * ldb];
        out[to + 6] = b[from + 6 * ldb];
        out[to + 7] = b[from + 7 * ldb];
      }
    }
    for (; r < rows; r++) {
      for (int j = 0; j < columns; j++) {
        out[outAt + j * ldo + r] = b[bAt + r * ldb + j];
      }
    }
  }

  /** Adds to the row of C in scratch a[k] times row k of B, where a's elements are kStep apart. */
  private static void addRows(int n, int k, float[] a, int aAt, int kStep, float[] scratch) {
    if (k == DEPTH) {
      addEight(n, a, aAt, kStep, scratch);
      return;
    }
    for (int j = 0; j < k; j++) {
      float factor = a[aAt + j * kStep];
      int row = (j + 1) * WIDTH;
      for (int i = 0; i < n; i++) {
        scratch[i] = Math.fma(factor, scratch[row + i], scratch[i]);
      }
    }
  }

  private static void addEight(int n, float[] a, int aAt, int kStep, float[] x) {
    float a0 = a[aAt];
    float a1 = a[aAt + kStep];
    float a2 = a[aAt + 2 * kStep];
    float a3 = a[aAt + 3 * kStep];
    float a4 = a[aAt + 4 * kStep];
    float a5 = a[aAt + 5 * kStep];
    float a6 = a[aAt + 6 * kStep];
    float a7 = a[aAt + 7 * kStep];
    for (int i = 0; i < n; i++) {
      float sum = Math.fma(a0, x[i + WIDTH], x[i]);
      sum = Math.fma(a1, x[i + 2 * WIDTH], sum);
      sum = Math.fma(a2, x[i + 3 * WIDTH], sum);
      sum = Math.fma(a3, x[i + 4 * WIDTH], sum);
      sum = Math.fma(a4, x[i + 5 * WIDTH], sum);
      sum = Math.fma(a5, x[i + 6 * WIDTH], sum);
      sum = Math.fma(a6, x[i + 7 * WIDTH], sum);
      x[i] = Math.fma(a7, x[i + 8 * WIDTH], sum);
    }
  }
}
