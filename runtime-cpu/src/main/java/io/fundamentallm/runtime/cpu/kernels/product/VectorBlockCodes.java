package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorBlocks.floats;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorBlocks.load;

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

  /** Writes the numbers of some blocks of a panel, [blocks·BLOCK][PANEL]. */
  static void unpack(BlockWeights w, int panel, int block, int count, float[] to) {
    BlockFormat format = w.format();
    for (int i = 0; i < count; i++) {
      int lows = w.lowsAt(panel, block + i);
      int highs = w.highsAt(panel, block + i);
      int at = i * BLOCK * PANEL;
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
      IntVector v = load(words, from + k * HALF).lanewise(VectorOperators.XOR, VectorInt8.BIAS);
      int row = at + 2 * k * PANEL;
      highest(v.lanewise(VectorOperators.LSHL, 24)).intoArray(to, row);
      highest(v.lanewise(VectorOperators.LSHL, 8)).intoArray(to, row + HALF);
      highest(v.lanewise(VectorOperators.LSHL, 16)).intoArray(to, row + PANEL);
      highest(v).intoArray(to, row + PANEL + HALF);
    }
  }

  /** The highest bytes. */
  private static FloatVector highest(IntVector v) {
    return floats(v.lanewise(VectorOperators.ASHR, 24));
  }

  /** Bits from one on. */
  private static IntVector bits(IntVector v, int shift, int mask) {
    return v.lanewise(VectorOperators.LSHR, shift).and(mask);
  }

  private static void fours(int[] words, int from, int center, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = load(words, from + k * HALF);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 4; c++) {
        floats(bits(v, 4 * c, 15).sub(center)).intoArray(to, row + c * PANEL);
        floats(bits(v, 4 * c + 16, 15).sub(center)).intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void fives(int[] words, int from, int highs, int center, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = load(words, from + k * HALF);
      IntVector u = bits(load(words, highs + k / 4 * HALF), k % 4, 0x11111111);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 4; c++) {
        IntVector low = bits(u, 4 * c, 1).lanewise(VectorOperators.LSHL, 4);
        floats(bits(v, 4 * c, 15).or(low).sub(center)).intoArray(to, row + c * PANEL);
        IntVector high = bits(u, 4 * c + 16, 1).lanewise(VectorOperators.LSHL, 4);
        floats(bits(v, 4 * c + 16, 15).or(high).sub(center)).intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void sixes(int[] words, int from, int highs, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = load(words, from + k * HALF);
      IntVector u = load(words, highs + k / 2 * HALF).lanewise(VectorOperators.LSHR, k % 2 * 2);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 4; c++) {
        IntVector low = bits(u, 4 * c, 3).lanewise(VectorOperators.LSHL, 4);
        floats(bits(v, 4 * c, 15).or(low).sub(32)).intoArray(to, row + c * PANEL);
        IntVector high = bits(u, 4 * c + 16, 3).lanewise(VectorOperators.LSHL, 4);
        floats(bits(v, 4 * c + 16, 15).or(high).sub(32)).intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void pairs(int[] words, int from, float[] to, int at) {
    for (int k = 0; k < BLOCK / 8; k++) {
      IntVector v = load(words, from + k * HALF);
      int row = at + 8 * k * PANEL;
      for (int c = 0; c < 8; c++) {
        floats(bits(v, 2 * c, 3)).intoArray(to, row + c * PANEL);
        floats(bits(v, 2 * c + 16, 3)).intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void triples(int[] words, int from, int highs, float[] to, int at) {
    for (int k = 0; k < BLOCK / 8; k++) {
      IntVector v = load(words, from + k * HALF);
      IntVector u = load(words, highs + k / 2 * HALF).lanewise(VectorOperators.LSHR, k % 2);
      int row = at + 8 * k * PANEL;
      for (int c = 0; c < 8; c++) {
        IntVector low = bits(u, 2 * c, 1).lanewise(VectorOperators.LSHL, 2);
        floats(bits(v, 2 * c, 3).or(low).sub(4)).intoArray(to, row + c * PANEL);
        IntVector high = bits(u, 2 * c + 16, 1).lanewise(VectorOperators.LSHL, 2);
        floats(bits(v, 2 * c + 16, 3).or(high).sub(4)).intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static void nonlinear(int[] words, int from, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = load(words, from + k * HALF);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 4; c++) {
        nonlinear(floats(bits(v, 4 * c, 15))).intoArray(to, row + c * PANEL);
        nonlinear(floats(bits(v, 4 * c + 16, 15))).intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  private static FloatVector nonlinear(FloatVector code) {
    return code.fma(FloatVector.broadcast(SPECIES, C4), FloatVector.broadcast(SPECIES, C3))
        .fma(code, FloatVector.broadcast(SPECIES, C2))
        .fma(code, FloatVector.broadcast(SPECIES, C1))
        .fma(code, FloatVector.broadcast(SPECIES, C0))
        .add(ROUNDER)
        .sub(ROUNDER);
  }

  private static void e2m1(int[] words, int from, float[] to, int at) {
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = load(words, from + k * HALF);
      int row = at + 4 * k * PANEL;
      for (int c = 0; c < 4; c++) {
        e2m1(bits(v, 4 * c, 15)).intoArray(to, row + c * PANEL);
        e2m1(bits(v, 4 * c + 16, 15)).intoArray(to, row + c * PANEL + HALF);
      }
    }
  }

  /** The numbers rise by one up to code 4, then by two, and by four up to code 7. */
  private static FloatVector e2m1(IntVector code) {
    IntVector size = code.and(7);
    IntVector sign = code.and(8).lanewise(VectorOperators.LSHL, 28);
    IntVector steep = size.sub(6).max(0);
    IntVector value = size.add(size.sub(4).max(0)).add(steep).add(steep);
    return floats(value).reinterpretAsInts().or(sign).reinterpretAsFloats();
  }
}
