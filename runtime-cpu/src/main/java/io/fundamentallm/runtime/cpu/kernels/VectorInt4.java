package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Products with {@link Int4Weights}, which describes how bits become floats. */
final class VectorInt4 {

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  private static final int EVEN_MASK = 0x00780000;
  private static final int ODD_MASK = 0x00078000;
  private static final int ONE = 0x3F800000;
  private static final int SIXTEEN = 0x41800000;
  private static final int HIGH = 0x7FFF8000;

  private static final int BLOCK = PackedWeights.BLOCK;
  private static final int PANEL = PackedWeights.PANEL;

  // Four registers that are a whole group lie a constant step apart: the compiler can then move the
  // checks of indices out of the loops.
  private static final int GROUP_STEP = PackedWeights.GROUP * PANEL;
  private static final boolean WHOLE_GROUP = 4 * VL == GROUP_STEP;

  private static final int WORD = Int4Weights.PER_WORD;

  private VectorInt4() {}

  /**
   * Adds to y [lanes] the product of one row x [blocks·BLOCK] and weights whose lanes lie side by
   * side.
   *
   * @param lanes whole panels
   * @param step distance between two words, and between two scales
   * @param sums of x's blocks, see {@link Kernels#blockSums}
   */
  static void multiply(
      int lanes,
      int blocks,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt,
      int[] words,
      int wordsAt,
      int[] scales,
      int scalesAt,
      int step,
      float[] y,
      int yAt) {
    subtractMinima(lanes, blocks, sums, sumsAt, scales, scalesAt, step, y, yAt);
    int i = 0;
    for (; i <= lanes - 4 * VL; i += 4 * VL) {
      four(
          blocks, x, xAt, sums, sumsAt, words, wordsAt + i, scales, scalesAt + i, step, y, yAt + i);
    }
    for (; i < lanes; i += 2 * VL) {
      two(blocks, x, xAt, sums, sumsAt, words, wordsAt + i, scales, scalesAt + i, step, y, yAt + i);
    }
  }

