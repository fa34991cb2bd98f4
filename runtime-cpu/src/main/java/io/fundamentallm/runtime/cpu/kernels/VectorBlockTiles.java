package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.VL;

import jdk.incubator.vector.FloatVector;

/**
 * The heart of a product with quantised weights when several rows share them: {@link VectorTiles},
 * but with a sum of its own for each block of columns, which then joins C by the block's scale. The
 * weights stand in scratch as the floats that {@link VectorInt8} and {@link VectorInt4} multiply
 * by, so each element of C has the same bits as theirs.
 *
 * <p>Six rows by two vectors need 24 registers, twelve for the sums of a block and twelve for C,
 * which so stays in registers for all blocks.
 */
final class VectorBlockTiles {

  private static final int BLOCK = PackedWeights.BLOCK;
  private static final int PANEL = PackedWeights.PANEL;
  private static final boolean MANY_REGISTERS = VL >= 16;

  private VectorBlockTiles() {}

  /**
   * Adds to C [rows][2·VL] the product of A [rows][blocks·BLOCK] and the weights.
   *
   * @param scratch weights [blocks·BLOCK][PANEL] from {@code weightsAt} on, scales [blocks][PANEL]
   *     from {@code scalesAt} on
   * @param sums for each row, {@code sumsStep} apart, the sums of {@link Kernels#blockSums}
   * @param start which of a block's sums its products start from
   */
  static void multiply(
      int rows,
      int blocks,
      float[] a,
      int aAt,
      int lda,
      float[] scratch,
      int weightsAt,
      int scalesAt,
      float[] sums,
      int sumsAt,
      int sumsStep,
      int start,
      float[] c,
      int cAt,
      int ldc) {
    int i = 0;
    if (MANY_REGISTERS) {
      for (; i <= rows - 6; i += 6) {
        tile6(
            blocks,
            a,
            aAt + i * lda,
            lda,
            scratch,
            weightsAt,
            scalesAt,
            sums,
            sumsAt + i * sumsStep,
            sumsStep,
            start,
            c,
            cAt + i * ldc,
            ldc);
      }
      for (; i <= rows - 4; i += 4) {
        tile4(
            blocks,
            a,
            aAt + i * lda,
            lda,
            scratch,
            weightsAt,
            scalesAt,
            sums,
            sumsAt + i * sumsStep,
            sumsStep,
            start,
            c,
            cAt + i * ldc,
            ldc);
      }
    }
    for (; i <= rows - 2; i += 2) {
      tile2(
          blocks,
          a,
          aAt + i * lda,
          lda,
          scratch,
          weightsAt,
          scalesAt,
          sums,
          sumsAt + i * sumsStep,
          sumsStep,
          start,
          c,
          cAt + i * ldc,
          ldc);
    }
    if (i < rows) {
      tile1(
          blocks,
          a,
          aAt + i * lda,
          scratch,
          weightsAt,
          scalesAt,
          sums,
          sumsAt + i * sumsStep,
          start,
          c,
          cAt + i * ldc);
    }
  }

