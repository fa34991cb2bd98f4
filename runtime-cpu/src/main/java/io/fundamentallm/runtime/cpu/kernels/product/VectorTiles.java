package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The register-blocked heart of the matrix product: {@code C = S + A·B} for a few rows of A and a
 * few vectors of columns. C lives in registers while k runs; each element of it is one chain of
 * fused multiply-adds over ascending k.
 *
 * <p>A is read in place, by two steps: one kernel serves A and its transpose, and A need not be
 * copied. Six rows by four vectors fill 24 of the 32 registers of AVX-512. They read ten vectors
 * for 24 multiply-adds, where twelve rows by two read fourteen, and six rows are few enough for C2
 * to keep the address of each in a register: reading A in place, that is the difference between 95
 * % and 80 % of the peak of a Zen 5 core. Six by two fill the 16 registers of AVX2. {@link
 * VectorLowTiles} are for the last rows of a matrix.
 */
final class VectorTiles {

  /** Rows of a tile. */
  static final int ROWS = 6;

  /** Columns of a tile at the edge. */
  static final int NARROW = 2 * VL;

  /** Columns of a tile. */
  static final int WIDE = VL >= 16 ? 4 * VL : NARROW;

  /**
   * The most terms. If C2 knows that a loop is short, the loop needs no safepoint poll, which it
   * otherwise has with G1. Around the poll, C2 keeps the sums in memory and in objects, and
   * training is 8 % slower.
   */
  static final int TERMS = 512;

  private VectorTiles() {}

  /** The height of the lowest tile that has this many rows, which are at most ROWS. */
  static int height(int rows) {
    return rows <= 4 ? 4 : ROWS;
  }

  /**
   * Computes C [{@link #height}][width].
   *
   * @param t its rows are from 1 to ROWS, and the last stands in for those that C has beyond; its
   *     width is WIDE or NARROW; it has at most TERMS terms
   */
  static void multiply(Tile t) {
    if (t.k > TERMS) {
      throw new IllegalArgumentException(t.k + " terms; at most " + TERMS);
    }
    if (t.rows <= 4) {
      if (t.width == NARROW) {
        VectorLowTiles.four2(
            t.rows - 1,
            t.k,
            t.a,
            t.aAt,
            t.rowStep,
            t.kStep,
            t.b,
            t.bAt,
            t.ldb,
            t.s,
            t.sAt,
            t.lds,
            t.c,
            t.cAt,
            t.ldc);
      } else {
        VectorLowTiles.four4(
            t.rows - 1,
            t.k,
            t.a,
            t.aAt,
            t.rowStep,
            t.kStep,
            t.b,
            t.bAt,
            t.ldb,
            t.s,
            t.sAt,
            t.lds,
            t.c,
            t.cAt,
            t.ldc);
      }
    } else if (t.width == NARROW) {
      six2(
          t.rows - 1,
          t.k,
          t.a,
          t.aAt,
          t.rowStep,
          t.kStep,
          t.b,
          t.bAt,
          t.ldb,
          t.s,
          t.sAt,
          t.lds,
          t.c,
          t.cAt,
          t.ldc);
    } else {
      six4(
          t.rows - 1,
          t.k,
          t.a,
          t.aAt,
          t.rowStep,
          t.kStep,
          t.b,
          t.bAt,
          t.ldb,
          t.s,
          t.sAt,
          t.lds,
          t.c,
          t.cAt,
          t.ldc);
    }
  }

  // The tiles take their numbers as parameters: if they read the same numbers from the tile's
  // fields, JDK 17's compiler makes them a third slower.

