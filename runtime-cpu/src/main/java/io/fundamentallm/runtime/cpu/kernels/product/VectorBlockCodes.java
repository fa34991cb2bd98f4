package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** The numbers of {@link BlockWeights} before they are scaled, as floats. */
final class VectorBlockCodes {

  /**
   * Coefficients of a polynomial that is less than half away from each of IQ4_NL's 16 numbers, so
   * that it only has to be rounded. That is faster than to look them up.
   */
  private static final float C0 = -126.567009f;

  private static final float C1 = 24.17383f;
  private static final float C2 = -1.371927f;
  private static final float C3 = 0.031086439f;
  private static final float C4 = 0.0015860428f;

  // Adding 1.5·2²³ rounds to an integer.
  private static final float ROUNDER = 12582912f;

  private VectorBlockCodes() {}

  /** Writes the numbers of some blocks of a panel, [blocks·BLOCK][PANEL] from VALUES on. */
  static void unpack(BlockWeights w, int panel, int block, int count, float[] to) {
    BlockFormat format = w.format();
    for (int i = 0; i < count; i++) {
      int lows = w.lowsAt(panel, block + i);
      int highs = w.highsAt(panel, block + i);
      int at = ScalarBlocks.VALUES + i * BLOCK * PANEL;
      for (int lane = 0; lane < HALF; lane += VL) {
        switch (format) {
          case Q8_0 -> bytes(w.words, lows + lane, to, at + lane);
          case Q2_K -> pairs(w.words, lows + lane, to, at + lane);
          case Q3_K -> triples(w.words, lows + lane, highs + lane, to, at + lane);
          case IQ4_NL, IQ4_XS -> nonlinear(w.words, lows + lane, to, at + lane);
          case MXFP4 -> e2m1(w.words, lows + lane, to, at + lane);
          case Q4_0 -> fours(w.words, lows + lane, 8, to, at + lane);
          case Q4_1, Q4_K -> fours(w.words, lows + lane, 0, to, at + lane);
          case Q5_0, Q5_1, Q5_K ->
              fives(w.words, lows + lane, highs + lane, format.center, to, at + lane);
          case Q6_K -> sixes(w.words, lows + lane, highs + lane, to, at + lane);
        }
      }
    }
  }

