package io.fundamentallm.runtime.cpu.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register-blocked heart of the matrix product: {@code C = S + A·B} for a few rows of A and two
 * vectors of columns. C lives in registers while k runs; each element of it is one chain of fused
 * multiply-adds over ascending k.
 *
 * <p>A is addressed by two steps, so that one kernel serves A and its transpose. Twelve rows by two
 * vectors fill 24 of the 32 registers of AVX-512; where registers are narrower there are 16, and
 * four rows fill them.
 */
final class VectorTiles {

  static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
  static final int VL = SPECIES.length();

  /** Columns of a tile. */
  static final int COLUMNS = 2 * VL;

  /** Rows of the largest tile. */
  static final int ROWS = 12;

  private static final boolean MANY_REGISTERS = VL >= 16;

  private VectorTiles() {}

  /**
   * Computes C [rows][COLUMNS], from A and B [k][COLUMNS].
   *
   * @param rows from 1 to ROWS
   * @param rowStep distance between two rows of A
   * @param kStep distance between two neighbours in a row of A
   * @param s S [rows][COLUMNS], what the sums start from; it may be C, or one row with lds 0
   */
  static void multiply(
      int rows,
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
    if (MANY_REGISTERS && rows == ROWS) {
      tile12(k, a, aAt, rowStep, kStep, b, bAt, ldb, s, sAt, lds, c, cAt, ldc);
      return;
    }
    int i = 0;
    for (; i <= rows - 4; i += 4) {
      tile4(
          k,
          a,
          aAt + i * rowStep,
          rowStep,
          kStep,
          b,
          bAt,
          ldb,
          s,
          sAt + i * lds,
          lds,
          c,
          cAt + i * ldc,
          ldc);
    }
    for (; i < rows; i++) {
      tile1(k, a, aAt + i * rowStep, kStep, b, bAt, ldb, s, sAt + i * lds, c, cAt + i * ldc);
    }
  }

