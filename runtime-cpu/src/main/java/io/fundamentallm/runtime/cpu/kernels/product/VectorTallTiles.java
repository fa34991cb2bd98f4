package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorTiles.NARROW;

import jdk.incubator.vector.FloatVector;

/**
 * The tiles of {@link VectorTallProduct}: twelve or eight packed rows of A by a panel of two
 * vectors, {@code C = S + A·B}. Of 32 registers twelve rows take 24 for sums.
 *
 * <p>They read fourteen numbers for 24 multiply-adds where {@link VectorTiles} of six rows by four
 * vectors read ten; as two numbers are read in a cycle and two multiply-adds begin in it, neither
 * waits for them. What they gain is a narrow panel, which can be twice as deep in the first-level
 * cache, so that sums go through C half as often. As rows are packed, one address serves all of
 * them.
 *
 * <p>Written out for the reason that {@link VectorLowTiles} gives. A missing row shares the place
 * of the last one, which is written after it. Places are computed before the loop: after it, C2
 * makes the loop up to a tenth slower.
 */
final class VectorTallTiles {

  /**
   * Between two terms of packed rows. Twelve would do for twelve rows, but JDK 17's compiler makes
   * a faster loop of a power of two.
   */
  static final int SIDE = VectorTranspose.SIDE;

  /** As in {@link VectorTiles#TERMS}. */
  private static final int TERMS = VectorTiles.TERMS;

  private VectorTallTiles() {}