  private static void bytes(int[] words, int from, float[] to, int at) {
    for (int k = 0; k < BLOCK / 2; k++) {
      IntVector v =
          IntVector.fromArray(INTS, words, from + k * HALF)
              .lanewise(VectorOperators.XOR, VectorInt8.BIAS);
      int row = at + 2 * k * PANEL;
      ((FloatVector)
              v.lanewise(VectorOperators.LSHL, 24)
                  .lanewise(VectorOperators.ASHR, 24)
                  .convert(VectorOperators.I2F, 0))
          .intoArray(to, row);
      ((FloatVector)
              v.lanewise(VectorOperators.LSHL, 8)
                  .lanewise(VectorOperators.ASHR, 24)
                  .convert(VectorOperators.I2F, 0))
          .intoArray(to, row + HALF);
      ((FloatVector)
              v.lanewise(VectorOperators.LSHL, 16)
                  .lanewise(VectorOperators.ASHR, 24)
                  .convert(VectorOperators.I2F, 0))
          .intoArray(to, row + PANEL);
      ((FloatVector) v.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0))
          .intoArray(to, row + PANEL + HALF);
    }
  }

  private static void fours(int[] words, int from, int center, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = IntVector.fromArray(INTS, words, from + k * HALF);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 4; c++) {
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 4 * c)
                    .and(15)
                    .sub(center)
                    .convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL);
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 4 * c + 16)
                    .and(15)
                    .sub(center)
                    .convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void fives(int[] words, int from, int highs, int center, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = IntVector.fromArray(INTS, words, from + k * HALF);
      IntVector u =
          IntVector.fromArray(INTS, words, highs + k / 4 * HALF)
              .lanewise(VectorOperators.LSHR, k % 4)
              .and(0x11111111);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 4; c++) {
        IntVector low =
            u.lanewise(VectorOperators.LSHR, 4 * c).and(1).lanewise(VectorOperators.LSHL, 4);
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 4 * c)
                    .and(15)
                    .or(low)
                    .sub(center)
                    .convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL);
        IntVector high =
            u.lanewise(VectorOperators.LSHR, 4 * c + 16).and(1).lanewise(VectorOperators.LSHL, 4);
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 4 * c + 16)
                    .and(15)
                    .or(high)
                    .sub(center)
                    .convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void sixes(int[] words, int from, int highs, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = IntVector.fromArray(INTS, words, from + k * HALF);
      IntVector u =
          IntVector.fromArray(INTS, words, highs + k / 2 * HALF)
              .lanewise(VectorOperators.LSHR, k % 2 * 2);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 4; c++) {
        IntVector low =
            u.lanewise(VectorOperators.LSHR, 4 * c).and(3).lanewise(VectorOperators.LSHL, 4);
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 4 * c)
                    .and(15)
                    .or(low)
                    .sub(32)
                    .convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL);
        IntVector high =
            u.lanewise(VectorOperators.LSHR, 4 * c + 16).and(3).lanewise(VectorOperators.LSHL, 4);
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 4 * c + 16)
                    .and(15)
                    .or(high)
                    .sub(32)
                    .convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void pairs(int[] words, int from, float[] to, int at) {
    for (int k = 0; k < BLOCK / 8; k++) {
      IntVector v = IntVector.fromArray(INTS, words, from + k * HALF);
      int row = at + 8 * k * PANEL;
      for (int c = 0; c < 8; c++) {
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 2 * c).and(3).convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL);
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 2 * c + 16).and(3).convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void triples(int[] words, int from, int highs, float[] to, int at) {
    for (int k = 0; k < BLOCK / 8; k++) {
      IntVector v = IntVector.fromArray(INTS, words, from + k * HALF);
      IntVector u =
          IntVector.fromArray(INTS, words, highs + k / 2 * HALF)
              .lanewise(VectorOperators.LSHR, k % 2);
      int row = at + 8 * k * PANEL;
      for (int c = 0; c < 8; c++) {
        IntVector low =
            u.lanewise(VectorOperators.LSHR, 2 * c).and(1).lanewise(VectorOperators.LSHL, 2);
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 2 * c)
                    .and(3)
                    .or(low)
                    .sub(4)
                    .convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL);
        IntVector high =
            u.lanewise(VectorOperators.LSHR, 2 * c + 16).and(1).lanewise(VectorOperators.LSHL, 2);
        ((FloatVector)
                v.lanewise(VectorOperators.LSHR, 2 * c + 16)
                    .and(3)
                    .or(high)
                    .sub(4)
                    .convert(VectorOperators.I2F, 0))
            .intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void nonlinear(int[] words, int from, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = IntVector.fromArray(INTS, words, from + k * HALF);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 8; c++) {
        FloatVector code =
            (FloatVector)
                v.lanewise(VectorOperators.LSHR, 4 * c).and(15).convert(VectorOperators.I2F, 0);
        code.fma(FloatVector.broadcast(SPECIES, C4), FloatVector.broadcast(SPECIES, C3))
            .fma(code, FloatVector.broadcast(SPECIES, C2))
            .fma(code, FloatVector.broadcast(SPECIES, C1))
            .fma(code, FloatVector.broadcast(SPECIES, C0))
            .add(ROUNDER)
            .sub(ROUNDER)
            .intoArray(to, row + c % 4 * PANEL + c / 4 * HALF);
      }
    }
  }

  /** The numbers rise by one up to code 4, then by two, and by four up to code 7. */
  private static void e2m1(int[] words, int from, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = IntVector.fromArray(INTS, words, from + k * HALF);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 8; c++) {
        IntVector code = v.lanewise(VectorOperators.LSHR, 4 * c);
        IntVector size = code.and(7);
        IntVector sign = code.and(8).lanewise(VectorOperators.LSHL, 28);
        IntVector steep = size.sub(6).max(0);
        IntVector value = size.add(size.sub(4).max(0)).add(steep).add(steep);
        ((FloatVector) value.convert(VectorOperators.I2F, 0))
            .reinterpretAsInts()
            .or(sign)
            .reinterpretAsFloats()
            .intoArray(to, row + c % 4 * PANEL + c / 4 * HALF);
      }
    }
  }
}