  /** Six rows by four vectors. */
  private static void six4(
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
    int a4 = aAt + Math.min(4, last) * rowStep;
    int a5 = aAt + Math.min(5, last) * rowStep;
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
    FloatVector s40 = FloatVector.fromArray(SPECIES, s, sAt + 4 * lds);
    FloatVector s41 = FloatVector.fromArray(SPECIES, s, sAt + 4 * lds + VL);
    FloatVector s42 = FloatVector.fromArray(SPECIES, s, sAt + 4 * lds + 2 * VL);
    FloatVector s43 = FloatVector.fromArray(SPECIES, s, sAt + 4 * lds + 3 * VL);
    FloatVector s50 = FloatVector.fromArray(SPECIES, s, sAt + 5 * lds);
    FloatVector s51 = FloatVector.fromArray(SPECIES, s, sAt + 5 * lds + VL);
    FloatVector s52 = FloatVector.fromArray(SPECIES, s, sAt + 5 * lds + 2 * VL);
    FloatVector s53 = FloatVector.fromArray(SPECIES, s, sAt + 5 * lds + 3 * VL);
    for (int j = 0; j < Math.min(k, TERMS); j++) {
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
      f = FloatVector.broadcast(SPECIES, a[a4 + column]);
      s40 = f.fma(b0, s40);
      s41 = f.fma(b1, s41);
      s42 = f.fma(b2, s42);
      s43 = f.fma(b3, s43);
      f = FloatVector.broadcast(SPECIES, a[a5 + column]);
      s50 = f.fma(b0, s50);
      s51 = f.fma(b1, s51);
      s52 = f.fma(b2, s52);
      s53 = f.fma(b3, s53);
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
    s40.intoArray(c, cAt + 4 * ldc);
    s41.intoArray(c, cAt + 4 * ldc + VL);
    s42.intoArray(c, cAt + 4 * ldc + 2 * VL);
    s43.intoArray(c, cAt + 4 * ldc + 3 * VL);
    s50.intoArray(c, cAt + 5 * ldc);
    s51.intoArray(c, cAt + 5 * ldc + VL);
    s52.intoArray(c, cAt + 5 * ldc + 2 * VL);
    s53.intoArray(c, cAt + 5 * ldc + 3 * VL);
  }

  /** Six rows by two vectors. */
  private static void six2(
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
    int a4 = aAt + Math.min(4, last) * rowStep;
    int a5 = aAt + Math.min(5, last) * rowStep;
    FloatVector s00 = FloatVector.fromArray(SPECIES, s, sAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, s, sAt + VL);
    FloatVector s10 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds);
    FloatVector s11 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds + VL);
    FloatVector s20 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds);
    FloatVector s21 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds + VL);
    FloatVector s30 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds);
    FloatVector s31 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds + VL);
    FloatVector s40 = FloatVector.fromArray(SPECIES, s, sAt + 4 * lds);
    FloatVector s41 = FloatVector.fromArray(SPECIES, s, sAt + 4 * lds + VL);
    FloatVector s50 = FloatVector.fromArray(SPECIES, s, sAt + 5 * lds);
    FloatVector s51 = FloatVector.fromArray(SPECIES, s, sAt + 5 * lds + VL);
    for (int j = 0; j < Math.min(k, TERMS); j++) {
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
      f = FloatVector.broadcast(SPECIES, a[a4 + column]);
      s40 = f.fma(b0, s40);
      s41 = f.fma(b1, s41);
      f = FloatVector.broadcast(SPECIES, a[a5 + column]);
      s50 = f.fma(b0, s50);
      s51 = f.fma(b1, s51);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + VL);
    s10.intoArray(c, cAt + 1 * ldc);
    s11.intoArray(c, cAt + 1 * ldc + VL);
    s20.intoArray(c, cAt + 2 * ldc);
    s21.intoArray(c, cAt + 2 * ldc + VL);
    s30.intoArray(c, cAt + 3 * ldc);
    s31.intoArray(c, cAt + 3 * ldc + VL);
    s40.intoArray(c, cAt + 4 * ldc);
    s41.intoArray(c, cAt + 4 * ldc + VL);
    s50.intoArray(c, cAt + 5 * ldc);
    s51.intoArray(c, cAt + 5 * ldc + VL);
  }
}
