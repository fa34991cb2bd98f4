package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.MINIMA;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.SCALES;

import io.fundamentallm.runtime.cpu.kernels.math.Half;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Scales and minima of {@link BlockWeights} as floats. */
final class VectorBlockScales {

  private VectorBlockScales() {}

  /**
   * Writes those of some blocks of a panel as {@link ScalarBlocks#scales} does, from an index on.
   */
  static void unpack(BlockWeights w, int panel, int block, int count, float[] to, int toAt) {
    int[] words = w.words;
    BlockFormat.Scales scales = w.format().scales;
    for (int lane = 0; lane < HALF; lane += VL) {
      int factors = w.factorsAt(panel, block) + lane;
      int smalls = w.smallsAt(panel, block) + lane;
      switch (scales) {
        case BYTE_AND_MINIMUM -> bytesAndMinima(words, smalls, factors, count, to, toAt + lane);
        case TWO_BYTES -> twoBytes(words, smalls, factors, count, to, toAt + lane);
        case FOUR_BITS_AND_MINIMUM -> fourBits(words, smalls, factors, count, to, toAt + lane);
        default -> {
          for (int i = 0; i < count; i++) {
            one(w, panel, block + i, lane, factors, to, toAt + i * PANEL + lane);
          }
        }
      }
    }
  }

  /** Those of one block; the first unit's factors are given. */
  private static void one(
      BlockWeights w, int panel, int block, int lane, int factors, float[] to, int at) {
    int[] words = w.words;
    int small = w.smallsAt(panel, block) + lane;
    int own = w.factorsAt(panel, block) + lane;
    switch (w.format().scales) {
      case FACTOR -> factor(words, own, to, at);
      case FACTOR_AND_MINIMUM -> {
        factor(words, own, to, at);
        factor(words, own + HALF, to, at + MINIMA - SCALES);
      }
      case BYTE -> signed(words, small, block % 2 * 8, factors, to, at);
      case EXPONENT -> power(words, small, block % 2 * 8, to, at);
      default -> throw new IllegalStateException(w.format() + " has several scales at once");
    }
  }

  // Products of factors and small integers. Factors go through the array, as no method may return
  // a vector.

  private static void bytesAndMinima(
      int[] words, int smalls, int factors, int count, float[] to, int at) {
    int minima = at + MINIMA - SCALES;
    factor(words, factors, to, at);
    factor(words, factors + HALF, to, minima);
    FloatVector low = FloatVector.fromArray(SPECIES, to, at);
    FloatVector high = FloatVector.fromArray(SPECIES, to, at + HALF);
    FloatVector lowMinimum = FloatVector.fromArray(SPECIES, to, minima);
    FloatVector highMinimum = FloatVector.fromArray(SPECIES, to, minima + HALF);
    for (int i = 0; i < count; i++) {
      IntVector v = IntVector.fromArray(INTS, words, smalls + i * HALF);
      IntVector scale = v.and(255);
      low.mul(scale.convert(VectorOperators.I2F, 0)).intoArray(to, at + i * PANEL);
      scale = v.lanewise(VectorOperators.LSHR, 16).and(255);
      high.mul(scale.convert(VectorOperators.I2F, 0)).intoArray(to, at + i * PANEL + HALF);
      IntVector minimum = v.lanewise(VectorOperators.LSHR, 8).and(255);
      lowMinimum.mul(minimum.convert(VectorOperators.I2F, 0)).intoArray(to, minima + i * PANEL);
      minimum = v.lanewise(VectorOperators.LSHR, 24);
      highMinimum
          .mul(minimum.convert(VectorOperators.I2F, 0))
          .intoArray(to, minima + i * PANEL + HALF);
    }
  }

