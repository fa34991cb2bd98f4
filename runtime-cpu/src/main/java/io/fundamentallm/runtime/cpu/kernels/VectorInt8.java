package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Products with {@link Int8Weights}, which describes how bits become floats. */
final class VectorInt8 {

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  private static final int MASK = 0x007F8000;
  private static final int ONE = 0x3F800000;

  private static final int BLOCK = PackedWeights.BLOCK;
  private static final int PANEL = PackedWeights.PANEL;

  // Four registers that are a whole group lie a constant step apart: the compiler can then move the
  // checks of indices out of the loops.
  private static final int GROUP_STEP = PackedWeights.GROUP * PANEL;
  private static final boolean WHOLE_GROUP = 4 * VL == GROUP_STEP;

  private static final int WORD = Int8Weights.PER_WORD;

  private VectorInt8() {}

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
      float[] scales,
      int scalesAt,
      int step,
      float[] y,
      int yAt) {
    int i = 0;
    for (; i <= lanes - 4 * VL; i += 4 * VL) {
      four(
          blocks, x, xAt, sums, sumsAt, words, wordsAt + i, scales, scalesAt + i, step, y, yAt + i);
    }
    for (; i < lanes; i += 2 * VL) {
      two(blocks, x, xAt, sums, sumsAt, words, wordsAt + i, scales, scalesAt + i, step, y, yAt + i);
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
      float[] scales,
      int scalesAt,
      int anyStep,
      float[] y,
      int yAt) {
    int step = WHOLE_GROUP ? GROUP_STEP : anyStep;
    IntVector mask = IntVector.broadcast(INTS, MASK);
    IntVector one = IntVector.broadcast(INTS, ONE);
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, yAt + 1 * VL);
    FloatVector t2 = FloatVector.fromArray(SPECIES, y, yAt + 2 * VL);
    FloatVector t3 = FloatVector.fromArray(SPECIES, y, yAt + 3 * VL);
    for (int block = 0; block < blocks; block++) {
      int sum = sumsAt + block * VectorLinear.SUMS;
      FloatVector s0 = FloatVector.broadcast(SPECIES, sums[sum + VectorLinear.BYTES]);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int k = 0; k < BLOCK; k += WORD) {
        int from = xAt + block * BLOCK + k;
        FloatVector f0 = FloatVector.broadcast(SPECIES, x[from]);
        FloatVector f1 = FloatVector.broadcast(SPECIES, x[from + 1]);
        FloatVector f2 = FloatVector.broadcast(SPECIES, x[from + 2]);
        FloatVector f3 = FloatVector.broadcast(SPECIES, x[from + 3]);
        int at = wordsAt + (block * (BLOCK / WORD) + k / WORD) * step;
        IntVector v;
        v = IntVector.fromArray(INTS, words, at);
        s0 =
            v.lanewise(VectorOperators.LSHL, 15)
                .and(mask)
                .or(one)
                .reinterpretAsFloats()
                .fma(f0, s0);
        s0 =
            v.lanewise(VectorOperators.LSHL, 7).and(mask).or(one).reinterpretAsFloats().fma(f1, s0);
        s0 =
            v.lanewise(VectorOperators.LSHR, 1).and(mask).or(one).reinterpretAsFloats().fma(f2, s0);
        s0 =
            v.lanewise(VectorOperators.LSHR, 9).and(mask).or(one).reinterpretAsFloats().fma(f3, s0);
        v = IntVector.fromArray(INTS, words, at + 1 * VL);
        s1 =
            v.lanewise(VectorOperators.LSHL, 15)
                .and(mask)
                .or(one)
                .reinterpretAsFloats()
                .fma(f0, s1);
        s1 =
            v.lanewise(VectorOperators.LSHL, 7).and(mask).or(one).reinterpretAsFloats().fma(f1, s1);
        s1 =
            v.lanewise(VectorOperators.LSHR, 1).and(mask).or(one).reinterpretAsFloats().fma(f2, s1);
        s1 =
            v.lanewise(VectorOperators.LSHR, 9).and(mask).or(one).reinterpretAsFloats().fma(f3, s1);
        v = IntVector.fromArray(INTS, words, at + 2 * VL);
        s2 =
            v.lanewise(VectorOperators.LSHL, 15)
                .and(mask)
                .or(one)
                .reinterpretAsFloats()
                .fma(f0, s2);
        s2 =
            v.lanewise(VectorOperators.LSHL, 7).and(mask).or(one).reinterpretAsFloats().fma(f1, s2);
        s2 =
            v.lanewise(VectorOperators.LSHR, 1).and(mask).or(one).reinterpretAsFloats().fma(f2, s2);
        s2 =
            v.lanewise(VectorOperators.LSHR, 9).and(mask).or(one).reinterpretAsFloats().fma(f3, s2);
        v = IntVector.fromArray(INTS, words, at + 3 * VL);
        s3 =
            v.lanewise(VectorOperators.LSHL, 15)
                .and(mask)
                .or(one)
                .reinterpretAsFloats()
                .fma(f0, s3);
        s3 =
            v.lanewise(VectorOperators.LSHL, 7).and(mask).or(one).reinterpretAsFloats().fma(f1, s3);
        s3 =
            v.lanewise(VectorOperators.LSHR, 1).and(mask).or(one).reinterpretAsFloats().fma(f2, s3);
        s3 =
            v.lanewise(VectorOperators.LSHR, 9).and(mask).or(one).reinterpretAsFloats().fma(f3, s3);
      }
      int scale = scalesAt + block * step;
      t0 = s0.fma(FloatVector.fromArray(SPECIES, scales, scale), t0);
      t1 = s1.fma(FloatVector.fromArray(SPECIES, scales, scale + 1 * VL), t1);
      t2 = s2.fma(FloatVector.fromArray(SPECIES, scales, scale + 2 * VL), t2);
      t3 = s3.fma(FloatVector.fromArray(SPECIES, scales, scale + 3 * VL), t3);
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
      float[] scales,
      int scalesAt,
      int step,
      float[] y,
      int yAt) {
    IntVector mask = IntVector.broadcast(INTS, MASK);
    IntVector one = IntVector.broadcast(INTS, ONE);
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, yAt + 1 * VL);
    for (int block = 0; block < blocks; block++) {
      int sum = sumsAt + block * VectorLinear.SUMS;
      FloatVector s0 = FloatVector.broadcast(SPECIES, sums[sum + VectorLinear.BYTES]);
      FloatVector s1 = s0;
      for (int k = 0; k < BLOCK; k += WORD) {
        int from = xAt + block * BLOCK + k;
        FloatVector f0 = FloatVector.broadcast(SPECIES, x[from]);
        FloatVector f1 = FloatVector.broadcast(SPECIES, x[from + 1]);
        FloatVector f2 = FloatVector.broadcast(SPECIES, x[from + 2]);
        FloatVector f3 = FloatVector.broadcast(SPECIES, x[from + 3]);
        int at = wordsAt + (block * (BLOCK / WORD) + k / WORD) * step;
        IntVector v;
        v = IntVector.fromArray(INTS, words, at);
        s0 =
            v.lanewise(VectorOperators.LSHL, 15)
                .and(mask)
                .or(one)
                .reinterpretAsFloats()
                .fma(f0, s0);
        s0 =
            v.lanewise(VectorOperators.LSHL, 7).and(mask).or(one).reinterpretAsFloats().fma(f1, s0);
        s0 =
            v.lanewise(VectorOperators.LSHR, 1).and(mask).or(one).reinterpretAsFloats().fma(f2, s0);
        s0 =
            v.lanewise(VectorOperators.LSHR, 9).and(mask).or(one).reinterpretAsFloats().fma(f3, s0);
        v = IntVector.fromArray(INTS, words, at + 1 * VL);
        s1 =
            v.lanewise(VectorOperators.LSHL, 15)
                .and(mask)
                .or(one)
                .reinterpretAsFloats()
                .fma(f0, s1);
        s1 =
            v.lanewise(VectorOperators.LSHL, 7).and(mask).or(one).reinterpretAsFloats().fma(f1, s1);
        s1 =
            v.lanewise(VectorOperators.LSHR, 1).and(mask).or(one).reinterpretAsFloats().fma(f2, s1);
        s1 =
            v.lanewise(VectorOperators.LSHR, 9).and(mask).or(one).reinterpretAsFloats().fma(f3, s1);
      }
      int scale = scalesAt + block * step;
      t0 = s0.fma(FloatVector.fromArray(SPECIES, scales, scale), t0);
      t1 = s1.fma(FloatVector.fromArray(SPECIES, scales, scale + 1 * VL), t1);
    }
    t0.intoArray(y, yAt);
    t1.intoArray(y, yAt + 1 * VL);
  }

  /**
   * Writes the floats, scales of one panel's blocks for {@link VectorBlockTiles}.
   *
   * @param to receives floats [blocks·BLOCK][PANEL], then scales [blocks][PANEL]
   */
  static void unpack(
      int blocks, int[] words, int wordsAt, float[] scales, int scalesAt, int step, float[] to) {
    IntVector mask = IntVector.broadcast(INTS, MASK);
    IntVector one = IntVector.broadcast(INTS, ONE);
    for (int lane = 0; lane < PANEL; lane += VL) {
      for (int k = 0; k < blocks * BLOCK; k += WORD) {
        IntVector v = IntVector.fromArray(INTS, words, wordsAt + k / WORD * step + lane);
        int at = k * PANEL + lane;
        v.lanewise(VectorOperators.LSHL, 15)
            .and(mask)
            .or(one)
            .reinterpretAsFloats()
            .intoArray(to, at);
        v.lanewise(VectorOperators.LSHL, 7)
            .and(mask)
            .or(one)
            .reinterpretAsFloats()
            .intoArray(to, at + 1 * PANEL);
        v.lanewise(VectorOperators.LSHR, 1)
            .and(mask)
            .or(one)
            .reinterpretAsFloats()
            .intoArray(to, at + 2 * PANEL);
        v.lanewise(VectorOperators.LSHR, 9)
            .and(mask)
            .or(one)
            .reinterpretAsFloats()
            .intoArray(to, at + 3 * PANEL);
      }
      for (int block = 0; block < blocks; block++) {
        int from = scalesAt + block * step + lane;
        int at = (blocks * BLOCK + block) * PANEL + lane;
        FloatVector.fromArray(SPECIES, scales, from).intoArray(to, at);
      }
    }
  }
}
