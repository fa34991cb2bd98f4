package io.fundamentallm.runtime.cpu.kernels.attention;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import jdk.incubator.vector.FloatVector;

/**
 * {@link AttentionKernels#output} on the Vector API: the sums of a tile stay in registers over all
 * blocks, in one loop. With two nested loops, JDK 17 would turn the sums into objects.
 */
final class VectorAttentionOutput {

  // Columns of a tile.
  static final int NARROW = 2 * VL;
  private static final boolean MANY_REGISTERS = VL >= 16;
  // Distance between two panels of values in a block.
  static final int SQUARE = PANEL * PANEL;

  private VectorAttentionOutput() {}

  static void output(BlockProduct p) {
    int n = p.columns;
    int bound = p.rows - p.rows % 4;
    int column = 0;
    int pairs = odd(n) ? n - 3 * VL : n;
    for (; column < pairs; column += NARROW) {
      pair(p, 0, bound, column);
    }
    int i = 0;
    for (; column < n && i <= bound - 8; i += 8) {
      tile8By3(p, i, column);
    }
    for (; column < n; column += NARROW) {
      pair(p, i, bound, column);
    }
    for (i = bound; i < p.rows; i++) {
      for (int from = 0; from < p.terms; from += PANEL) {
        VectorOutputRow.add(p, i, from);
      }
    }
  }

  /**
   * Whether the columns need an odd number of vectors, at least three: the last three go together.
   */
  static boolean odd(int n) {
    return MANY_REGISTERS && n > NARROW && n % NARROW > 0 && n % NARROW <= VL;
  }

  /** Two vectors of columns of some rows. */
  private static void pair(BlockProduct p, int row, int to, int column) {
    int i = row;
    for (; MANY_REGISTERS && i <= to - 12; i += 12) {
      tile12By2(p, i, column);
    }
    for (; i < to; i += 4) {
      tile4By2(p, i, column);
    }
  }

  /** Where a column of values begins in a block. */
  static int valuesAt(BlockProduct p, int column) {
    return p.blocksAt + column / PANEL * SQUARE + column % PANEL;
  }

