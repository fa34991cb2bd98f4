package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;

import io.fundamentallm.runtime.cpu.kernels.math.Half;
import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** The tiles of {@link VectorHalfTiles} for F16, which is scaled as in {@link VectorHalf}. */
final class VectorF16Tiles {

  private static final int SIDE = VectorPanelTiles.SIDE;
  private static final int HALF = PackedWeights.HALF;
  private static final int GROUP_STEP = VectorHalfTiles.GROUP_STEP;
  private static final int TERMS = VectorHalfTiles.TERMS;
  private static final int PLACES = VectorHalfTiles.PLACES;

  private VectorF16Tiles() {}

  /** Eight rows. */
  static void eight(
      int last,
      int k,
      float[] x,
      int xAt,
      int size,
      int[] words,
      int at,
      int next,
      boolean asks,
      float[] y,
      int yAt,
      int ldy) {
    int x1 = xAt + size;
    int y1 = yAt + Math.min(1, last) * ldy;
    int y2 = yAt + Math.min(2, last) * ldy;
    int y3 = yAt + Math.min(3, last) * ldy;
    int y4 = yAt + Math.min(4, last) * ldy;
    int y5 = yAt + Math.min(5, last) * ldy;
    int y6 = yAt + Math.min(6, last) * ldy;
    int y7 = yAt + Math.min(7, last) * ldy;
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, y1 + HALF);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, y, y2 + HALF);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, y, y3 + HALF);
    FloatVector s4 = FloatVector.fromArray(SPECIES, y, y4);
    FloatVector t4 = FloatVector.fromArray(SPECIES, y, y4 + HALF);
    FloatVector s5 = FloatVector.fromArray(SPECIES, y, y5);
    FloatVector t5 = FloatVector.fromArray(SPECIES, y, y5 + HALF);
    FloatVector s6 = FloatVector.fromArray(SPECIES, y, y6);
    FloatVector t6 = FloatVector.fromArray(SPECIES, y, y6 + HALF);
    FloatVector s7 = FloatVector.fromArray(SPECIES, y, y7);
    FloatVector t7 = FloatVector.fromArray(SPECIES, y, y7 + HALF);
    int apart = k / PLACES * GROUP_STEP;
    for (int i = 0; i < Math.min(k, TERMS); i++) {
      if (Prefetch.WORKS && asks) {
        Prefetch.line(words, next + i % PLACES * apart + i / PLACES * GROUP_STEP);
      }
      IntVector both = IntVector.fromArray(INTS, words, at + i * GROUP_STEP);
      FloatVector u =
          both.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 3)
              .and(VectorHalf.F16_BITS)
              .reinterpretAsFloats()
              .mul(Half.SCALE);
      FloatVector v =
          both.lanewise(VectorOperators.ASHR, 3)
              .and(VectorHalf.F16_BITS)
              .reinterpretAsFloats()
              .mul(Half.SCALE);
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
      f = FloatVector.broadcast(SPECIES, x[x1 + i * SIDE]);
      s4 = f.fma(u, s4);
      t4 = f.fma(v, t4);
      f = FloatVector.broadcast(SPECIES, x[x1 + i * SIDE + 1]);
      s5 = f.fma(u, s5);
      t5 = f.fma(v, t5);
      f = FloatVector.broadcast(SPECIES, x[x1 + i * SIDE + 2]);
      s6 = f.fma(u, s6);
      t6 = f.fma(v, t6);
      f = FloatVector.broadcast(SPECIES, x[x1 + i * SIDE + 3]);
      s7 = f.fma(u, s7);
      t7 = f.fma(v, t7);
    }
    s7.intoArray(y, y7);
    t7.intoArray(y, y7 + HALF);
    s6.intoArray(y, y6);
    t6.intoArray(y, y6 + HALF);
    s5.intoArray(y, y5);
    t5.intoArray(y, y5 + HALF);
    s4.intoArray(y, y4);
    t4.intoArray(y, y4 + HALF);
    s3.intoArray(y, y3);
    t3.intoArray(y, y3 + HALF);
    s2.intoArray(y, y2);
    t2.intoArray(y, y2 + HALF);
    s1.intoArray(y, y1);
    t1.intoArray(y, y1 + HALF);
    s0.intoArray(y, yAt);
    t0.intoArray(y, yAt + HALF);
  }

  /** Four rows. */
  static void four(
      int last,
      int k,
      float[] x,
      int xAt,
      int[] words,
      int at,
      int next,
      boolean asks,
      float[] y,
      int yAt,
      int ldy) {
    int y1 = yAt + Math.min(1, last) * ldy;
    int y2 = yAt + Math.min(2, last) * ldy;
    int y3 = yAt + Math.min(3, last) * ldy;
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, y1 + HALF);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, y, y2 + HALF);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, y, y3 + HALF);
    int apart = k / PLACES * GROUP_STEP;
    for (int i = 0; i < Math.min(k, TERMS); i++) {
      if (Prefetch.WORKS && asks) {
        Prefetch.line(words, next + i % PLACES * apart + i / PLACES * GROUP_STEP);
      }
      IntVector both = IntVector.fromArray(INTS, words, at + i * GROUP_STEP);
      FloatVector u =
          both.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 3)
              .and(VectorHalf.F16_BITS)
              .reinterpretAsFloats()
              .mul(Half.SCALE);
      FloatVector v =
          both.lanewise(VectorOperators.ASHR, 3)
              .and(VectorHalf.F16_BITS)
              .reinterpretAsFloats()
              .mul(Half.SCALE);
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
    }
    s3.intoArray(y, y3);
    t3.intoArray(y, y3 + HALF);
    s2.intoArray(y, y2);
    t2.intoArray(y, y2 + HALF);
    s1.intoArray(y, y1);
    t1.intoArray(y, y1 + HALF);
    s0.intoArray(y, yAt);
    t0.intoArray(y, yAt + HALF);
  }
}
