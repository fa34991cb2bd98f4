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
    return aAt + row * rowStep() + j * kStep();
  }

  /** Distance between two rows of A. */
  int rowStep() {
    return form == Form.AT_B ? 1 : lda;
  }

  /** Distance between two neighbours in a row of A. */
  int kStep() {
    return form == Form.AT_B ? lda : 1;
  }

  /** Where element [j][column] of B lies. */
  int b(int j, int column) {
    return form == Form.A_BT ? bAt + column * ldb + j : bAt + j * ldb + column;
  }
}
