package io.fundamentallm.runtime.cpu.kernels.attention;

import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import io.fundamentallm.runtime.cpu.kernels.math.Half;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.ScalarProduct;

/** Attention in plain Java: it computes products block by block. */
public final class ScalarAttention extends ScalarSoftmax {

  @Override
  public void scores(BlockProduct p) {
    for (int b = 0; b < p.columns / PANEL; b++) {
      ScalarProduct.multiplyMatrices(
          p.floats
              .shape(Form.A_B, p.rows, PANEL, p.terms)
              .left(p.x, p.xAt, p.ldx)
              .right(p.blocks[b], p.blocksAt, PANEL)
              .into(p.y, p.yAt + b * PANEL, p.ldy));
    }
  }

  @Override
  public void output(BlockProduct p) {
    for (int from = 0; from < p.terms; from += PANEL) {
      int count = Math.min(PANEL, p.terms - from);
      for (int column = 0; column < p.columns; column += PANEL) {
        ScalarProduct.multiplyMatrices(
            p.floats
                .shape(Form.A_B, p.rows, PANEL, count)
                .left(p.x, p.xAt + from, p.ldx)
                .right(p.blocks[from / PANEL], p.blocksAt + column * PANEL, PANEL)
                .addTo(p.y, p.yAt + column, p.ldy));
      }
    }
  }

  @Override
  public void rotate(int half, float[] cosines, float[] sines, int tableAt, float[] x, int xAt) {
    turn(half, cosines, sines, tableAt, x, xAt);
  }

  static void turn(int half, float[] cosines, float[] sines, int tableAt, float[] x, int xAt) {
    for (int i = 0; i < half; i++) {
      float a = x[xAt + i];
      float b = x[xAt + half + i];
      float cosine = cosines[tableAt + i];
      float sine = sines[tableAt + i];
      x[xAt + i] = Math.fma(a, cosine, -(b * sine));
      x[xAt + half + i] = Math.fma(b, cosine, a * sine);
    }
  }

  @Override
  public void dequantize(int n, short[] half, int halfAt, float[] x, int xAt) {
    for (int i = 0; i < n; i++) {
      x[xAt + i] = Half.toFloat(half[halfAt + i]);
    }
  }

  @Override
  public void dequantizeKeys(
      int n, byte[] q, int qAt, float[] scales, int scalesAt, float[] x, int xAt) {
    for (int i = 0; i < n; i++) {
      x[xAt + i] = q[qAt + i] * scales[scalesAt + i % PANEL];
    }
  }

  @Override
  public void dequantizeValues(
      int n, byte[] q, int qAt, float[] scales, int scalesAt, float[] x, int xAt) {
    for (int i = 0; i < n; i++) {
      x[xAt + i] = q[qAt + i] * scales[scalesAt + i / PANEL];
    }
  }
}