  /** Twelve rows. */
  static void twelve(
      int last,
      int k,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
    int from1 = sAt + Math.min(1, last) * lds;
    int to1 = cAt + Math.min(1, last) * ldc;
    int from2 = sAt + Math.min(2, last) * lds;
    int to2 = cAt + Math.min(2, last) * ldc;
    int from3 = sAt + Math.min(3, last) * lds;
    int to3 = cAt + Math.min(3, last) * ldc;
    int from4 = sAt + Math.min(4, last) * lds;
    int to4 = cAt + Math.min(4, last) * ldc;
    int from5 = sAt + Math.min(5, last) * lds;
    int to5 = cAt + Math.min(5, last) * ldc;
    int from6 = sAt + Math.min(6, last) * lds;
    int to6 = cAt + Math.min(6, last) * ldc;
    int from7 = sAt + Math.min(7, last) * lds;
    int to7 = cAt + Math.min(7, last) * ldc;
    int from8 = sAt + Math.min(8, last) * lds;
    int to8 = cAt + Math.min(8, last) * ldc;
    int from9 = sAt + Math.min(9, last) * lds;
    int to9 = cAt + Math.min(9, last) * ldc;
    int from10 = sAt + Math.min(10, last) * lds;
    int to10 = cAt + Math.min(10, last) * ldc;
    int from11 = sAt + Math.min(11, last) * lds;
    int to11 = cAt + Math.min(11, last) * ldc;
    FloatVector s0 = FloatVector.fromArray(SPECIES, s, sAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, s, sAt + VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, s, from1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, s, from1 + VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, s, from2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, s, from2 + VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, s, from3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, s, from3 + VL);
    FloatVector s4 = FloatVector.fromArray(SPECIES, s, from4);
    FloatVector t4 = FloatVector.fromArray(SPECIES, s, from4 + VL);
    FloatVector s5 = FloatVector.fromArray(SPECIES, s, from5);
    FloatVector t5 = FloatVector.fromArray(SPECIES, s, from5 + VL);
    FloatVector s6 = FloatVector.fromArray(SPECIES, s, from6);
    FloatVector t6 = FloatVector.fromArray(SPECIES, s, from6 + VL);
    FloatVector s7 = FloatVector.fromArray(SPECIES, s, from7);
    FloatVector t7 = FloatVector.fromArray(SPECIES, s, from7 + VL);
    FloatVector s8 = FloatVector.fromArray(SPECIES, s, from8);
    FloatVector t8 = FloatVector.fromArray(SPECIES, s, from8 + VL);
    FloatVector s9 = FloatVector.fromArray(SPECIES, s, from9);
    FloatVector t9 = FloatVector.fromArray(SPECIES, s, from9 + VL);
    FloatVector s10 = FloatVector.fromArray(SPECIES, s, from10);
    FloatVector t10 = FloatVector.fromArray(SPECIES, s, from10 + VL);
    FloatVector s11 = FloatVector.fromArray(SPECIES, s, from11);
    FloatVector t11 = FloatVector.fromArray(SPECIES, s, from11 + VL);
    for (int i = 0; i < Math.min(k, TERMS); i++) {
      FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + i * NARROW);
      FloatVector v = FloatVector.fromArray(SPECIES, b, bAt + i * NARROW + VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 4]);
      s4 = f.fma(u, s4);
      t4 = f.fma(v, t4);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 5]);
      s5 = f.fma(u, s5);
      t5 = f.fma(v, t5);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 6]);
      s6 = f.fma(u, s6);
      t6 = f.fma(v, t6);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 7]);
      s7 = f.fma(u, s7);
      t7 = f.fma(v, t7);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 8]);
      s8 = f.fma(u, s8);
      t8 = f.fma(v, t8);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 9]);
      s9 = f.fma(u, s9);
      t9 = f.fma(v, t9);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 10]);
      s10 = f.fma(u, s10);
      t10 = f.fma(v, t10);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 11]);
      s11 = f.fma(u, s11);
      t11 = f.fma(v, t11);
    }
    s11.intoArray(c, to11);
    t11.intoArray(c, to11 + VL);
    s10.intoArray(c, to10);
    t10.intoArray(c, to10 + VL);
    s9.intoArray(c, to9);
    t9.intoArray(c, to9 + VL);
    s8.intoArray(c, to8);
    t8.intoArray(c, to8 + VL);
    s7.intoArray(c, to7);
    t7.intoArray(c, to7 + VL);
    s6.intoArray(c, to6);
    t6.intoArray(c, to6 + VL);
    s5.intoArray(c, to5);
    t5.intoArray(c, to5 + VL);
    s4.intoArray(c, to4);
    t4.intoArray(c, to4 + VL);
    s3.intoArray(c, to3);
    t3.intoArray(c, to3 + VL);
    s2.intoArray(c, to2);
    t2.intoArray(c, to2 + VL);
    s1.intoArray(c, to1);
    t1.intoArray(c, to1 + VL);
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
  }

  /** Eight rows. */
  static void eight(
      int last,
      int k,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] s,
      int sAt,
      int lds,
      float[] c,
      int cAt,
      int ldc) {
    int from1 = sAt + Math.min(1, last) * lds;
    int to1 = cAt + Math.min(1, last) * ldc;
    int from2 = sAt + Math.min(2, last) * lds;
    int to2 = cAt + Math.min(2, last) * ldc;
    int from3 = sAt + Math.min(3, last) * lds;
    int to3 = cAt + Math.min(3, last) * ldc;
    int from4 = sAt + Math.min(4, last) * lds;
    int to4 = cAt + Math.min(4, last) * ldc;
    int from5 = sAt + Math.min(5, last) * lds;
    int to5 = cAt + Math.min(5, last) * ldc;
    int from6 = sAt + Math.min(6, last) * lds;
    int to6 = cAt + Math.min(6, last) * ldc;
    int from7 = sAt + Math.min(7, last) * lds;
    int to7 = cAt + Math.min(7, last) * ldc;
    FloatVector s0 = FloatVector.fromArray(SPECIES, s, sAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, s, sAt + VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, s, from1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, s, from1 + VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, s, from2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, s, from2 + VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, s, from3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, s, from3 + VL);
    FloatVector s4 = FloatVector.fromArray(SPECIES, s, from4);
    FloatVector t4 = FloatVector.fromArray(SPECIES, s, from4 + VL);
    FloatVector s5 = FloatVector.fromArray(SPECIES, s, from5);
    FloatVector t5 = FloatVector.fromArray(SPECIES, s, from5 + VL);
    FloatVector s6 = FloatVector.fromArray(SPECIES, s, from6);
    FloatVector t6 = FloatVector.fromArray(SPECIES, s, from6 + VL);
    FloatVector s7 = FloatVector.fromArray(SPECIES, s, from7);
    FloatVector t7 = FloatVector.fromArray(SPECIES, s, from7 + VL);
    for (int i = 0; i < Math.min(k, TERMS); i++) {
      FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + i * NARROW);
      FloatVector v = FloatVector.fromArray(SPECIES, b, bAt + i * NARROW + VL);
      FloatVector f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 4]);
      s4 = f.fma(u, s4);
      t4 = f.fma(v, t4);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 5]);
      s5 = f.fma(u, s5);
      t5 = f.fma(v, t5);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 6]);
      s6 = f.fma(u, s6);
      t6 = f.fma(v, t6);
      f = FloatVector.broadcast(SPECIES, a[aAt + i * SIDE + 7]);
      s7 = f.fma(u, s7);
      t7 = f.fma(v, t7);
    }
    s7.intoArray(c, to7);
    t7.intoArray(c, to7 + VL);
    s6.intoArray(c, to6);
    t6.intoArray(c, to6 + VL);
    s5.intoArray(c, to5);
    t5.intoArray(c, to5 + VL);
    s4.intoArray(c, to4);
    t4.intoArray(c, to4 + VL);
    s3.intoArray(c, to3);
    t3.intoArray(c, to3 + VL);
    s2.intoArray(c, to2);
    t2.intoArray(c, to2 + VL);
    s1.intoArray(c, to1);
    t1.intoArray(c, to1 + VL);
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
  }
}