  /** Six rows by two vectors. */
  private static void tile6(
      int blocks,
      float[] a,
      int aAt,
      int lda,
      float[] scratch,
      int weightsAt,
      int scalesAt,
      float[] sums,
      int sumsAt,
      int sumsStep,
      int start,
      float[] c,
      int cAt,
      int ldc) {
    int a1 = aAt + 1 * lda;
    int a2 = aAt + 2 * lda;
    int a3 = aAt + 3 * lda;
    int a4 = aAt + 4 * lda;
    int a5 = aAt + 5 * lda;
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector d0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, cAt + 1 * ldc);
    FloatVector d1 = FloatVector.fromArray(SPECIES, c, cAt + 1 * ldc + VL);
    FloatVector c2 = FloatVector.fromArray(SPECIES, c, cAt + 2 * ldc);
    FloatVector d2 = FloatVector.fromArray(SPECIES, c, cAt + 2 * ldc + VL);
    FloatVector c3 = FloatVector.fromArray(SPECIES, c, cAt + 3 * ldc);
    FloatVector d3 = FloatVector.fromArray(SPECIES, c, cAt + 3 * ldc + VL);
    FloatVector c4 = FloatVector.fromArray(SPECIES, c, cAt + 4 * ldc);
    FloatVector d4 = FloatVector.fromArray(SPECIES, c, cAt + 4 * ldc + VL);
    FloatVector c5 = FloatVector.fromArray(SPECIES, c, cAt + 5 * ldc);
    FloatVector d5 = FloatVector.fromArray(SPECIES, c, cAt + 5 * ldc + VL);
    for (int block = 0; block < blocks; block++) {
      int sum = sumsAt + block * VectorLinear.SUMS;
      FloatVector s0 = FloatVector.broadcast(SPECIES, sums[sum + start]);
      FloatVector t0 = s0;
      FloatVector s1 = FloatVector.broadcast(SPECIES, sums[sum + start + 1 * sumsStep]);
      FloatVector t1 = s1;
      FloatVector s2 = FloatVector.broadcast(SPECIES, sums[sum + start + 2 * sumsStep]);
      FloatVector t2 = s2;
      FloatVector s3 = FloatVector.broadcast(SPECIES, sums[sum + start + 3 * sumsStep]);
      FloatVector t3 = s3;
      FloatVector s4 = FloatVector.broadcast(SPECIES, sums[sum + start + 4 * sumsStep]);
      FloatVector t4 = s4;
      FloatVector s5 = FloatVector.broadcast(SPECIES, sums[sum + start + 5 * sumsStep]);
      FloatVector t5 = s5;
      int end = (block + 1) * BLOCK;
      for (int k = block * BLOCK; k < end; k++) {
        int row = weightsAt + k * PANEL;
        FloatVector u = FloatVector.fromArray(SPECIES, scratch, row);
        FloatVector v = FloatVector.fromArray(SPECIES, scratch, row + VL);
        FloatVector f;
        f = FloatVector.broadcast(SPECIES, a[aAt + k]);
        s0 = f.fma(u, s0);
        t0 = f.fma(v, t0);
        f = FloatVector.broadcast(SPECIES, a[a1 + k]);
        s1 = f.fma(u, s1);
        t1 = f.fma(v, t1);
        f = FloatVector.broadcast(SPECIES, a[a2 + k]);
        s2 = f.fma(u, s2);
        t2 = f.fma(v, t2);
        f = FloatVector.broadcast(SPECIES, a[a3 + k]);
        s3 = f.fma(u, s3);
        t3 = f.fma(v, t3);
        f = FloatVector.broadcast(SPECIES, a[a4 + k]);
        s4 = f.fma(u, s4);
        t4 = f.fma(v, t4);
        f = FloatVector.broadcast(SPECIES, a[a5 + k]);
        s5 = f.fma(u, s5);
        t5 = f.fma(v, t5);
      }
      int scale = scalesAt + block * PANEL;
      FloatVector u = FloatVector.fromArray(SPECIES, scratch, scale);
      FloatVector v = FloatVector.fromArray(SPECIES, scratch, scale + VL);
      c0 = s0.fma(u, c0);
      d0 = t0.fma(v, d0);
      c1 = s1.fma(u, c1);
      d1 = t1.fma(v, d1);
      c2 = s2.fma(u, c2);
      d2 = t2.fma(v, d2);
      c3 = s3.fma(u, c3);
      d3 = t3.fma(v, d3);
      c4 = s4.fma(u, c4);
      d4 = t4.fma(v, d4);
      c5 = s5.fma(u, c5);
      d5 = t5.fma(v, d5);
    }
    c0.intoArray(c, cAt);
    d0.intoArray(c, cAt + VL);
    c1.intoArray(c, cAt + 1 * ldc);
    d1.intoArray(c, cAt + 1 * ldc + VL);
    c2.intoArray(c, cAt + 2 * ldc);
    d2.intoArray(c, cAt + 2 * ldc + VL);
    c3.intoArray(c, cAt + 3 * ldc);
    d3.intoArray(c, cAt + 3 * ldc + VL);
    c4.intoArray(c, cAt + 4 * ldc);
    d4.intoArray(c, cAt + 4 * ldc + VL);
    c5.intoArray(c, cAt + 5 * ldc);
    d5.intoArray(c, cAt + 5 * ldc + VL);
  }

  /** Four rows by two vectors. */
  private static void tile4(
      int blocks,
      float[] a,
      int aAt,
      int lda,
      float[] scratch,
      int weightsAt,
      int scalesAt,
      float[] sums,
      int sumsAt,
      int sumsStep,
      int start,
      float[] c,
      int cAt,
      int ldc) {
    int a1 = aAt + 1 * lda;
    int a2 = aAt + 2 * lda;
    int a3 = aAt + 3 * lda;
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector d0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, cAt + 1 * ldc);
    FloatVector d1 = FloatVector.fromArray(SPECIES, c, cAt + 1 * ldc + VL);
    FloatVector c2 = FloatVector.fromArray(SPECIES, c, cAt + 2 * ldc);
    FloatVector d2 = FloatVector.fromArray(SPECIES, c, cAt + 2 * ldc + VL);
    FloatVector c3 = FloatVector.fromArray(SPECIES, c, cAt + 3 * ldc);
    FloatVector d3 = FloatVector.fromArray(SPECIES, c, cAt + 3 * ldc + VL);
    for (int block = 0; block < blocks; block++) {
      int sum = sumsAt + block * VectorLinear.SUMS;
      FloatVector s0 = FloatVector.broadcast(SPECIES, sums[sum + start]);
      FloatVector t0 = s0;
      FloatVector s1 = FloatVector.broadcast(SPECIES, sums[sum + start + 1 * sumsStep]);
      FloatVector t1 = s1;
      FloatVector s2 = FloatVector.broadcast(SPECIES, sums[sum + start + 2 * sumsStep]);
      FloatVector t2 = s2;
      FloatVector s3 = FloatVector.broadcast(SPECIES, sums[sum + start + 3 * sumsStep]);
      FloatVector t3 = s3;
      int end = (block + 1) * BLOCK;
      for (int k = block * BLOCK; k < end; k++) {
        int row = weightsAt + k * PANEL;
        FloatVector u = FloatVector.fromArray(SPECIES, scratch, row);
        FloatVector v = FloatVector.fromArray(SPECIES, scratch, row + VL);
        FloatVector f;
        f = FloatVector.broadcast(SPECIES, a[aAt + k]);
        s0 = f.fma(u, s0);
        t0 = f.fma(v, t0);
        f = FloatVector.broadcast(SPECIES, a[a1 + k]);
        s1 = f.fma(u, s1);
        t1 = f.fma(v, t1);
        f = FloatVector.broadcast(SPECIES, a[a2 + k]);
        s2 = f.fma(u, s2);
        t2 = f.fma(v, t2);
        f = FloatVector.broadcast(SPECIES, a[a3 + k]);
        s3 = f.fma(u, s3);
        t3 = f.fma(v, t3);
      }
      int scale = scalesAt + block * PANEL;
      FloatVector u = FloatVector.fromArray(SPECIES, scratch, scale);
      FloatVector v = FloatVector.fromArray(SPECIES, scratch, scale + VL);
      c0 = s0.fma(u, c0);
      d0 = t0.fma(v, d0);
      c1 = s1.fma(u, c1);
      d1 = t1.fma(v, d1);
      c2 = s2.fma(u, c2);
      d2 = t2.fma(v, d2);
      c3 = s3.fma(u, c3);
      d3 = t3.fma(v, d3);
    }
    c0.intoArray(c, cAt);
    d0.intoArray(c, cAt + VL);
    c1.intoArray(c, cAt + 1 * ldc);
    d1.intoArray(c, cAt + 1 * ldc + VL);
    c2.intoArray(c, cAt + 2 * ldc);
    d2.intoArray(c, cAt + 2 * ldc + VL);
    c3.intoArray(c, cAt + 3 * ldc);
    d3.intoArray(c, cAt + 3 * ldc + VL);
  }

  /** Two rows by two vectors. */
  private static void tile2(
      int blocks,
      float[] a,
      int aAt,
      int lda,
      float[] scratch,
      int weightsAt,
      int scalesAt,
      float[] sums,
      int sumsAt,
      int sumsStep,
      int start,
      float[] c,
      int cAt,
      int ldc) {
    int a1 = aAt + 1 * lda;
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector d0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, cAt + 1 * ldc);
    FloatVector d1 = FloatVector.fromArray(SPECIES, c, cAt + 1 * ldc + VL);
    for (int block = 0; block < blocks; block++) {
      int sum = sumsAt + block * VectorLinear.SUMS;
      FloatVector s0 = FloatVector.broadcast(SPECIES, sums[sum + start]);
      FloatVector t0 = s0;
      FloatVector s1 = FloatVector.broadcast(SPECIES, sums[sum + start + 1 * sumsStep]);
      FloatVector t1 = s1;
      int end = (block + 1) * BLOCK;
      for (int k = block * BLOCK; k < end; k++) {
        int row = weightsAt + k * PANEL;
        FloatVector u = FloatVector.fromArray(SPECIES, scratch, row);
        FloatVector v = FloatVector.fromArray(SPECIES, scratch, row + VL);
        FloatVector f;
        f = FloatVector.broadcast(SPECIES, a[aAt + k]);
        s0 = f.fma(u, s0);
        t0 = f.fma(v, t0);
        f = FloatVector.broadcast(SPECIES, a[a1 + k]);
        s1 = f.fma(u, s1);
        t1 = f.fma(v, t1);
      }
      int scale = scalesAt + block * PANEL;
      FloatVector u = FloatVector.fromArray(SPECIES, scratch, scale);
      FloatVector v = FloatVector.fromArray(SPECIES, scratch, scale + VL);
      c0 = s0.fma(u, c0);
      d0 = t0.fma(v, d0);
      c1 = s1.fma(u, c1);
      d1 = t1.fma(v, d1);
    }
    c0.intoArray(c, cAt);
    d0.intoArray(c, cAt + VL);
    c1.intoArray(c, cAt + 1 * ldc);
    d1.intoArray(c, cAt + 1 * ldc + VL);
  }

  /** One row by two vectors. */
  private static void tile1(
      int blocks,
      float[] a,
      int aAt,
      float[] scratch,
      int weightsAt,
      int scalesAt,
      float[] sums,
      int sumsAt,
      int start,
      float[] c,
      int cAt) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector d0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    for (int block = 0; block < blocks; block++) {
      int sum = sumsAt + block * VectorLinear.SUMS;
      FloatVector s0 = FloatVector.broadcast(SPECIES, sums[sum + start]);
      FloatVector t0 = s0;
      int end = (block + 1) * BLOCK;
      for (int k = block * BLOCK; k < end; k++) {
        int row = weightsAt + k * PANEL;
        FloatVector u = FloatVector.fromArray(SPECIES, scratch, row);
        FloatVector v = FloatVector.fromArray(SPECIES, scratch, row + VL);
        FloatVector f;
        f = FloatVector.broadcast(SPECIES, a[aAt + k]);
        s0 = f.fma(u, s0);
        t0 = f.fma(v, t0);
      }
      int scale = scalesAt + block * PANEL;
      FloatVector u = FloatVector.fromArray(SPECIES, scratch, scale);
      FloatVector v = FloatVector.fromArray(SPECIES, scratch, scale + VL);
      c0 = s0.fma(u, c0);
      d0 = t0.fma(v, d0);
    }
    c0.intoArray(c, cAt);
    d0.intoArray(c, cAt + VL);
  }
}
