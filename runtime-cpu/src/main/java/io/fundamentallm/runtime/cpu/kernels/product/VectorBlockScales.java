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
    BlockFormat.Scales scales = w.format().scales;
    for (int lane = 0; lane < HALF; lane += VL) {
      int factors = w.factorsAt(panel, block) + lane;
      for (int i = 0; i < count; i++) {
        int small = w.smallsAt(panel, block + i) + lane;
        int one = i * PANEL + lane;
        switch (scales) {
          case FACTOR -> factor(w.words, w.factorsAt(panel, block + i) + lane, to, SCALES + one);
          case FACTOR_AND_MINIMUM -> {
            factor(w.words, w.factorsAt(panel, block + i) + lane, to, SCALES + one);
            factor(w.words, w.factorsAt(panel, block + i) + HALF + lane, to, MINIMA + one);
          }
          case BYTE_AND_MINIMUM -> {
            unsigned(w.words, small, 0, 255, factors, to, SCALES + one);
            unsigned(w.words, small, 8, 255, factors + HALF, to, MINIMA + one);
          }
          case TWO_BYTES -> {
            signed(w.words, small, 0, factors, to, SCALES + i * PANEL + one);
            signed(w.words, small, 8, factors, to, SCALES + i * PANEL + one + PANEL);
          }
          case FOUR_BITS_AND_MINIMUM -> {
            int two = i * PANEL + one;
            unsigned(w.words, small, 0, 15, factors, to, SCALES + two);
            unsigned(w.words, small, 8, 15, factors, to, SCALES + two + PANEL);
            unsigned(w.words, small, 4, 15, factors + HALF, to, MINIMA + two);
            unsigned(w.words, small, 12, 15, factors + HALF, to, MINIMA + two + PANEL);
          }
          case BYTE -> signed(w.words, small, i % 2 * 8, factors, to, SCALES + one);
          case EXPONENT -> power(w.words, small, i % 2 * 8, to, SCALES + one);
        }
      }
    }
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

  /** Some bits of the small integers, from one on, times a factor. */
  private static void unsigned(
      int[] words, int small, int shift, int mask, int factor, float[] to, int at) {
    IntVector v = load(words, small);
    IntVector low = v.lanewise(VectorOperators.LSHR, shift).and(mask);
    IntVector high = v.lanewise(VectorOperators.LSHR, shift + 16).and(mask);
    low(words, factor).mul(floats(low)).intoArray(to, at);
    high(words, factor).mul(floats(high)).intoArray(to, at + HALF);
  }

  /** The same of a signed byte. */
  private static void signed(
      int[] words, int small, int shift, int factor, float[] to, int at) {
    IntVector v = load(words, small);
    IntVector low = v.lanewise(VectorOperators.LSHL, 24 - shift);
    IntVector high = v.lanewise(VectorOperators.LSHL, 8 - shift);
    low(words, factor).mul(floats(low.lanewise(VectorOperators.ASHR, 24))).intoArray(to, at);
    high(words, factor)
        .mul(floats(high.lanewise(VectorOperators.ASHR, 24)))
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
