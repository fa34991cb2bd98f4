package io.fundamentallm.runtime.cpu.kernels;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The matrix product in plain Java: for each row of C, eight rows of B at a time are added to it.
 * The inner loop runs along the columns, where C2 can vectorise it without touching the order of
 * any sum.
 */
final class ScalarProduct {

  // A transposed panel of B: 64 columns of C by 256 k.
  private static final int PANEL = 64;
  private static final int PANEL_K = 256;

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
    if (form != Form.A_BT) {
      for (int i = 0; i < m; i++) {
        addRow(n, k, a, aAt + i * rowStep, kStep, b, bAt, ldb, c, cAt + i * ldc);
      }
      return;
    }
    for (int n0 = 0; n0 < n; n0 += PANEL) {
      int columns = Math.min(PANEL, n - n0);
      for (int k0 = 0; k0 < k; k0 += PANEL_K) {
        int depth = Math.min(PANEL_K, k - k0);
        transpose(columns, depth, b, bAt + n0 * ldb + k0, ldb, scratch, 0, PANEL);
        for (int i = 0; i < m; i++) {
          int from = aAt + i * rowStep + k0 * kStep;
          addRow(columns, depth, a, from, kStep, scratch, 0, PANEL, c, cAt + i * ldc + n0);
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

  /** c[n] += a[k]·b[k][n], where a's elements lie kStep apart. */
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
    int j = 0;
    for (; j <= k - 8; j += 8) {
      addEight(n, a, aAt + j * kStep, kStep, b, bAt + j * ldb, ldb, c, cAt);
    }
    for (; j < k; j++) {
      float factor = a[aAt + j * kStep];
      int from = bAt + j * ldb;
      for (int i = 0; i < n; i++) {
        c[cAt + i] = Math.fma(factor, b[from + i], c[cAt + i]);
      }
    }
  }

  private static void addEight(
      int n, float[] a, int aAt, int kStep, float[] b, int b0, int ldb, float[] c, int cAt) {
    float a0 = a[aAt];
    float a1 = a[aAt + kStep];
    float a2 = a[aAt + 2 * kStep];
    float a3 = a[aAt + 3 * kStep];
    float a4 = a[aAt + 4 * kStep];
    float a5 = a[aAt + 5 * kStep];
    float a6 = a[aAt + 6 * kStep];
    float a7 = a[aAt + 7 * kStep];
    int b1 = b0 + ldb;
    int b2 = b1 + ldb;
    int b3 = b2 + ldb;
    int b4 = b3 + ldb;
    int b5 = b4 + ldb;
    int b6 = b5 + ldb;
    int b7 = b6 + ldb;
    for (int i = 0; i < n; i++) {
      float sum = Math.fma(a0, b[b0 + i], c[cAt + i]);
      sum = Math.fma(a1, b[b1 + i], sum);
      sum = Math.fma(a2, b[b2 + i], sum);
      sum = Math.fma(a3, b[b3 + i], sum);
      sum = Math.fma(a4, b[b4 + i], sum);
      sum = Math.fma(a5, b[b5 + i], sum);
      sum = Math.fma(a6, b[b6 + i], sum);
      c[cAt + i] = Math.fma(a7, b[b7 + i], sum);
    }
  }
}
