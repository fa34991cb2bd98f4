package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SHORTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;
import static io.fundamentallm.runtime.cpu.kernels.product.VectorBlocks.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code Σ value·q} of single rows with the most common {@link BlockWeights}, in integers of 16
 * bits: one operation serves twice as many weights as with floats. Codes are added up before they
 * could overflow, then become integers of 32 bits.
 */
final class VectorBlockSums {

  private static final int FOUR = 0x000F000F;
  private static final int ONE = 0x00010001;
  private static final int TWO = 0x00030003;

  private VectorBlockSums() {}

  /** Whether there are sums for this format. */
  static boolean has(BlockFormat format) {
    return switch (format) {
      case Q8_0, Q4_0, Q4_1, Q4_K, Q5_0, Q5_1, Q5_K, Q6_K -> true;
      case Q2_K, Q3_K, IQ4_NL, IQ4_XS, MXFP4 -> false;
    };
  }

  /**
   * Writes the sums of some blocks of a panel, [spans][PANEL].
   *
   * @param xAt where the row's blocks begin, which are not in a tile
   */
  static void sums(BlockWeights w, int panel, int block, int count, PackedProduct p, int xAt) {
    float[] to = p.floats.scratch;
    for (int lane = 0; lane < HALF; lane += VL) {
      for (int i = 0; i < count; i++) {
        int lows = w.lowsAt(panel, block + i) + lane;
        int highs = w.highsAt(panel, block + i) + lane;
        int x = xAt + i * QuantizedRows.STRIDE;
        int at = i * PANEL + lane;
        switch (w.format()) {
          case Q8_0 -> bytes(w.words, lows, p.quantized, x, to, at);
          case Q4_0 -> fours(w.words, lows, p.quantized, x, to, at, 0);
          case Q4_1, Q4_K -> fours(w.words, lows, p.quantized, x, to, at, -1);
          case Q5_0, Q5_1, Q5_K -> fives(w, lows, highs, p.quantized, x, to, at);
          default -> {
            int half = lows + BLOCK / 8 * HALF;
            sixes(w.words, lows, highs, p.quantized, x, to, i * PANEL + at);
            x += BLOCK / 2;
            sixes(w.words, half, highs + 2 * HALF, p.quantized, x, to, i * PANEL + at + PANEL);
          }
        }
      }
    }
  }

  private static ShortVector input(float[] x, int at) {
    return FloatVector.broadcast(SPECIES, x[at]).reinterpretAsShorts();
  }

  private static IntVector low(ShortVector s) {
    return s.reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 16)
        .lanewise(VectorOperators.ASHR, 16);
  }

  private static IntVector high(ShortVector s) {
    return s.reinterpretAsInts().lanewise(VectorOperators.ASHR, 16);
  }

  private static void bytes(int[] words, int lows, float[] x, int from, float[] to, int at) {
    IntVector low = IntVector.zero(INTS);
    IntVector high = low;
    for (int k = 0; k < BLOCK / 2; k++) {
      ShortVector v = load(words, lows + k * HALF).reinterpretAsShorts();
      ShortVector two =
          v.lanewise(VectorOperators.LSHL, 8)
              .lanewise(VectorOperators.ASHR, 8)
              .mul(input(x, from + 2 * k))
              .add(v.lanewise(VectorOperators.ASHR, 8).mul(input(x, from + 2 * k + 1)));
      low = low.add(low(two));
      high = high.add(high(two));
    }
    VectorBlocks.floats(low).intoArray(to, at);
    VectorBlocks.floats(high).intoArray(to, at + HALF);
  }

  /**
   * Sums of codes less 8.
   *
   * @param uncentered −1 for sums of codes; 0 for these
   */
  private static void fours(
      int[] words, int lows, float[] x, int from, float[] to, int at, int uncentered) {
    short start = (short) Float.floatToRawIntBits(x[from + QuantizedRows.START]);
    ShortVector s = ShortVector.broadcast(SHORTS, start);
    for (int k = 0; k < BLOCK / 4; k++) {
      IntVector v = load(words, lows + k * HALF);
      int i = from + 4 * k;
      s = s.add(v.and(FOUR).reinterpretAsShorts().mul(input(x, i)));
      s = s.add(shifted(v, 4).and(FOUR).reinterpretAsShorts().mul(input(x, i + 1)));
      s = s.add(shifted(v, 8).and(FOUR).reinterpretAsShorts().mul(input(x, i + 2)));
      s = s.add(v.reinterpretAsShorts().lanewise(VectorOperators.LSHR, 12).mul(input(x, i + 3)));
    }
    int correction = start & uncentered;
    VectorBlocks.floats(low(s).sub(correction)).intoArray(to, at);
    VectorBlocks.floats(high(s).sub(correction)).intoArray(to, at + HALF);
  }

  private static IntVector shifted(IntVector v, int bits) {
    return v.lanewise(VectorOperators.LSHR, bits);
  }

  /** Sums of codes less their center, of eight columns before they could overflow. */
  private static void fives(
      BlockWeights w, int lows, int highs, float[] x, int from, float[] to, int at) {
    int[] words = w.words;
    IntVector low = IntVector.zero(INTS);
    IntVector high = low;
    for (int k = 0; k < BLOCK / 8; k++) {
      ShortVector s = ShortVector.zero(SHORTS);
      for (int word = 2 * k; word < 2 * k + 2; word++) {
        IntVector v = load(words, lows + word * HALF);
        IntVector u = load(words, highs + word / 4 * HALF).lanewise(VectorOperators.LSHR, word % 4);
        for (int c = 0; c < 4; c++) {
          IntVector upper = u.lanewise(VectorOperators.LSHR, 4 * c).and(ONE);
          ShortVector code =
              v.lanewise(VectorOperators.LSHR, 4 * c)
                  .and(FOUR)
                  .or(upper.lanewise(VectorOperators.LSHL, 4))
                  .reinterpretAsShorts();
          s = s.add(code.mul(input(x, from + 4 * word + c)));
        }
      }
      low = low.add(low(s));
      high = high.add(high(s));
    }
    short start = (short) Float.floatToRawIntBits(x[from + QuantizedRows.START]); // −8·Σq
    int center = w.format().center / 8 * start;
    VectorBlocks.floats(low.add(center)).intoArray(to, at);
    VectorBlocks.floats(high.add(center)).intoArray(to, at + HALF);
  }

  /** Sums of 16 columns. */
  private static void sixes(
      int[] words, int lows, int highs, float[] x, int from, float[] to, int at) {
    IntVector low = IntVector.zero(INTS);
    IntVector high = low;
    for (int k = 0; k < BLOCK / 16; k++) {
      ShortVector s = ShortVector.zero(SHORTS);
      for (int word = 2 * k; word < 2 * k + 2; word++) {
        IntVector v = load(words, lows + word * HALF);
        IntVector u =
            load(words, highs + word / 2 * HALF).lanewise(VectorOperators.LSHR, word % 2 * 2);
        for (int c = 0; c < 4; c++) {
          IntVector upper = u.lanewise(VectorOperators.LSHR, 4 * c).and(TWO);
          ShortVector code =
              v.lanewise(VectorOperators.LSHR, 4 * c)
                  .and(FOUR)
                  .or(upper.lanewise(VectorOperators.LSHL, 4))
                  .reinterpretAsShorts();
          s = s.add(code.sub((short) 32).mul(input(x, from + 4 * word + c)));
        }
      }
      low = low.add(low(s));
      high = high.add(high(s));
    }
    VectorBlocks.floats(low).intoArray(to, at);
    VectorBlocks.floats(high).intoArray(to, at + HALF);
  }
}
