package io.fundamentallm.benchmarks.products;

import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import io.fundamentallm.runtime.cpu.kernels.TeamProduct;

/** This library's product, computed by a team. */
final class OurProduct implements Product {
  private final TeamProduct product;

  OurProduct(int threads) {
    product = new TeamProduct(Kernels.best(), Parallel.ofThreads(threads));
  }

  @Override
  public Prepared prepare(Form form, int m, int n, int k, float[] a, float[] b) {
    float[] c = new float[m * n];
    int lda = form == Form.AT_B ? m : k;
    int ldb = form == Form.A_BT ? k : n;
    return new Prepared() {
      @Override
      public void run() {
        product.run(form, m, n, k, a, 0, lda, b, 0, ldb, null, 0, 0, c, 0, n);
      }

      @Override
      public float[] result(int... places) {
        float[] elements = new float[places.length];
        for (int i = 0; i < places.length; i++) {
          elements[i] = c[places[i]];
        }
        return elements;
      }

      @Override
      public void close() {}
    };
  }
}
