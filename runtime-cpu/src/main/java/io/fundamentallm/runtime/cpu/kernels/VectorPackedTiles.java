package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The register-blocked heart of a large product: {@code C = S + A·B} for a tile of two vectors of
 * columns, from A and B in the order in which they are read. Each element of C is one chain of
 * fused multiply-adds over ascending k.
 *
 * <p>A lies as [k][height], so that one pointer and fixed distances reach all its rows, and rows a
 * power of two apart do not fall into the same lines of the first-level cache. Twelve rows by two
 * vectors fill 24 of the 32 registers of AVX-512 and come close to the peak of a Zen 5 core. With
 * fourteen, C2 keeps one sum in memory, which costs a tenth of the speed, and half of it where the
 * stack lies so that this sum crosses a cache line. Six rows fill 12 of the 16 registers of AVX2.
 * The lower tiles are for the last rows of a matrix.
 */
final class VectorPackedTiles {

  private static final boolean MANY_REGISTERS = VL >= 16;

  /** Rows of the highest tile. */
  static final int ROWS = MANY_REGISTERS ? 12 : 6;

  private VectorPackedTiles() {}

  /** The height of the lowest tile that has so many rows, which are at most ROWS. */
  static int height(int rows) {
    if (rows <= 4) {
      return 4;
    }
    return MANY_REGISTERS && rows <= 8 ? 8 : ROWS;
  }

  /**
   * Computes C [height][COLUMNS].
   *
   * @param height one of those that {@link #height} gives
   * @param a [k][height], where it is or a copy
   * @param lda distance between two rows of a; height in a copy
   * @param b [k][COLUMNS]
   * @param s S [height][COLUMNS], what the sums start from; it may be C
   */
  static void multiply(
      int height,
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
    switch (height) {
      case 12 -> tile12(k, a, aAt, lda, b, bAt, s, sAt, lds, c, cAt, ldc);
      case 8 -> tile8(k, a, aAt, lda, b, bAt, s, sAt, lds, c, cAt, ldc);
      case 6 -> tile6(k, a, aAt, lda, b, bAt, s, sAt, lds, c, cAt, ldc);
      default -> tile4(k, a, aAt, lda, b, bAt, s, sAt, lds, c, cAt, ldc);
    }
  }