  private static void twoBytes(
      int[] words, int smalls, int factors, int count, float[] to, int at) {
    factor(words, factors, to, at);
    FloatVector low = FloatVector.fromArray(SPECIES, to, at);
    FloatVector high = FloatVector.fromArray(SPECIES, to, at + HALF);
    for (int i = 0; i < count; i++) {
      IntVector v = IntVector.fromArray(INTS, words, smalls + i * HALF);
      int first = at + 2 * i * PANEL;
      IntVector scale = v.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24);
      low.mul(scale.convert(VectorOperators.I2F, 0)).intoArray(to, first);
      scale = v.lanewise(VectorOperators.LSHL, 8).lanewise(VectorOperators.ASHR, 24);
      high.mul(scale.convert(VectorOperators.I2F, 0)).intoArray(to, first + HALF);
      scale = v.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 24);
      low.mul(scale.convert(VectorOperators.I2F, 0)).intoArray(to, first + PANEL);
      scale = v.lanewise(VectorOperators.ASHR, 24);
      high.mul(scale.convert(VectorOperators.I2F, 0)).intoArray(to, first + PANEL + HALF);
    }
  }

  /** Scales and minima by turns, two of each. */
  private static void fourBits(
      int[] words, int smalls, int factors, int count, float[] to, int at) {
    for (int j = 0; j < 4; j++) {
      int first = at + j % 2 * (MINIMA - SCALES) + j / 2 * PANEL;
      factor(words, factors + j % 2 * HALF, to, first);
      FloatVector low = FloatVector.fromArray(SPECIES, to, first);
      FloatVector high = FloatVector.fromArray(SPECIES, to, first + HALF);
      for (int i = 0; i < count; i++) {
        IntVector v =
            IntVector.fromArray(INTS, words, smalls + i * HALF)
                .lanewise(VectorOperators.LSHR, 4 * j);
        int toAt = first + 2 * i * PANEL;
        low.mul(v.and(15).convert(VectorOperators.I2F, 0)).intoArray(to, toAt);
        v = v.lanewise(VectorOperators.LSHR, 16).and(15);
        high.mul(v.convert(VectorOperators.I2F, 0)).intoArray(to, toAt + HALF);
      }
    }
  }

  private static void factor(int[] words, int from, float[] to, int at) {
    IntVector.fromArray(INTS, words, from)
        .lanewise(VectorOperators.LSHL, 16)
        .lanewise(VectorOperators.ASHR, 3)
        .and(VectorHalf.F16_BITS)
        .reinterpretAsFloats()
        .mul(Half.SCALE)
        .intoArray(to, at);
    IntVector.fromArray(INTS, words, from)
        .lanewise(VectorOperators.ASHR, 3)
        .and(VectorHalf.F16_BITS)
        .reinterpretAsFloats()
        .mul(Half.SCALE)
        .intoArray(to, at + HALF);
  }

  /** A signed byte times a factor. */
  private static void signed(int[] words, int small, int shift, int factor, float[] to, int at) {
    IntVector v = IntVector.fromArray(INTS, words, small);
    IntVector.fromArray(INTS, words, factor)
        .lanewise(VectorOperators.LSHL, 16)
        .lanewise(VectorOperators.ASHR, 3)
        .and(VectorHalf.F16_BITS)
        .reinterpretAsFloats()
        .mul(Half.SCALE)
        .mul(
            ((FloatVector)
                v.lanewise(VectorOperators.LSHL, 24 - shift)
                    .lanewise(VectorOperators.ASHR, 24)
                    .convert(VectorOperators.I2F, 0)))
        .intoArray(to, at);
    IntVector.fromArray(INTS, words, factor)
        .lanewise(VectorOperators.ASHR, 3)
        .and(VectorHalf.F16_BITS)
        .reinterpretAsFloats()
        .mul(Half.SCALE)
        .mul(
            ((FloatVector)
                v.lanewise(VectorOperators.LSHL, 8 - shift)
                    .lanewise(VectorOperators.ASHR, 24)
                    .convert(VectorOperators.I2F, 0)))
        .intoArray(to, at + HALF);
  }

  /** {@link BlockFormat#power} of a byte of each half. */
  private static void power(int[] words, int smalls, int shift, float[] to, int at) {
    IntVector v = IntVector.fromArray(INTS, words, smalls);
    IntVector exponent = v.lanewise(VectorOperators.LSHR, shift).and(255);
    exponent
        .sub(1)
        .lanewise(VectorOperators.LSHL, 23)
        .blend(
            exponent.add(1).lanewise(VectorOperators.LSHL, 21),
            exponent.compare(VectorOperators.LT, 2))
        .reinterpretAsFloats()
        .intoArray(to, at);
    exponent = v.lanewise(VectorOperators.LSHR, shift + 16).and(255);
    exponent
        .sub(1)
        .lanewise(VectorOperators.LSHL, 23)
        .blend(
            exponent.add(1).lanewise(VectorOperators.LSHL, 21),
            exponent.compare(VectorOperators.LT, 2))
        .reinterpretAsFloats()
        .intoArray(to, at + HALF);
  }
}
