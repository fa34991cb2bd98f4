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
        case BYTE_AND_MINIMUM, TWO_BYTES, FOUR_BITS_AND_MINIMUM ->
            small(scales, words, smalls, factors, count, to, toAt + lane);
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

  /**
   * Small integers of four or eight bits times a unit's factors. One loop for all, or the compiler
   * would not inline the last of it.
   */
  private static void small(
      BlockFormat.Scales scales,
      int[] words,
      int smalls,
      int factors,
      int count,
      float[] to,
      int at) {
    boolean minima = scales.minimum;
    int bits = scales == BlockFormat.Scales.FOUR_BITS_AND_MINIMUM ? 4 : 8;
    int mask = (1 << bits) - 1;
    int sign = minima ? 0 : 0x80;
    int each = 16 / bits; // of a block
    int spans = minima ? each / 2 : each;
    for (int j = 0; j < each; j++) {
      boolean minimum = minima && j % 2 == 1;
      FloatVector low = low(words, minimum ? factors + HALF : factors);
      FloatVector high = high(words, minimum ? factors + HALF : factors);
      int first = at + (minimum ? MINIMA - SCALES : 0) + (minima ? j / 2 : j) * PANEL;
      for (int i = 0; i < count; i++) {
        IntVector v = load(words, smalls + i * HALF).lanewise(VectorOperators.LSHR, bits * j);
        int toAt = first + i * spans * PANEL;
        low.mul(signed(v, mask, sign)).intoArray(to, toAt);
        high.mul(signed(v.lanewise(VectorOperators.LSHR, 16), mask, sign))
            .intoArray(to, toAt + HALF);
      }
    }
  }

  /** The lowest bits, the highest of which may be a sign. */
  private static FloatVector signed(IntVector v, int mask, int sign) {
    return floats(v.and(mask).lanewise(VectorOperators.XOR, sign).sub(sign));
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
