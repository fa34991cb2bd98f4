package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.Nullable;

/** Reads B where it is: the scalar product copies what it needs anyway. */
final class ScalarPanels implements Panels {
  private Form form = Form.A_B;
  private int n;
  private int k;
  private float[] b = {};
  private int bAt;
  private int ldb;

  @Override
  public long size(int n, int k) {
    return 0;
  }

  @Override
  public void of(Form form, int n, int k, float[] b, int bAt, int ldb) {
    this.form = form;
    this.n = n;
    this.k = k;
    this.b = b;
    this.bAt = bAt;
    this.ldb = ldb;
  }

  @Override
  public int pieces() {
    return 0;
  }

  @Override
  public void copy(int piece) {
    throw new IndexOutOfBoundsException("there is nothing to copy");
  }

  @Override
  public void product(
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
      float[] scratch) {
    ScalarProduct.product(
        form, m, n, k, a, aAt, lda, b, bAt, ldb, start, startAt, lds, c, cAt, ldc, scratch);
  }
}
