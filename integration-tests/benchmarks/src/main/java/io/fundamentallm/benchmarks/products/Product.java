package io.fundamentallm.benchmarks.products;

import io.fundamentallm.runtime.cpu.kernels.product.Form;

/** A library's product of matrices, all of them row-major. */
interface Product {
  /**
   * Takes the operands over into the library's own memory, which is not timed.
   *
   * @param m rows of the result
   * @param n columns of the result
   * @param k terms of each sum
   */
  Prepared prepare(Form form, int m, int n, int k, float[] a, float[] b);

  /** A product that can be computed again and again. */
  interface Prepared extends AutoCloseable {
    /** Computes it; this is timed. */
    void run();

    /** The elements of the result that stand at these places. */
    float[] result(int... places);

    @Override
    void close();
  }
}
