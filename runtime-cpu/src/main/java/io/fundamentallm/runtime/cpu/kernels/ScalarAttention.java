package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.PANEL;

/**
 * {@link Kernels#scores} and {@link Kernels#attentionOutput} in plain Java: products with one block
 * each.
 */
final class ScalarAttention {

  private ScalarAttention() {}

  static void scores(
      int m,
      int d,
      float[] q,
      int qAt,
      int ldq,
      int blocks,
      float[][] keys,
      int keysAt,
      float[] s,
      int sAt,
      int lds,
      float[] scratch) {
    for (int b = 0; b < blocks; b++) {
      int to = sAt + b * PANEL;
      ScalarProduct.product(
          Form.A_B, m, PANEL, d, q, qAt, ldq, keys[b], keysAt, PANEL, null, 0, 0, s, to, lds,
          scratch);
    }
  }

  static void attentionOutput(
      int m,
      int n,
      int k,
      float[] p,
      int pAt,
      int ldp,
      float[][] values,
      int valuesAt,
      float[] c,
      int cAt,
      int ldc,
      float[] scratch) {
    for (int from = 0; from < k; from += PANEL) {
      float[] block = values[from / PANEL];
      int count = Math.min(PANEL, k - from);
      for (int column = 0; column < n; column += PANEL) {
        int panel = valuesAt + column * PANEL;
        int to = cAt + column;
        ScalarProduct.product(
            Form.A_B,
            m,
            PANEL,
            count,
            p,
            pAt + from,
            ldp,
            block,
            panel,
            PANEL,
            c,
            to,
            ldc,
            c,
            to,
            ldc,
            scratch);
      }
    }
  }
}
