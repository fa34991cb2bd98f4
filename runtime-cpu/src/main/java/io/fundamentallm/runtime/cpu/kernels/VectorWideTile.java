package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.VL;

import jdk.incubator.vector.FloatVector;

/**
 * Four rows times float weights four registers wide: the first rows of a product of many, which
 * fetch the weights of a group from memory in one stream. The tiles of the other rows, which read
 * half a group each, then find them in the second-level cache; from memory, they would get half as
 * many bytes a second.
 */
final class VectorWideTile {

  /** Rows of the tile. */
  static final int ROWS = 4;

  /** Columns of the tile. */
  static final int COLUMNS = 4 * VL;

  /** Whether there are registers for its sixteen sums. */
  static final boolean FITS = VL >= 16 && COLUMNS == PackedWeights.GROUP * PackedWeights.PANEL;

  private VectorWideTile() {}

  /** Adds to C [ROWS][COLUMNS] the product of A [ROWS][k] and B [k][COLUMNS]. */
  static void multiply(
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      int ldb,
      float[] c,
      int cAt,
      int ldc) {
    int a1 = aAt + 1 * lda;
    int c1 = cAt + 1 * ldc;
    int a2 = aAt + 2 * lda;
    int c2 = cAt + 2 * ldc;
    int a3 = aAt + 3 * lda;
    int c3 = cAt + 3 * ldc;
    FloatVector s00 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, c, cAt + 1 * VL);
    FloatVector s02 = FloatVector.fromArray(SPECIES, c, cAt + 2 * VL);
    FloatVector s03 = FloatVector.fromArray(SPECIES, c, cAt + 3 * VL);
    FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + 1 * VL);
    FloatVector s12 = FloatVector.fromArray(SPECIES, c, c1 + 2 * VL);
    FloatVector s13 = FloatVector.fromArray(SPECIES, c, c1 + 3 * VL);
    FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + 1 * VL);
    FloatVector s22 = FloatVector.fromArray(SPECIES, c, c2 + 2 * VL);
    FloatVector s23 = FloatVector.fromArray(SPECIES, c, c2 + 3 * VL);
    FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + 1 * VL);
    FloatVector s32 = FloatVector.fromArray(SPECIES, c, c3 + 2 * VL);
    FloatVector s33 = FloatVector.fromArray(SPECIES, c, c3 + 3 * VL);
    for (int j = 0; j < k; j++) {
      int row = bAt + j * ldb;
      FloatVector w0 = FloatVector.fromArray(SPECIES, b, row);
      FloatVector w1 = FloatVector.fromArray(SPECIES, b, row + 1 * VL);
      FloatVector w2 = FloatVector.fromArray(SPECIES, b, row + 2 * VL);
      FloatVector w3 = FloatVector.fromArray(SPECIES, b, row + 3 * VL);
      FloatVector f;
      f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      s00 = f.fma(w0, s00);
      s01 = f.fma(w1, s01);
      s02 = f.fma(w2, s02);
      s03 = f.fma(w3, s03);
      f = FloatVector.broadcast(SPECIES, a[a1 + j]);
      s10 = f.fma(w0, s10);
      s11 = f.fma(w1, s11);
      s12 = f.fma(w2, s12);
      s13 = f.fma(w3, s13);
      f = FloatVector.broadcast(SPECIES, a[a2 + j]);
      s20 = f.fma(w0, s20);
      s21 = f.fma(w1, s21);
      s22 = f.fma(w2, s22);
      s23 = f.fma(w3, s23);
      f = FloatVector.broadcast(SPECIES, a[a3 + j]);
      s30 = f.fma(w0, s30);
      s31 = f.fma(w1, s31);
      s32 = f.fma(w2, s32);
      s33 = f.fma(w3, s33);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + 1 * VL);
    s02.intoArray(c, cAt + 2 * VL);
    s03.intoArray(c, cAt + 3 * VL);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + 1 * VL);
    s12.intoArray(c, c1 + 2 * VL);
    s13.intoArray(c, c1 + 3 * VL);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + 1 * VL);
    s22.intoArray(c, c2 + 2 * VL);
    s23.intoArray(c, c2 + 3 * VL);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + 1 * VL);
    s32.intoArray(c, c3 + 2 * VL);
    s33.intoArray(c, c3 + 3 * VL);
  }
}
