package io.fundamentallm.runtime.cpu.kernels.attention;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import jdk.incubator.vector.FloatVector;

/**
 * {@link AttentionKernels#scores} on the Vector API. The distance between two rows of keys is a
 * constant, so that the compiler can move index checks out of the loops, and sums start in
 * registers.
 */
final class VectorScores {

  // Columns of a tile.
  private static final int NARROW = 2 * VL;
  private static final boolean MANY_REGISTERS = VL >= 16;
  // Blocks that one row is multiplied by at a time: enough sums to hide the latency of a
  // multiply-add.
  private static final int BLOCKS = 4;

  private VectorScores() {}

  static void scores(BlockProduct p) {
    int blocks = p.columns / PANEL;
    int bound = p.rows - p.rows % 4;
    for (int b = 0; b < blocks && bound > 0; b++) {
      int i = 0;
      for (; MANY_REGISTERS && i <= bound - 12; i += 12) {
        tile12(p, i, b);
      }
      for (; i < bound; i += 4) {
        for (int column = 0; column < PANEL; column += NARROW) {
          int from = p.xAt + i * p.ldx;
          int to = p.yAt + i * p.ldy + b * PANEL + column;
          tile4(p.terms, p.x, from, p.ldx, p.blocks[b], p.blocksAt + column, p.y, to, p.ldy);
        }
      }
    }
    for (int i = bound; i < p.rows; i++) {
      for (int b = 0; b < blocks; b += BLOCKS) {
        for (int column = 0; column < PANEL; column += NARROW) {
          row(p, i, b, column);
        }
      }
    }
  }

