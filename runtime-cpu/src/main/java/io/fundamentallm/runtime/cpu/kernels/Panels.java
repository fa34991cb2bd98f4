package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.Nullable;

/**
 * The right factor of matrix products {@code C = S + A·B} whose rows several threads share: B is
 * copied once into the order in which the kernels read it, instead of once for each piece of rows.
 * Bit for bit the products of {@link Kernels#product}.
 *
 * <p>First {@link #of}, then {@link #copy} for each of the {@link #pieces}, on any threads; when
 * all are done, {@link #product} on any threads. The memory is kept for the next B.
 */
public interface Panels {

  /** Floats of memory for a B of n columns and k rows. */
  long size(int n, int k);

  /**
   * What is copied next.
   *
   * @param form {@link Form#A_B} where B is stored [K][N], {@link Form#A_BT} where it is [N][K]
   * @param n columns of B
   * @param k rows of B, at least 1
   */
  void of(Form form, int n, int k, float[] b, int bAt, int ldb);

  /** In how many pieces B is copied. */
  int pieces();

  /** Copies one of them. */
  void copy(int piece);

  /**
   * Computes rows of C.
   *
   * @param m rows of A and C
   * @param a [m][k]
   * @param start S, or null for zeros; as for {@link Kernels#product}
   * @param c [m][n]
   * @param scratch at least {@link Kernels#SCRATCH} floats
   */
  void product(
      int m,
      float[] a,
      int aAt,
      int lda,
      float @Nullable [] start,
      int startAt,
      int lds,
      float[] c,
      int cAt,
      int ldc,
      float[] scratch);
}