  /** Twelve rows by two vectors: 24 of the 32 registers of AVX-512. */
  private static void tile12By2(BlockProduct p, int i, int column) {
    int k = p.terms;
    float[] a = p.x;
    int lda = p.ldx;
    int aAt = p.xAt + i * lda;
    float[][] blocks = p.blocks;
    int bAt = valuesAt(p, column);
    float[] c = p.y;
    int ldc = p.ldy;
    int cAt = p.yAt + i * ldc + column;
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
    FloatVector s0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, c, c1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, c, c1 + VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, c, c2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, c, c2 + VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, c, c3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, c, c3 + VL);
    FloatVector s4 = FloatVector.fromArray(SPECIES, c, c4);
    FloatVector t4 = FloatVector.fromArray(SPECIES, c, c4 + VL);
    FloatVector s5 = FloatVector.fromArray(SPECIES, c, c5);
    FloatVector t5 = FloatVector.fromArray(SPECIES, c, c5 + VL);
    FloatVector s6 = FloatVector.fromArray(SPECIES, c, c6);
    FloatVector t6 = FloatVector.fromArray(SPECIES, c, c6 + VL);
    FloatVector s7 = FloatVector.fromArray(SPECIES, c, c7);
    FloatVector t7 = FloatVector.fromArray(SPECIES, c, c7 + VL);
    FloatVector s8 = FloatVector.fromArray(SPECIES, c, c8);
    FloatVector t8 = FloatVector.fromArray(SPECIES, c, c8 + VL);
    FloatVector s9 = FloatVector.fromArray(SPECIES, c, c9);
    FloatVector t9 = FloatVector.fromArray(SPECIES, c, c9 + VL);
    FloatVector sa = FloatVector.fromArray(SPECIES, c, ca);
    FloatVector ta = FloatVector.fromArray(SPECIES, c, ca + VL);
    FloatVector sb = FloatVector.fromArray(SPECIES, c, cb);
    FloatVector tb = FloatVector.fromArray(SPECIES, c, cb + VL);
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
    for (int j = 0; j < k; j++) {
      float[] b = blocks[j / PANEL];
      int row = bAt + j % PANEL * PANEL;
      FloatVector x = FloatVector.fromArray(SPECIES, b, row);
      FloatVector y = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f;
      f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      s0 = f.fma(x, s0);
      t0 = f.fma(y, t0);
      f = FloatVector.broadcast(SPECIES, a[a1 + j]);
      s1 = f.fma(x, s1);
      t1 = f.fma(y, t1);
      f = FloatVector.broadcast(SPECIES, a[a2 + j]);
      s2 = f.fma(x, s2);
      t2 = f.fma(y, t2);
      f = FloatVector.broadcast(SPECIES, a[a3 + j]);
      s3 = f.fma(x, s3);
      t3 = f.fma(y, t3);
      f = FloatVector.broadcast(SPECIES, a[a4 + j]);
      s4 = f.fma(x, s4);
      t4 = f.fma(y, t4);
      f = FloatVector.broadcast(SPECIES, a[a5 + j]);
      s5 = f.fma(x, s5);
      t5 = f.fma(y, t5);
      f = FloatVector.broadcast(SPECIES, a[a6 + j]);
      s6 = f.fma(x, s6);
      t6 = f.fma(y, t6);
      f = FloatVector.broadcast(SPECIES, a[a7 + j]);
      s7 = f.fma(x, s7);
      t7 = f.fma(y, t7);
      f = FloatVector.broadcast(SPECIES, a[a8 + j]);
      s8 = f.fma(x, s8);
      t8 = f.fma(y, t8);
      f = FloatVector.broadcast(SPECIES, a[a9 + j]);
      s9 = f.fma(x, s9);
      t9 = f.fma(y, t9);
      f = FloatVector.broadcast(SPECIES, a[aa + j]);
      sa = f.fma(x, sa);
      ta = f.fma(y, ta);
      f = FloatVector.broadcast(SPECIES, a[ab + j]);
      sb = f.fma(x, sb);
      tb = f.fma(y, tb);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
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

  /** Eight rows by three vectors, of one panel and of half of the next. */
  private static void tile8By3(BlockProduct p, int i, int column) {
    int k = p.terms;
    float[] a = p.x;
    int lda = p.ldx;
    int aAt = p.xAt + i * lda;
    float[][] blocks = p.blocks;
    int bAt = valuesAt(p, column);
    float[] c = p.y;
    int ldc = p.ldy;
    int cAt = p.yAt + i * ldc + column;
    int c1 = cAt + 1 * ldc;
    int c2 = cAt + 2 * ldc;
    int c3 = cAt + 3 * ldc;
    int c4 = cAt + 4 * ldc;
    int c5 = cAt + 5 * ldc;
    int c6 = cAt + 6 * ldc;
    int c7 = cAt + 7 * ldc;
    FloatVector s0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    FloatVector u0 = FloatVector.fromArray(SPECIES, c, cAt + 2 * VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, c, c1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, c, c1 + VL);
    FloatVector u1 = FloatVector.fromArray(SPECIES, c, c1 + 2 * VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, c, c2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, c, c2 + VL);
    FloatVector u2 = FloatVector.fromArray(SPECIES, c, c2 + 2 * VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, c, c3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, c, c3 + VL);
    FloatVector u3 = FloatVector.fromArray(SPECIES, c, c3 + 2 * VL);
    FloatVector s4 = FloatVector.fromArray(SPECIES, c, c4);
    FloatVector t4 = FloatVector.fromArray(SPECIES, c, c4 + VL);
    FloatVector u4 = FloatVector.fromArray(SPECIES, c, c4 + 2 * VL);
    FloatVector s5 = FloatVector.fromArray(SPECIES, c, c5);
    FloatVector t5 = FloatVector.fromArray(SPECIES, c, c5 + VL);
    FloatVector u5 = FloatVector.fromArray(SPECIES, c, c5 + 2 * VL);
    FloatVector s6 = FloatVector.fromArray(SPECIES, c, c6);
    FloatVector t6 = FloatVector.fromArray(SPECIES, c, c6 + VL);
    FloatVector u6 = FloatVector.fromArray(SPECIES, c, c6 + 2 * VL);
    FloatVector s7 = FloatVector.fromArray(SPECIES, c, c7);
    FloatVector t7 = FloatVector.fromArray(SPECIES, c, c7 + VL);
    FloatVector u7 = FloatVector.fromArray(SPECIES, c, c7 + 2 * VL);
    int a1 = aAt + 1 * lda;
    int a2 = aAt + 2 * lda;
    int a3 = aAt + 3 * lda;
    int a4 = aAt + 4 * lda;
    int a5 = aAt + 5 * lda;
    int a6 = aAt + 6 * lda;
    int a7 = aAt + 7 * lda;
    for (int j = 0; j < k; j++) {
      float[] b = blocks[j / PANEL];
      int row = bAt + j % PANEL * PANEL;
      FloatVector x = FloatVector.fromArray(SPECIES, b, row);
      FloatVector y = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector z = FloatVector.fromArray(SPECIES, b, row + SQUARE);
      FloatVector f;
      f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      s0 = f.fma(x, s0);
      t0 = f.fma(y, t0);
      u0 = f.fma(z, u0);
      f = FloatVector.broadcast(SPECIES, a[a1 + j]);
      s1 = f.fma(x, s1);
      t1 = f.fma(y, t1);
      u1 = f.fma(z, u1);
      f = FloatVector.broadcast(SPECIES, a[a2 + j]);
      s2 = f.fma(x, s2);
      t2 = f.fma(y, t2);
      u2 = f.fma(z, u2);
      f = FloatVector.broadcast(SPECIES, a[a3 + j]);
      s3 = f.fma(x, s3);
      t3 = f.fma(y, t3);
      u3 = f.fma(z, u3);
      f = FloatVector.broadcast(SPECIES, a[a4 + j]);
      s4 = f.fma(x, s4);
      t4 = f.fma(y, t4);
      u4 = f.fma(z, u4);
      f = FloatVector.broadcast(SPECIES, a[a5 + j]);
      s5 = f.fma(x, s5);
      t5 = f.fma(y, t5);
      u5 = f.fma(z, u5);
      f = FloatVector.broadcast(SPECIES, a[a6 + j]);
      s6 = f.fma(x, s6);
      t6 = f.fma(y, t6);
      u6 = f.fma(z, u6);
      f = FloatVector.broadcast(SPECIES, a[a7 + j]);
      s7 = f.fma(x, s7);
      t7 = f.fma(y, t7);
      u7 = f.fma(z, u7);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
    u0.intoArray(c, cAt + 2 * VL);
    s1.intoArray(c, c1);
    t1.intoArray(c, c1 + VL);
    u1.intoArray(c, c1 + 2 * VL);
    s2.intoArray(c, c2);
    t2.intoArray(c, c2 + VL);
    u2.intoArray(c, c2 + 2 * VL);
    s3.intoArray(c, c3);
    t3.intoArray(c, c3 + VL);
    u3.intoArray(c, c3 + 2 * VL);
    s4.intoArray(c, c4);
    t4.intoArray(c, c4 + VL);
    u4.intoArray(c, c4 + 2 * VL);
    s5.intoArray(c, c5);
    t5.intoArray(c, c5 + VL);
    u5.intoArray(c, c5 + 2 * VL);
    s6.intoArray(c, c6);
    t6.intoArray(c, c6 + VL);
    u6.intoArray(c, c6 + 2 * VL);
    s7.intoArray(c, c7);
    t7.intoArray(c, c7 + VL);
    u7.intoArray(c, c7 + 2 * VL);
  }

  /** Four rows by two vectors: 8 sums, enough to hide the latency of a multiply-add. */
  private static void tile4By2(BlockProduct p, int i, int column) {
    int k = p.terms;
    float[] a = p.x;
    int lda = p.ldx;
    int aAt = p.xAt + i * lda;
    float[][] blocks = p.blocks;
    int bAt = valuesAt(p, column);
    float[] c = p.y;
    int ldc = p.ldy;
    int cAt = p.yAt + i * ldc + column;
    int c1 = cAt + 1 * ldc;
    int c2 = cAt + 2 * ldc;
    int c3 = cAt + 3 * ldc;
    FloatVector s0 = FloatVector.fromArray(SPECIES, c, cAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, c, cAt + VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, c, c1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, c, c1 + VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, c, c2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, c, c2 + VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, c, c3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, c, c3 + VL);
    int a1 = aAt + 1 * lda;
    int a2 = aAt + 2 * lda;
    int a3 = aAt + 3 * lda;
    for (int j = 0; j < k; j++) {
      float[] b = blocks[j / PANEL];
      int row = bAt + j % PANEL * PANEL;
      FloatVector x = FloatVector.fromArray(SPECIES, b, row);
      FloatVector y = FloatVector.fromArray(SPECIES, b, row + VL);
      FloatVector f;
      f = FloatVector.broadcast(SPECIES, a[aAt + j]);
      s0 = f.fma(x, s0);
      t0 = f.fma(y, t0);
      f = FloatVector.broadcast(SPECIES, a[a1 + j]);
      s1 = f.fma(x, s1);
      t1 = f.fma(y, t1);
      f = FloatVector.broadcast(SPECIES, a[a2 + j]);
      s2 = f.fma(x, s2);
      t2 = f.fma(y, t2);
      f = FloatVector.broadcast(SPECIES, a[a3 + j]);
      s3 = f.fma(x, s3);
      t3 = f.fma(y, t3);
    }
    s0.intoArray(c, cAt);
    t0.intoArray(c, cAt + VL);
    s1.intoArray(c, c1);
    t1.intoArray(c, c1 + VL);
    s2.intoArray(c, c2);
    t2.intoArray(c, c2 + VL);
    s3.intoArray(c, c3);
    t3.intoArray(c, c3 + VL);
  }
}
