package io.fundamentallm.benchmarks.products;

import io.fundamentallm.runtime.cpu.kernels.product.Form;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_full;

/** OpenBLAS's {@code cblas_sgemm}, its operands outside the heap. */
final class OpenBlas implements Product {
  OpenBlas(int threads) {
    openblas_full.openblas_set_num_threads(threads);
  }

  /** Its build, and which processor it takes this one for. */
  static String configuration() {
    return openblas_full.openblas_get_config().getString()
        + ", core "
        + openblas_full.openblas_get_corename().getString()
        + ", threads "
        + openblas_full.openblas_get_num_threads();
  }

  @Override
  public Prepared prepare(Form form, int m, int n, int k, float[] a, float[] b) {
    FloatPointer left = new FloatPointer(a);
    FloatPointer right = new FloatPointer(b);
    FloatPointer result = new FloatPointer((long) m * n);
    int transposeLeft = form == Form.AT_B ? openblas_full.CblasTrans : openblas_full.CblasNoTrans;
    int transposeRight = form == Form.A_BT ? openblas_full.CblasTrans : openblas_full.CblasNoTrans;
    int rowOfLeft = form == Form.AT_B ? m : k;
    int rowOfRight = form == Form.A_BT ? k : n;
    return new Prepared() {
      @Override
      public void run() {
        openblas_full.cblas_sgemm(
            openblas_full.CblasRowMajor,
            transposeLeft,
            transposeRight,
            m,
            n,
            k,
            1,
            left,
            rowOfLeft,
            right,
            rowOfRight,
            0,
            result,
            n);
      }

      @Override
      public float[] result(int... places) {
        float[] elements = new float[places.length];
        for (int i = 0; i < places.length; i++) {
          elements[i] = result.get(places[i]);
        }
        return elements;
      }

      @Override
      public void close() {
        left.close();
        right.close();
        result.close();
      }
    };
  }
}
