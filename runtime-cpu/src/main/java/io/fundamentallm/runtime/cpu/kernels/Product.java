package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.Nullable;

/**
 * The operands of {@link Kernels#product}, by the same names.
 *
 * @param m rows of C
 * @param n columns of C
 * @param k terms of each sum
 */
record Product(
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

  /** Where element [row][j] of A lies. */
  int a(int row, int j) {
    return form == Form.AT_B ? aAt + j * lda + row : aAt + row * lda + j;
  }

  /** Where element [j][column] of B lies. */
  int b(int j, int column) {
    return form == Form.A_BT ? bAt + column * ldb + j : bAt + j * ldb + column;
  }
}