  /** Twelve rows by two vectors: 24 of the 32 registers of AVX-512. */
  private static void tile12(BlockProduct p, int i, int block) {
    int k = p.terms;
    float[] a = p.x;
    int lda = p.ldx;
    int aAt = p.xAt + i * lda;
    float[] b = p.blocks[block];
    int bAt = p.blocksAt;
    float[] c = p.y;
    int ldc = p.ldy;
    int cAt = p.yAt + i * ldc + block * PANEL;
    int a1 = aAt + 1 * lda;
    int a2 = aAt + 2 * lda;
    int a3 = aAt + 3 * lda;
    int a4 = aAt + 4 * lda;
    int a5 = aAt + 5 * lda;
    int a6 = aAt + 6 * lda;
    int a7 = aAt + 7 * lda;
    int a8 = aAt + 8 * lda;
    int a9 = aAt + 9 * lda;
    int aa = aAt + 10 * lda;
    int ab = aAt + 11 * lda;
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector t0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector t1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector t2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    FloatVector t3 = FloatVector.zero(SPECIES);
    FloatVector s4 = FloatVector.zero(SPECIES);
    FloatVector t4 = FloatVector.zero(SPECIES);
    FloatVector s5 = FloatVector.zero(SPECIES);
    FloatVector t5 = FloatVector.zero(SPECIES);
    FloatVector s6 = FloatVector.zero(SPECIES);
    FloatVector t6 = FloatVector.zero(SPECIES);
    FloatVector s7 = FloatVector.zero(SPECIES);
    FloatVector t7 = FloatVector.zero(SPECIES);
    FloatVector s8 = FloatVector.zero(SPECIES);
    FloatVector t8 = FloatVector.zero(SPECIES);
    FloatVector s9 = FloatVector.zero(SPECIES);
    FloatVector t9 = FloatVector.zero(SPECIES);
    FloatVector sa = FloatVector.zero(SPECIES);
    FloatVector ta = FloatVector.zero(SPECIES);
    FloatVector sb = FloatVector.zero(SPECIES);
    FloatVector tb = FloatVector.zero(SPECIES);
    for (int j = 0; j < k; j++) {
      int row = bAt + j * PANEL;
      FloatVector u = FloatVector.fromArray(SPECIES, b, row);
      FloatVector v = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f;
      f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[a1 + j]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[a2 + j]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[a3 + j]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
      f = FloatVector.broadcast(SPECIES, a[a4 + j]);
      s4 = f.fma(u, s4);
      t4 = f.fma(v, t4);
      f = FloatVector.broadcast(SPECIES, a[a5 + j]);
      s5 = f.fma(u, s5);
      t5 = f.fma(v, t5);
      f = FloatVector.broadcast(SPECIES, a[a6 + j]);
      s6 = f.fma(u, s6);
      t6 = f.fma(v, t6);
      f = FloatVector.broadcast(SPECIES, a[a7 + j]);
      s7 = f.fma(u, s7);
      t7 = f.fma(v, t7);
      f = FloatVector.broadcast(SPECIES, a[a8 + j]);
      s8 = f.fma(u, s8);
      t8 = f.fma(v, t8);
      f = FloatVector.broadcast(SPECIES, a[a9 + j]);
      s9 = f.fma(u, s9);
      t9 = f.fma(v, t9);
      f = FloatVector.broadcast(SPECIES, a[aa + j]);
      sa = f.fma(u, sa);
      ta = f.fma(v, ta);
      f = FloatVector.broadcast(SPECIES, a[ab + j]);
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

  /** Four rows by two vectors: 8 sums, enough to hide the latency of a multiply-add. */
  private static void tile4(
      int k, float[] a, int aAt, int lda, float[] b, int bAt, float[] c, int cAt, int ldc) {
    int a1 = aAt + 1 * lda;
    int a2 = aAt + 2 * lda;
    int a3 = aAt + 3 * lda;
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector t0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector t1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector t2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    FloatVector t3 = FloatVector.zero(SPECIES);
    for (int j = 0; j < k; j++) {
      int row = bAt + j * PANEL;
      FloatVector u = FloatVector.fromArray(SPECIES, b, row);
      FloatVector v = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f;
      f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, a[a1 + j]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, a[a2 + j]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, a[a3 + j]);
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

  /** One row and four blocks by two vectors. */
  private static void row(BlockProduct p, int i, int block, int column) {
    // if there are fewer than four, the last one is computed again
    int last = p.columns / PANEL - 1 - block;
    int second = Math.min(1, last);
    int third = Math.min(2, last);
    int fourth = Math.min(3, last);
    float[] b0 = p.blocks[block];
    float[] b1 = p.blocks[block + second];
    float[] b2 = p.blocks[block + third];
    float[] b3 = p.blocks[block + fourth];
    int bAt = p.blocksAt + column;
    int k = p.terms;
    float[] a = p.x;
    int aAt = p.xAt + i * p.ldx;
    float[] c = p.y;
    int cAt = p.yAt + i * p.ldy + block * PANEL + column;
    int to1 = second * PANEL;
    int to2 = third * PANEL;
    int to3 = fourth * PANEL;
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector t0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector t1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector t2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    FloatVector t3 = FloatVector.zero(SPECIES);
    for (int j = 0; j < k; j++) {
      FloatVector f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      int row = bAt + j * PANEL;
      s0 = f.fma(FloatVector.fromArray(SPECIES, b0, row), s0);
      t0 = f.fma(FloatVector.fromArray(SPECIES, b0, row + VL), t0);
      s1 = f.fma(FloatVector.fromArray(SPECIES, b1, row), s1);
      t1 = f.fma(FloatVector.fromArray(SPECIES, b1, row + VL), t1);
      s2 = f.fma(FloatVector.fromArray(SPECIES, b2, row), s2);
      t2 = f.fma(FloatVector.fromArray(SPECIES, b2, row + VL), t2);
      s3 = f.fma(FloatVector.fromArray(SPECIES, b3, row), s3);
      t3 = f.fma(FloatVector.fromArray(SPECIES, b3, row + VL), t3);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
    s1.intoArray(c, cAt + to1);
    t1.intoArray(c, cAt + to1 + VL);
    s2.intoArray(c, cAt + to2);
    t2.intoArray(c, cAt + to2 + VL);
    s3.intoArray(c, cAt + to3);
    t3.intoArray(c, cAt + to3 + VL);
  }
}
