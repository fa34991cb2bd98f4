package io.fundamentallm.benchmarks.products;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;

/** This library's product, computed by a team. */
final class OurProduct implements Product {
  private final TeamProduct product;

  OurProduct(int threads) {
    this(Kernels.best().product(), Parallel.ofThreads(threads));
  }

  OurProduct(ProductKernels kernels, Parallel parallel) {
    product = new TeamProduct(kernels, parallel);
  }

  @Override
  public Prepared prepare(Form form, int m, int n, int k, float[] a, float[] b) {
    float[] c = new float[m * n];
    int lda = form == Form.AT_B ? m : k;
    int ldb = form == Form.A_BT ? k : n;
    return new Prepared() {
      @Override
      public void run() {
        product.shape(form, m, n, k).left(a, 0, lda).right(b, 0, ldb).into(c, 0, n);
        product.run();
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
