package io.fundamentallm.runtime.cpu.kernels.attention;

import static io.fundamentallm.runtime.cpu.kernels.attention.VectorAttentionOutput.NARROW;
import static io.fundamentallm.runtime.cpu.kernels.attention.VectorAttentionOutput.SQUARE;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import jdk.incubator.vector.FloatVector;

/** {@link VectorAttentionOutput} of a single row, as in decoding. */
final class VectorOutputRow {

  // Distance from the second vector of four to the third.
  private static final int SECOND_PAIR = VL >= 16 ? SQUARE : NARROW;

  private VectorOutputRow() {}

  /** Adds what the values of one block contribute. */
  static void add(BlockProduct p, int i, int from) {
    int n = p.columns;
    int k = Math.min(PANEL, p.terms - from);
    float[] a = p.x;
    int aAt = p.xAt + i * p.ldx + from;
    float[] values = p.blocks[from / PANEL];
    float[] c = p.y;
    int cAt = p.yAt + i * p.ldy;
    int pairs = VectorAttentionOutput.odd(n) ? n - 3 * VL : n;
    int column = 0;
    for (; column < pairs - NARROW; column += 2 * NARROW) {
      tile1By4(k, a, aAt, values, VectorAttentionOutput.valuesAt(p, column), c, cAt + column);
    }
    for (; column < pairs; column += NARROW) {
      tile1By2(k, a, aAt, values, VectorAttentionOutput.valuesAt(p, column), c, cAt + column);
    }
    if (column < n) {
      tile1By3(k, a, aAt, values, VectorAttentionOutput.valuesAt(p, column), c, cAt + column);
    }
  }

  /** One row by four vectors. */
  private static void tile1By4(int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    FloatVector u0 = FloatVector.fromArray(SPECIES, c, cAt + 2 * VL);
    FloatVector v0 = FloatVector.fromArray(SPECIES, c, cAt + 3 * VL);
    for (int j = 0; j < k; j++) {
      int row = bAt + j * PANEL;
      FloatVector x = FloatVector.fromArray(SPECIES, b, row);
      FloatVector y = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector z = FloatVector.fromArray(SPECIES, b, row + SECOND_PAIR);
      FloatVector w = FloatVector.fromArray(SPECIES, b, row + SECOND_PAIR + VL);
      FloatVector f;
      f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      s0 = f.fma(x, s0);
      t0 = f.fma(y, t0);
      u0 = f.fma(z, u0);
      v0 = f.fma(w, v0);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
    u0.intoArray(c, cAt + 2 * VL);
    v0.intoArray(c, cAt + 3 * VL);
  }

  /** One row by three vectors, of one panel and of half of the next. */
  private static void tile1By3(int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    FloatVector u0 = FloatVector.fromArray(SPECIES, c, cAt + 2 * VL);
    for (int j = 0; j < k; j++) {
      int row = bAt + j * PANEL;
      FloatVector x = FloatVector.fromArray(SPECIES, b, row);
      FloatVector y = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector z = FloatVector.fromArray(SPECIES, b, row + SQUARE);
      FloatVector f;
      f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      s0 = f.fma(x, s0);
      t0 = f.fma(y, t0);
      u0 = f.fma(z, u0);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
    u0.intoArray(c, cAt + 2 * VL);
  }

  /** One row by two vectors. */
  private static void tile1By2(int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    for (int j = 0; j < k; j++) {
      int row = bAt + j * PANEL;
      FloatVector x = FloatVector.fromArray(SPECIES, b, row);
      FloatVector y = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f;
      f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      s0 = f.fma(x, s0);
      t0 = f.fma(y, t0);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
  }
}
