package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.MINIMA;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.SCALES;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorBlocks.floats;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorBlocks.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Scales and minima of {@link BlockWeights} as floats. */
final class VectorBlockScales {

  private VectorBlockScales() {}

  /** Writes those of some blocks of a panel where {@link ScalarBlocks#scales} does. */
  static void unpack(BlockWeights w, int panel, int block, int count, float[] to) {
    int[] words = w.words;
    BlockFormat.Scales scales = w.format().scales;
    for (int lane = 0; lane < HALF; lane += VL) {
      int factors = w.factorsAt(panel, block) + lane;
      int smalls = w.smallsAt(panel, block) + lane;
      switch (scales) {
        case BYTE_AND_MINIMUM -> bytesAndMinima(words, smalls, factors, count, to, lane);
        case TWO_BYTES -> twoBytes(words, smalls, factors, count, to, lane);
        default -> {
          for (int i = 0; i < count; i++) {
            one(w, panel, block + i, lane, factors, to, i);
          }
        }
      }
    }
  }

  /** Those of block i, whose first unit's factors are given. */
  private static void one(
      BlockWeights w, int panel, int block, int lane, int factors, float[] to, int i) {
    int[] words = w.words;
    int small = w.smallsAt(panel, block) + lane;
    int own = w.factorsAt(panel, block) + lane;
    int at = i * PANEL + lane;
    switch (w.format().scales) {
      case FACTOR -> factor(words, own, to, SCALES + at);
      case FACTOR_AND_MINIMUM -> {
        factor(words, own, to, SCALES + at);
        factor(words, own + HALF, to, MINIMA + at);
      }
      case FOUR_BITS_AND_MINIMUM -> {
        int two = i * PANEL + at;
        unsigned(words, small, 0, factors, to, SCALES + two);
        unsigned(words, small, 8, factors, to, SCALES + two + PANEL);
        unsigned(words, small, 4, factors + HALF, to, MINIMA + two);
        unsigned(words, small, 12, factors + HALF, to, MINIMA + two + PANEL);
      }
      case BYTE -> signed(words, small, i % 2 * 8, factors, to, SCALES + at);
      case EXPONENT -> power(words, small, i % 2 * 8, to, SCALES + at);
      default -> throw new IllegalStateException(w.format() + " has several scales at once");
    }
  }

  /** Eight bits of scale below eight of minimum. */
  private static void bytesAndMinima(
      int[] words, int smalls, int factors, int count, float[] to, int at) {
    FloatVector lowScale = low(words, factors);
    FloatVector highScale = high(words, factors);
    FloatVector lowMinimum = low(words, factors + HALF);
    FloatVector highMinimum = high(words, factors + HALF);
    for (int i = 0; i < count; i++) {
      IntVector v = load(words, smalls + i * HALF);
      int scale = SCALES + i * PANEL + at;
      int minimum = MINIMA + i * PANEL + at;
      lowScale.mul(floats(v.and(255))).intoArray(to, scale);
      highScale
          .mul(floats(v.lanewise(VectorOperators.LSHR, 16).and(255)))
          .intoArray(to, scale + HALF);
      lowMinimum.mul(floats(v.lanewise(VectorOperators.LSHR, 8).and(255))).intoArray(to, minimum);
      highMinimum.mul(floats(v.lanewise(VectorOperators.LSHR, 24))).intoArray(to, minimum + HALF);
    }
  }

  /** Two signed bytes, of half a block each. */
  private static void twoBytes(
      int[] words, int smalls, int factors, int count, float[] to, int at) {
    FloatVector low = low(words, factors);
    FloatVector high = high(words, factors);
    for (int i = 0; i < count; i++) {
      IntVector v = load(words, smalls + i * HALF);
      int scale = SCALES + 2 * i * PANEL + at;
      low.mul(highest(v.lanewise(VectorOperators.LSHL, 24))).intoArray(to, scale);
      low.mul(highest(v.lanewise(VectorOperators.LSHL, 16))).intoArray(to, scale + PANEL);
      high.mul(highest(v.lanewise(VectorOperators.LSHL, 8))).intoArray(to, scale + HALF);
      high.mul(highest(v)).intoArray(to, scale + PANEL + HALF);
    }
  }

  /** The highest bytes, which are signed. */
  private static FloatVector highest(IntVector v) {
    return floats(v.lanewise(VectorOperators.ASHR, 24));
  }

  private static FloatVector low(int[] words, int at) {
    return VectorHalf.fromF16(load(words, at).lanewise(VectorOperators.LSHL, 16));
  }

  private static FloatVector high(int[] words, int at) {
    return VectorHalf.fromF16(load(words, at));
  }

  private static void factor(int[] words, int from, float[] to, int at) {
    low(words, from).intoArray(to, at);
    high(words, from).intoArray(to, at + HALF);
  }

  /** Four bits of the small integers, from one on, times a factor. */
  private static void unsigned(int[] words, int small, int shift, int factor, float[] to, int at) {
    IntVector v = load(words, small);
    IntVector low = v.lanewise(VectorOperators.LSHR, shift).and(15);
    IntVector high = v.lanewise(VectorOperators.LSHR, shift + 16).and(15);
    low(words, factor).mul(floats(low)).intoArray(to, at);
    high(words, factor).mul(floats(high)).intoArray(to, at + HALF);
  }

  /** A signed byte times a factor. */
  private static void signed(int[] words, int small, int shift, int factor, float[] to, int at) {
    IntVector v = load(words, small);
    low(words, factor).mul(highest(v.lanewise(VectorOperators.LSHL, 24 - shift))).intoArray(to, at);
    high(words, factor)
        .mul(highest(v.lanewise(VectorOperators.LSHL, 8 - shift)))
        .intoArray(to, at + HALF);
  }

  private static void power(int[] words, int small, int shift, float[] to, int at) {
    IntVector v = load(words, small);
    power(v.lanewise(VectorOperators.LSHR, shift).and(255)).intoArray(to, at);
    power(v.lanewise(VectorOperators.LSHR, shift + 16).and(255)).intoArray(to, at + HALF);
  }

  /** {@link BlockFormat#power}. */
  private static FloatVector power(IntVector exponent) {
    IntVector normal = exponent.sub(1).lanewise(VectorOperators.LSHL, 23);
    IntVector small = exponent.add(1).lanewise(VectorOperators.LSHL, 21);
    return normal.blend(small, exponent.compare(VectorOperators.LT, 2)).reinterpretAsFloats();
  }
}