  /** Twelve rows: 24 accumulators. */
  private static void tile12(
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
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
    for (int j = 0; j < k; j++) {
      int row = bAt + j * COLUMNS;
      int column = aAt + j * lda;
      FloatVector u = FloatVector.fromArray(SPECIES, b, row);
      FloatVector v = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[column]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[column + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[column + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[column + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
      f = FloatVector.broadcast(SPECIES, a[column + 4]);
      s4 = f.fma(u, s4);
      t4 = f.fma(v, t4);
      f = FloatVector.broadcast(SPECIES, a[column + 5]);
      s5 = f.fma(u, s5);
      t5 = f.fma(v, t5);
      f = FloatVector.broadcast(SPECIES, a[column + 6]);
      s6 = f.fma(u, s6);
      t6 = f.fma(v, t6);
      f = FloatVector.broadcast(SPECIES, a[column + 7]);
      s7 = f.fma(u, s7);
      t7 = f.fma(v, t7);
      f = FloatVector.broadcast(SPECIES, a[column + 8]);
      s8 = f.fma(u, s8);
      t8 = f.fma(v, t8);
      f = FloatVector.broadcast(SPECIES, a[column + 9]);
      s9 = f.fma(u, s9);
      t9 = f.fma(v, t9);
      f = FloatVector.broadcast(SPECIES, a[column + 10]);
      sa = f.fma(u, sa);
      ta = f.fma(v, ta);
      f = FloatVector.broadcast(SPECIES, a[column + 11]);
      sb = f.fma(u, sb);
      tb = f.fma(v, tb);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
    s1.intoArray(c, cAt + 1 * ldc);
    t1.intoArray(c, cAt + 1 * ldc + VL);
    s2.intoArray(c, cAt + 2 * ldc);
    t2.intoArray(c, cAt + 2 * ldc + VL);
    s3.intoArray(c, cAt + 3 * ldc);
    t3.intoArray(c, cAt + 3 * ldc + VL);
    s4.intoArray(c, cAt + 4 * ldc);
    t4.intoArray(c, cAt + 4 * ldc + VL);
    s5.intoArray(c, cAt + 5 * ldc);
    t5.intoArray(c, cAt + 5 * ldc + VL);
    s6.intoArray(c, cAt + 6 * ldc);
    t6.intoArray(c, cAt + 6 * ldc + VL);
    s7.intoArray(c, cAt + 7 * ldc);
    t7.intoArray(c, cAt + 7 * ldc + VL);
    s8.intoArray(c, cAt + 8 * ldc);
    t8.intoArray(c, cAt + 8 * ldc + VL);
    s9.intoArray(c, cAt + 9 * ldc);
    t9.intoArray(c, cAt + 9 * ldc + VL);
    sa.intoArray(c, cAt + 10 * ldc);
    ta.intoArray(c, cAt + 10 * ldc + VL);
    sb.intoArray(c, cAt + 11 * ldc);
    tb.intoArray(c, cAt + 11 * ldc + VL);
  }

  /** Eight rows. */
  private static void tile8(
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
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
    for (int j = 0; j < k; j++) {
      int row = bAt + j * COLUMNS;
      int column = aAt + j * lda;
      FloatVector u = FloatVector.fromArray(SPECIES, b, row);
      FloatVector v = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[column]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[column + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[column + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[column + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
      f = FloatVector.broadcast(SPECIES, a[column + 4]);
      s4 = f.fma(u, s4);
      t4 = f.fma(v, t4);
      f = FloatVector.broadcast(SPECIES, a[column + 5]);
      s5 = f.fma(u, s5);
      t5 = f.fma(v, t5);
      f = FloatVector.broadcast(SPECIES, a[column + 6]);
      s6 = f.fma(u, s6);
      t6 = f.fma(v, t6);
      f = FloatVector.broadcast(SPECIES, a[column + 7]);
      s7 = f.fma(u, s7);
      t7 = f.fma(v, t7);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
    s1.intoArray(c, cAt + 1 * ldc);
    t1.intoArray(c, cAt + 1 * ldc + VL);
    s2.intoArray(c, cAt + 2 * ldc);
    t2.intoArray(c, cAt + 2 * ldc + VL);
    s3.intoArray(c, cAt + 3 * ldc);
    t3.intoArray(c, cAt + 3 * ldc + VL);
    s4.intoArray(c, cAt + 4 * ldc);
    t4.intoArray(c, cAt + 4 * ldc + VL);
    s5.intoArray(c, cAt + 5 * ldc);
    t5.intoArray(c, cAt + 5 * ldc + VL);
    s6.intoArray(c, cAt + 6 * ldc);
    t6.intoArray(c, cAt + 6 * ldc + VL);
    s7.intoArray(c, cAt + 7 * ldc);
    t7.intoArray(c, cAt + 7 * ldc + VL);
  }

  /** Six rows: 12 accumulators. */
  private static void tile6(
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
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
    for (int j = 0; j < k; j++) {
      int row = bAt + j * COLUMNS;
      int column = aAt + j * lda;
      FloatVector u = FloatVector.fromArray(SPECIES, b, row);
      FloatVector v = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[column]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[column + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[column + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[column + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
      f = FloatVector.broadcast(SPECIES, a[column + 4]);
      s4 = f.fma(u, s4);
      t4 = f.fma(v, t4);
      f = FloatVector.broadcast(SPECIES, a[column + 5]);
      s5 = f.fma(u, s5);
      t5 = f.fma(v, t5);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
    s1.intoArray(c, cAt + 1 * ldc);
    t1.intoArray(c, cAt + 1 * ldc + VL);
    s2.intoArray(c, cAt + 2 * ldc);
    t2.intoArray(c, cAt + 2 * ldc + VL);
    s3.intoArray(c, cAt + 3 * ldc);
    t3.intoArray(c, cAt + 3 * ldc + VL);
    s4.intoArray(c, cAt + 4 * ldc);
    t4.intoArray(c, cAt + 4 * ldc + VL);
    s5.intoArray(c, cAt + 5 * ldc);
    t5.intoArray(c, cAt + 5 * ldc + VL);
  }

  /** Four rows: 8 accumulators, as many as hide the latency of a multiply-add. */
  private static void tile4(
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, s, sAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, s, sAt + VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds);
    FloatVector t1 = FloatVector.fromArray(SPECIES, s, sAt + 1 * lds + VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds);
    FloatVector t2 = FloatVector.fromArray(SPECIES, s, sAt + 2 * lds + VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds);
    FloatVector t3 = FloatVector.fromArray(SPECIES, s, sAt + 3 * lds + VL);
    for (int j = 0; j < k; j++) {
      int row = bAt + j * COLUMNS;
      int column = aAt + j * lda;
      FloatVector u = FloatVector.fromArray(SPECIES, b, row);
      FloatVector v = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[column]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[column + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[column + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[column + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
    s1.intoArray(c, cAt + 1 * ldc);
    t1.intoArray(c, cAt + 1 * ldc + VL);
    s2.intoArray(c, cAt + 2 * ldc);
    t2.intoArray(c, cAt + 2 * ldc + VL);
    s3.intoArray(c, cAt + 3 * ldc);
    t3.intoArray(c, cAt + 3 * ldc + VL);
  }
}
