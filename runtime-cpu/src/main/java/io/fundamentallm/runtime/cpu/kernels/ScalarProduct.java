package io.fundamentallm.runtime.cpu.kernels;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The matrix product in plain Java: eight rows of B at a time are added to each row of C. The inner
 * loop runs along the columns, where C2 can vectorise it without touching the order of any sum.
 *
 * <p>C2 vectorises only where it can prove that a store does not reach a later load, and it can for
 * distances that are constants within one array. So a row of C and eight rows of B are copied into
 * scratch, a fixed distance apart; that is three to five times faster than to use them where they
 * are.
 */
final class ScalarProduct {

  // Columns at a time, and the distance between rows in scratch: the row of C, then those of B.
  private static final int WIDTH = 256;
  // Rows of B at a time.
  private static final int DEPTH = 8;

  private ScalarProduct() {}

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
    int rowStep = form == Form.AT_B ? 1 : lda;
    int kStep = form == Form.AT_B ? lda : 1;
    for (int i = 0; i < m; i++) {
      int row = cAt + i * ldc;
      if (start == null) {
        Arrays.fill(c, row, row + n, 0f);
      } else if (start != c || startAt + i * lds != row) {
        System.arraycopy(start, startAt + i * lds, c, row, n);
      }
    }
    for (int n0 = 0; n0 < n; n0 += WIDTH) {
      int columns = Math.min(WIDTH, n - n0);
      for (int k0 = 0; k0 < k; k0 += DEPTH) {
        int depth = Math.min(DEPTH, k - k0);
        if (form == Form.A_BT) {
          transpose(columns, depth, b, bAt + n0 * ldb + k0, ldb, scratch, WIDTH, WIDTH);
        } else {
          for (int j = 0; j < depth; j++) {
            int row = bAt + (k0 + j) * ldb + n0;
            System.arraycopy(b, row, scratch, (j + 1) * WIDTH, columns);
          }
        }
        for (int i = 0; i < m; i++) {
          int row = cAt + i * ldc + n0;
          System.arraycopy(c, row, scratch, 0, columns);
          addRows(columns, depth, a, aAt + i * rowStep + k0 * kStep, kStep, scratch);
          System.arraycopy(scratch, 0, c, row, columns);
        }
      }
    }
  }

  /** Writes the rows of b [rows][columns] as the columns of out. */
  static void transpose(
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

  /** Adds to the row of C in scratch a[k] times row k of B, where a's elements lie kStep apart. */
  private static void addRows(int n, int k, float[] a, int aAt, int kStep, float[] scratch) {
    if (k == DEPTH) {
      addEight(
          n,
          a[aAt],
          a[aAt + kStep],
          a[aAt + 2 * kStep],
          a[aAt + 3 * kStep],
          a[aAt + 4 * kStep],
          a[aAt + 5 * kStep],
          a[aAt + 6 * kStep],
          a[aAt + 7 * kStep],
          scratch);
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

  private static void addEight(
      int n,
      float a0,
      float a1,
      float a2,
      float a3,
      float a4,
      float a5,
      float a6,
      float a7,
      float[] x) {
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
