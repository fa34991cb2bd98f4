package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The tiles of {@link VectorTiles} for the last rows, four or fewer: a batch of sixteen is two
 * tiles of six and one of these, which makes it an eighth faster. Written out like those, because
 * values that cross a call or are in an array are kept in memory.
 */
final class VectorLowTiles {

  private VectorLowTiles() {}

  /** Four rows by four vectors. */
  static void four4(
      int last,
      int k,
      float[] a,
      int aAt,
      int rowStep,
      int kStep,
      float[] b,
      int bAt,
      int ldb,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
    int a1 = aAt + Math.min(1, last) * rowStep;
    int a2 = aAt + Math.min(2, last) * rowStep;
    int a3 = aAt + Math.min(3, last) * rowStep;
    FloatVector s00 = FloatVector.fromArray(SPECIES, s, sAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, s, sAt + VL);
    FloatVector s02 = FloatVector.fromArray(SPECIES, s, sAt + 2 * VL);
    FloatVector s03 = FloatVector.fromArray(SPECIES, s, sAt + 3 * VL);
    FloatVector s10 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds);
    FloatVector s11 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds + VL);
    FloatVector s12 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds + 2 * VL);
    FloatVector s13 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds + 3 * VL);
    FloatVector s20 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds);
    FloatVector s21 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds + VL);
    FloatVector s22 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds + 2 * VL);
    FloatVector s23 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds + 3 * VL);
    FloatVector s30 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds);
    FloatVector s31 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds + VL);
    FloatVector s32 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds + 2 * VL);
    FloatVector s33 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds + 3 * VL);
    for (int j = 0; j < Math.min(k, VectorTiles.TERMS); j++) {
      int row = bAt + j * ldb;
      int column = j * kStep;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, row + 2 * VL);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, row + 3 * VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[aAt + column]);
      s00 = f.fma(b0, s00);
      s01 = f.fma(b1, s01);
      s02 = f.fma(b2, s02);
      s03 = f.fma(b3, s03);
      f = FloatVector.broadcast(SPECIES, a[a1 + column]);
      s10 = f.fma(b0, s10);
      s11 = f.fma(b1, s11);
      s12 = f.fma(b2, s12);
      s13 = f.fma(b3, s13);
      f = FloatVector.broadcast(SPECIES, a[a2 + column]);
      s20 = f.fma(b0, s20);
      s21 = f.fma(b1, s21);
      s22 = f.fma(b2, s22);
      s23 = f.fma(b3, s23);
      f = FloatVector.broadcast(SPECIES, a[a3 + column]);
      s30 = f.fma(b0, s30);
      s31 = f.fma(b1, s31);
      s32 = f.fma(b2, s32);
      s33 = f.fma(b3, s33);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + VL);
    s02.intoArray(c, cAt + 2 * VL);
    s03.intoArray(c, cAt + 3 * VL);
    s10.intoArray(c, cAt + 1 * ldc);
    s11.intoArray(c, cAt + 1 * ldc + VL);
    s12.intoArray(c, cAt + 1 * ldc + 2 * VL);
    s13.intoArray(c, cAt + 1 * ldc + 3 * VL);
    s20.intoArray(c, cAt + 2 * ldc);
    s21.intoArray(c, cAt + 2 * ldc + VL);
    s22.intoArray(c, cAt + 2 * ldc + 2 * VL);
    s23.intoArray(c, cAt + 2 * ldc + 3 * VL);
    s30.intoArray(c, cAt + 3 * ldc);
    s31.intoArray(c, cAt + 3 * ldc + VL);
    s32.intoArray(c, cAt + 3 * ldc + 2 * VL);
    s33.intoArray(c, cAt + 3 * ldc + 3 * VL);
  }

  /** Four rows by two vectors. */
  static void four2(
      int last,
      int k,
      float[] a,
      int aAt,
      int rowStep,
      int kStep,
      float[] b,
      int bAt,
      int ldb,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
    int a1 = aAt + Math.min(1, last) * rowStep;
    int a2 = aAt + Math.min(2, last) * rowStep;
    int a3 = aAt + Math.min(3, last) * rowStep;
    FloatVector s00 = FloatVector.fromArray(SPECIES, s, sAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, s, sAt + VL);
    FloatVector s10 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds);
    FloatVector s11 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds + VL);
    FloatVector s20 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds);
    FloatVector s21 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds + VL);
    FloatVector s30 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds);
    FloatVector s31 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds + VL);
    for (int j = 0; j < Math.min(k, VectorTiles.TERMS); j++) {
      int row = bAt + j * ldb;
      int column = j * kStep;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[aAt + column]);
      s00 = f.fma(b0, s00);
      s01 = f.fma(b1, s01);
      f = FloatVector.broadcast(SPECIES, a[a1 + column]);
      s10 = f.fma(b0, s10);
      s11 = f.fma(b1, s11);
      f = FloatVector.broadcast(SPECIES, a[a2 + column]);
      s20 = f.fma(b0, s20);
      s21 = f.fma(b1, s21);
      f = FloatVector.broadcast(SPECIES, a[a3 + column]);
      s30 = f.fma(b0, s30);
      s31 = f.fma(b1, s31);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + VL);
    s10.intoArray(c, cAt + 1 * ldc);
    s11.intoArray(c, cAt + 1 * ldc + VL);
    s20.intoArray(c, cAt + 2 * ldc);
    s21.intoArray(c, cAt + 2 * ldc + VL);
    s30.intoArray(c, cAt + 3 * ldc);
    s31.intoArray(c, cAt + 3 * ldc + VL);
  }
}