  /** y −= minimum·Σx of all blocks; the sums are negative. A method of its own saves registers. */
  private static void subtractMinima(
      int lanes,
      int blocks,
      float[] sums,
      int sumsAt,
      int[] scales,
      int scalesAt,
      int step,
      float[] y,
      int yAt) {
    IntVector high = IntVector.broadcast(INTS, HIGH);
    for (int lane = 0; lane < lanes; lane += 2 * VL) {
      FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt + lane);
      FloatVector t1 = FloatVector.fromArray(SPECIES, y, yAt + lane + VL);
      for (int block = 0; block < blocks; block++) {
        FloatVector f = FloatVector.broadcast(SPECIES, sums[sumsAt + block * VectorLinear.SUMS]);
        int at = scalesAt + block * step + lane;
        IntVector both = IntVector.fromArray(INTS, scales, at);
        t0 = both.lanewise(VectorOperators.LSHL, 15).and(high).reinterpretAsFloats().fma(f, t0);
        both = IntVector.fromArray(INTS, scales, at + VL);
        t1 = both.lanewise(VectorOperators.LSHL, 15).and(high).reinterpretAsFloats().fma(f, t1);
      }
      t0.intoArray(y, yAt + lane);
      t1.intoArray(y, yAt + lane + VL);
    }
  }

  private static void four(
      int blocks,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt,
      int[] words,
      int wordsAt,
      int[] scales,
      int scalesAt,
      int anyStep,
      float[] y,
      int yAt) {
    int step = WHOLE_GROUP ? GROUP_STEP : anyStep;
    IntVector evenMask = IntVector.broadcast(INTS, EVEN_MASK);
    IntVector oddMask = IntVector.broadcast(INTS, ODD_MASK);
    IntVector one = IntVector.broadcast(INTS, ONE);
    IntVector sixteen = IntVector.broadcast(INTS, SIXTEEN);
    IntVector high = IntVector.broadcast(INTS, HIGH);
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, yAt + 1 * VL);
    FloatVector t2 = FloatVector.fromArray(SPECIES, y, yAt + 2 * VL);
    FloatVector t3 = FloatVector.fromArray(SPECIES, y, yAt + 3 * VL);
    for (int block = 0; block < blocks; block++) {
      int sum = sumsAt + block * VectorLinear.SUMS;
      FloatVector s0 = FloatVector.broadcast(SPECIES, sums[sum + VectorLinear.NIBBLES]);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int k = 0; k < BLOCK; k += WORD) {
        int from = xAt + block * BLOCK + k;
        FloatVector f0 = FloatVector.broadcast(SPECIES, x[from]);
        FloatVector f1 = FloatVector.broadcast(SPECIES, x[from + 1]);
        FloatVector f2 = FloatVector.broadcast(SPECIES, x[from + 2]);
        FloatVector f3 = FloatVector.broadcast(SPECIES, x[from + 3]);
        FloatVector f4 = FloatVector.broadcast(SPECIES, x[from + 4]);
        FloatVector f5 = FloatVector.broadcast(SPECIES, x[from + 5]);
        FloatVector f6 = FloatVector.broadcast(SPECIES, x[from + 6]);
        FloatVector f7 = FloatVector.broadcast(SPECIES, x[from + 7]);
        int at = wordsAt + (block * (BLOCK / WORD) + k / WORD) * step;
        IntVector v;
        v = IntVector.fromArray(INTS, words, at);
        s0 = v.and(evenMask).or(one).reinterpretAsFloats().fma(f0, s0);
        s0 = v.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f1, s0);
        IntVector w01 = v.lanewise(VectorOperators.LSHL, 8);
        s0 = w01.and(evenMask).or(one).reinterpretAsFloats().fma(f2, s0);
        s0 = w01.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f3, s0);
        IntVector w02 = v.lanewise(VectorOperators.LSHR, 8);
        s0 = w02.and(evenMask).or(one).reinterpretAsFloats().fma(f4, s0);
        s0 = w02.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f5, s0);
        IntVector w03 = v.lanewise(VectorOperators.ROL, 16);
        s0 = w03.and(evenMask).or(one).reinterpretAsFloats().fma(f6, s0);
        s0 = w03.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f7, s0);
        v = IntVector.fromArray(INTS, words, at + 1 * VL);
        s1 = v.and(evenMask).or(one).reinterpretAsFloats().fma(f0, s1);
        s1 = v.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f1, s1);
        IntVector w11 = v.lanewise(VectorOperators.LSHL, 8);
        s1 = w11.and(evenMask).or(one).reinterpretAsFloats().fma(f2, s1);
        s1 = w11.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f3, s1);
        IntVector w12 = v.lanewise(VectorOperators.LSHR, 8);
        s1 = w12.and(evenMask).or(one).reinterpretAsFloats().fma(f4, s1);
        s1 = w12.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f5, s1);
        IntVector w13 = v.lanewise(VectorOperators.ROL, 16);
        s1 = w13.and(evenMask).or(one).reinterpretAsFloats().fma(f6, s1);
        s1 = w13.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f7, s1);
        v = IntVector.fromArray(INTS, words, at + 2 * VL);
        s2 = v.and(evenMask).or(one).reinterpretAsFloats().fma(f0, s2);
        s2 = v.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f1, s2);
        IntVector w21 = v.lanewise(VectorOperators.LSHL, 8);
        s2 = w21.and(evenMask).or(one).reinterpretAsFloats().fma(f2, s2);
        s2 = w21.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f3, s2);
        IntVector w22 = v.lanewise(VectorOperators.LSHR, 8);
        s2 = w22.and(evenMask).or(one).reinterpretAsFloats().fma(f4, s2);
        s2 = w22.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f5, s2);
        IntVector w23 = v.lanewise(VectorOperators.ROL, 16);
        s2 = w23.and(evenMask).or(one).reinterpretAsFloats().fma(f6, s2);
        s2 = w23.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f7, s2);
        v = IntVector.fromArray(INTS, words, at + 3 * VL);
        s3 = v.and(evenMask).or(one).reinterpretAsFloats().fma(f0, s3);
        s3 = v.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f1, s3);
        IntVector w31 = v.lanewise(VectorOperators.LSHL, 8);
        s3 = w31.and(evenMask).or(one).reinterpretAsFloats().fma(f2, s3);
        s3 = w31.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f3, s3);
        IntVector w32 = v.lanewise(VectorOperators.LSHR, 8);
        s3 = w32.and(evenMask).or(one).reinterpretAsFloats().fma(f4, s3);
        s3 = w32.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f5, s3);
        IntVector w33 = v.lanewise(VectorOperators.ROL, 16);
        s3 = w33.and(evenMask).or(one).reinterpretAsFloats().fma(f6, s3);
        s3 = w33.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f7, s3);
      }
      int scale = scalesAt + block * step;
      IntVector both;
      both = IntVector.fromArray(INTS, scales, scale);
      t0 = s0.fma(both.lanewise(VectorOperators.LSHR, 1).and(high).reinterpretAsFloats(), t0);
      both = IntVector.fromArray(INTS, scales, scale + 1 * VL);
      t1 = s1.fma(both.lanewise(VectorOperators.LSHR, 1).and(high).reinterpretAsFloats(), t1);
      both = IntVector.fromArray(INTS, scales, scale + 2 * VL);
      t2 = s2.fma(both.lanewise(VectorOperators.LSHR, 1).and(high).reinterpretAsFloats(), t2);
      both = IntVector.fromArray(INTS, scales, scale + 3 * VL);
      t3 = s3.fma(both.lanewise(VectorOperators.LSHR, 1).and(high).reinterpretAsFloats(), t3);
    }
    t0.intoArray(y, yAt);
    t1.intoArray(y, yAt + 1 * VL);
    t2.intoArray(y, yAt + 2 * VL);
    t3.intoArray(y, yAt + 3 * VL);
  }

  private static void two(
      int blocks,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt,
      int[] words,
      int wordsAt,
      int[] scales,
      int scalesAt,
      int step,
      float[] y,
      int yAt) {
    IntVector evenMask = IntVector.broadcast(INTS, EVEN_MASK);
    IntVector oddMask = IntVector.broadcast(INTS, ODD_MASK);
    IntVector one = IntVector.broadcast(INTS, ONE);
    IntVector sixteen = IntVector.broadcast(INTS, SIXTEEN);
    IntVector high = IntVector.broadcast(INTS, HIGH);
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, yAt + 1 * VL);
    for (int block = 0; block < blocks; block++) {
      int sum = sumsAt + block * VectorLinear.SUMS;
      FloatVector s0 = FloatVector.broadcast(SPECIES, sums[sum + VectorLinear.NIBBLES]);
      FloatVector s1 = s0;
      for (int k = 0; k < BLOCK; k += WORD) {
        int from = xAt + block * BLOCK + k;
        FloatVector f0 = FloatVector.broadcast(SPECIES, x[from]);
        FloatVector f1 = FloatVector.broadcast(SPECIES, x[from + 1]);
        FloatVector f2 = FloatVector.broadcast(SPECIES, x[from + 2]);
        FloatVector f3 = FloatVector.broadcast(SPECIES, x[from + 3]);
        FloatVector f4 = FloatVector.broadcast(SPECIES, x[from + 4]);
        FloatVector f5 = FloatVector.broadcast(SPECIES, x[from + 5]);
        FloatVector f6 = FloatVector.broadcast(SPECIES, x[from + 6]);
        FloatVector f7 = FloatVector.broadcast(SPECIES, x[from + 7]);
        int at = wordsAt + (block * (BLOCK / WORD) + k / WORD) * step;
        IntVector v;
        v = IntVector.fromArray(INTS, words, at);
        s0 = v.and(evenMask).or(one).reinterpretAsFloats().fma(f0, s0);
        s0 = v.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f1, s0);
        IntVector w01 = v.lanewise(VectorOperators.LSHL, 8);
        s0 = w01.and(evenMask).or(one).reinterpretAsFloats().fma(f2, s0);
        s0 = w01.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f3, s0);
        IntVector w02 = v.lanewise(VectorOperators.LSHR, 8);
        s0 = w02.and(evenMask).or(one).reinterpretAsFloats().fma(f4, s0);
        s0 = w02.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f5, s0);
        IntVector w03 = v.lanewise(VectorOperators.ROL, 16);
        s0 = w03.and(evenMask).or(one).reinterpretAsFloats().fma(f6, s0);
        s0 = w03.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f7, s0);
        v = IntVector.fromArray(INTS, words, at + 1 * VL);
        s1 = v.and(evenMask).or(one).reinterpretAsFloats().fma(f0, s1);
        s1 = v.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f1, s1);
        IntVector w11 = v.lanewise(VectorOperators.LSHL, 8);
        s1 = w11.and(evenMask).or(one).reinterpretAsFloats().fma(f2, s1);
        s1 = w11.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f3, s1);
        IntVector w12 = v.lanewise(VectorOperators.LSHR, 8);
        s1 = w12.and(evenMask).or(one).reinterpretAsFloats().fma(f4, s1);
        s1 = w12.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f5, s1);
        IntVector w13 = v.lanewise(VectorOperators.ROL, 16);
        s1 = w13.and(evenMask).or(one).reinterpretAsFloats().fma(f6, s1);
        s1 = w13.and(oddMask).or(sixteen).reinterpretAsFloats().fma(f7, s1);
      }
      int scale = scalesAt + block * step;
      IntVector both;
      both = IntVector.fromArray(INTS, scales, scale);
      t0 = s0.fma(both.lanewise(VectorOperators.LSHR, 1).and(high).reinterpretAsFloats(), t0);
      both = IntVector.fromArray(INTS, scales, scale + 1 * VL);
      t1 = s1.fma(both.lanewise(VectorOperators.LSHR, 1).and(high).reinterpretAsFloats(), t1);
    }
    t0.intoArray(y, yAt);
    t1.intoArray(y, yAt + 1 * VL);
  }

  /**
   * Writes the floats and scales of one panel's blocks for {@link VectorBlockTiles}.
   *
   * @param to receives floats [blocks·BLOCK][PANEL], then scales [blocks][PANEL]
   */
  static void unpack(
      int blocks, int[] words, int wordsAt, int[] scales, int scalesAt, int step, float[] to) {
    IntVector evenMask = IntVector.broadcast(INTS, EVEN_MASK);
    IntVector oddMask = IntVector.broadcast(INTS, ODD_MASK);
    IntVector one = IntVector.broadcast(INTS, ONE);
    IntVector sixteen = IntVector.broadcast(INTS, SIXTEEN);
    IntVector high = IntVector.broadcast(INTS, HIGH);
    for (int lane = 0; lane < PANEL; lane += VL) {
      for (int k = 0; k < blocks * BLOCK; k += WORD) {
        IntVector v = IntVector.fromArray(INTS, words, wordsAt + k / WORD * step + lane);
        int at = k * PANEL + lane;
        IntVector w;
        w = v;
        w.and(evenMask).or(one).reinterpretAsFloats().intoArray(to, at);
        w.and(oddMask).or(sixteen).reinterpretAsFloats().intoArray(to, at + 1 * PANEL);
        w = v.lanewise(VectorOperators.LSHL, 8);
        w.and(evenMask).or(one).reinterpretAsFloats().intoArray(to, at + 2 * PANEL);
        w.and(oddMask).or(sixteen).reinterpretAsFloats().intoArray(to, at + 3 * PANEL);
        w = v.lanewise(VectorOperators.LSHR, 8);
        w.and(evenMask).or(one).reinterpretAsFloats().intoArray(to, at + 4 * PANEL);
        w.and(oddMask).or(sixteen).reinterpretAsFloats().intoArray(to, at + 5 * PANEL);
        w = v.lanewise(VectorOperators.ROL, 16);
        w.and(evenMask).or(one).reinterpretAsFloats().intoArray(to, at + 6 * PANEL);
        w.and(oddMask).or(sixteen).reinterpretAsFloats().intoArray(to, at + 7 * PANEL);
      }
      for (int block = 0; block < blocks; block++) {
        int from = scalesAt + block * step + lane;
        int at = (blocks * BLOCK + block) * PANEL + lane;
        IntVector both = IntVector.fromArray(INTS, scales, from);
        both.lanewise(VectorOperators.LSHR, 1).and(high).reinterpretAsFloats().intoArray(to, at);
      }
    }
  }

  /** Writes the minima [blocks][PANEL] of one panel. */
  static void minima(int blocks, int[] scales, int scalesAt, int step, float[] to) {
    IntVector high = IntVector.broadcast(INTS, HIGH);
    for (int block = 0; block < blocks; block++) {
      for (int lane = 0; lane < PANEL; lane += VL) {
        IntVector both = IntVector.fromArray(INTS, scales, scalesAt + block * step + lane);
        both.lanewise(VectorOperators.LSHL, 15)
            .and(high)
            .reinterpretAsFloats()
            .intoArray(to, block * PANEL + lane);
      }
    }
  }
}