  /** Twelve rows by two vectors: 24 accumulators. */
  private static void tile12(
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
    int c0 = cAt;
    int c1 = cAt + 1 * ldc;
    int c2 = cAt + 2 * ldc;
    int c3 = cAt + 3 * ldc;
    int c4 = cAt + 4 * ldc;
    int c5 = cAt + 5 * ldc;
    int c6 = cAt + 6 * ldc;
    int c7 = cAt + 7 * ldc;
    int c8 = cAt + 8 * ldc;
    int c9 = cAt + 9 * ldc;
    int ca = cAt + 10 * ldc;
    int cb = cAt + 11 * ldc;
    FloatVector s0 = FloatVector.fromArray(SPECIES, s, sAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, s, sAt + VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds);
    FloatVector t1 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds + VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds);
    FloatVector t2 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds + VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds);
    FloatVector t3 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds + VL);
    FloatVector s4 = FloatVector.fromArray(SPECIES, s, sAt + 4 * lds);
    FloatVector t4 = FloatVector.fromArray(SPECIES, s, sAt + 4 * lds + VL);
    FloatVector s5 = FloatVector.fromArray(SPECIES, s, sAt + 5 * lds);
    FloatVector t5 = FloatVector.fromArray(SPECIES, s, sAt + 5 * lds + VL);
    FloatVector s6 = FloatVector.fromArray(SPECIES, s, sAt + 6 * lds);
    FloatVector t6 = FloatVector.fromArray(SPECIES, s, sAt + 6 * lds + VL);
    FloatVector s7 = FloatVector.fromArray(SPECIES, s, sAt + 7 * lds);
    FloatVector t7 = FloatVector.fromArray(SPECIES, s, sAt + 7 * lds + VL);
    FloatVector s8 = FloatVector.fromArray(SPECIES, s, sAt + 8 * lds);
    FloatVector t8 = FloatVector.fromArray(SPECIES, s, sAt + 8 * lds + VL);
    FloatVector s9 = FloatVector.fromArray(SPECIES, s, sAt + 9 * lds);
    FloatVector t9 = FloatVector.fromArray(SPECIES, s, sAt + 9 * lds + VL);
    FloatVector sa = FloatVector.fromArray(SPECIES, s, sAt + 10 * lds);
    FloatVector ta = FloatVector.fromArray(SPECIES, s, sAt + 10 * lds + VL);
    FloatVector sb = FloatVector.fromArray(SPECIES, s, sAt + 11 * lds);
    FloatVector tb = FloatVector.fromArray(SPECIES, s, sAt + 11 * lds + VL);
    int a0 = aAt;
    int a1 = aAt + 1 * rowStep;
    int a2 = aAt + 2 * rowStep;
    int a3 = aAt + 3 * rowStep;
    int a4 = aAt + 4 * rowStep;
    int a5 = aAt + 5 * rowStep;
    int a6 = aAt + 6 * rowStep;
    int a7 = aAt + 7 * rowStep;
    int a8 = aAt + 8 * rowStep;
    int a9 = aAt + 9 * rowStep;
    int aa = aAt + 10 * rowStep;
    int ab = aAt + 11 * rowStep;
    for (int j = 0; j < k; j++) {
      int row = bAt + j * ldb;
      FloatVector u = FloatVector.fromArray(SPECIES, b, row);
      FloatVector v = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[a0 + j * kStep]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[a1 + j * kStep]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[a2 + j * kStep]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[a3 + j * kStep]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
      f = FloatVector.broadcast(SPECIES, a[a4 + j * kStep]);
      s4 = f.fma(u, s4);
      t4 = f.fma(v, t4);
      f = FloatVector.broadcast(SPECIES, a[a5 + j * kStep]);
      s5 = f.fma(u, s5);
      t5 = f.fma(v, t5);
      f = FloatVector.broadcast(SPECIES, a[a6 + j * kStep]);
      s6 = f.fma(u, s6);
      t6 = f.fma(v, t6);
      f = FloatVector.broadcast(SPECIES, a[a7 + j * kStep]);
      s7 = f.fma(u, s7);
      t7 = f.fma(v, t7);
      f = FloatVector.broadcast(SPECIES, a[a8 + j * kStep]);
      s8 = f.fma(u, s8);
      t8 = f.fma(v, t8);
      f = FloatVector.broadcast(SPECIES, a[a9 + j * kStep]);
      s9 = f.fma(u, s9);
      t9 = f.fma(v, t9);
      f = FloatVector.broadcast(SPECIES, a[aa + j * kStep]);
      sa = f.fma(u, sa);
      ta = f.fma(v, ta);
      f = FloatVector.broadcast(SPECIES, a[ab + j * kStep]);
      sb = f.fma(u, sb);
      tb = f.fma(v, tb);
    }
    s0.intoArray(c, c0);
    t0.intoArray(c, c0 + VL);
    s1.intoArray(c, c1);
    t1.intoArray(c, c1 + VL);
    s2.intoArray(c, c2);
    t2.intoArray(c, c2 + VL);
    s3.intoArray(c, c3);
    t3.intoArray(c, c3 + VL);
    s4.intoArray(c, c4);
    t4.intoArray(c, c4 + VL);
    s5.intoArray(c, c5);
    t5.intoArray(c, c5 + VL);
    s6.intoArray(c, c6);
    t6.intoArray(c, c6 + VL);
    s7.intoArray(c, c7);
    t7.intoArray(c, c7 + VL);
    s8.intoArray(c, c8);
    t8.intoArray(c, c8 + VL);
    s9.intoArray(c, c9);
    t9.intoArray(c, c9 + VL);
    sa.intoArray(c, ca);
    ta.intoArray(c, ca + VL);
    sb.intoArray(c, cb);
    tb.intoArray(c, cb + VL);
  }

  /** Four rows by two vectors: 8 accumulators, as many as hide the latency of a multiply-add. */
  private static void tile4(
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
    int c0 = cAt;
    int c1 = cAt + 1 * ldc;
    int c2 = cAt + 2 * ldc;
    int c3 = cAt + 3 * ldc;
    FloatVector s0 = FloatVector.fromArray(SPECIES, s, sAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, s, sAt + VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds);
    FloatVector t1 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds + VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds);
    FloatVector t2 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds + VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds);
    FloatVector t3 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds + VL);
    int a0 = aAt;
    int a1 = aAt + 1 * rowStep;
    int a2 = aAt + 2 * rowStep;
    int a3 = aAt + 3 * rowStep;
    for (int j = 0; j < k; j++) {
      int row = bAt + j * ldb;
      FloatVector u = FloatVector.fromArray(SPECIES, b, row);
      FloatVector v = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[a0 + j * kStep]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[a1 + j * kStep]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[a2 + j * kStep]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[a3 + j * kStep]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
    }
    s0.intoArray(c, c0);
    t0.intoArray(c, c0 + VL);
    s1.intoArray(c, c1);
    t1.intoArray(c, c1 + VL);
    s2.intoArray(c, c2);
    t2.intoArray(c, c2 + VL);
    s3.intoArray(c, c3);
    t3.intoArray(c, c3 + VL);
  }

  /** One row by two vectors. */
  private static void tile1(
      int k,
      float[] a,
      int aAt,
      int kStep,
      float[] b,
      int bAt,
      int ldb,
      float[] s,
      int sAt,
      float[] c,
      int cAt) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, s, sAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, s, sAt + VL);
    for (int j = 0; j < k; j++) {
      int row = bAt + j * ldb;
      FloatVector f = FloatVector.broadcast(SPECIES, a[aAt + j * kStep]);
      s0 = f.fma(FloatVector.fromArray(SPECIES, b, row), s0);
      t0 = f.fma(FloatVector.fromArray(SPECIES, b, row + VL), t0);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
  }
}
