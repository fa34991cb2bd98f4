package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** Products of a row with {@link Int8Weights}, which describes their layout. */
final class VectorInt8 {

  private static final int BLOCK = PackedWeights.BLOCK;
  private static final int HALF = PackedWeights.HALF;
  private static final int PANEL = PackedWeights.PANEL;
  private static final int STRIDE = Int8Weights.STRIDE;
  private static final int CODES = Int8Weights.CODES;

  /** What the low bytes of both halves are too large by. */
  static final int BIAS = 0x00800080;

  /** The sign of the lower half. */
  private static final int LOW_SIGN = 0x8000;

  private VectorInt8() {}

  /**
   * Adds to y [PANEL] the product of some blocks of one panel and of a row that is not in a tile.
   *
   * <p>The sums of lower halves are what the sums of whole ints have beside those of the upper
   * halves; meanwhile they are kept from being negative.
   *
   * @param xAt where the row's first block begins in its copy for words of 8 bits
   * @param prefetches whether to ask for words that will be read after these
   */
  static void multiply(
      PackedProduct p, int blocks, int xAt, int[] words, int wordsAt, boolean prefetches, int yAt) {
    for (int lane = 0; lane < HALF; lane += VL) {
      lanes(p, blocks, xAt, words, wordsAt + lane, prefetches, yAt + lane);
    }
  }

  private static void lanes(
      PackedProduct p, int blocks, int xAt, int[] words, int wordsAt, boolean prefetches, int yAt) {
    float[] x = p.prepared;
    float[] y = p.y;
    FloatVector low = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector high = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    for (int block = 0; block < blocks; block++) {
      int from = xAt + block * QuantizedRows.STRIDE;
      int at = wordsAt + block * STRIDE;
      if (Prefetch.WORKS && prefetches) {
        Prefetch.after(words, at);
        Prefetch.after(words, at + HALF);
      }
      IntVector all = IntVector.zero(INTS);
      IntVector highs = all;
      for (int k = 0; k < BLOCK / 2; k++) {
        if (Prefetch.WORKS && prefetches) {
          Prefetch.after(words, at + CODES + k * HALF);
        }
        ShortVector v =
            IntVector.fromArray(INTS, words, at + CODES + k * HALF).reinterpretAsShorts();
        ShortVector x0 = FloatVector.broadcast(SPECIES, x[from + 2 * k]).reinterpretAsShorts();
        ShortVector x1 = FloatVector.broadcast(SPECIES, x[from + 2 * k + 1]).reinterpretAsShorts();
        IntVector two =
            v.sub((short) BIAS)
                .mul(x0)
                .add(v.lanewise(VectorOperators.ASHR, 8).mul(x1))
                .reinterpretAsInts();
        all = all.add(two.lanewise(VectorOperators.XOR, LOW_SIGN));
        highs = highs.add(two.lanewise(VectorOperators.ASHR, 16));
      }
      IntVector lows = all.sub(highs.lanewise(VectorOperators.LSHL, 16)).sub(BLOCK / 2 * LOW_SIGN);
      FloatVector scale = FloatVector.broadcast(SPECIES, x[from + QuantizedRows.SCALE]);
      low =
          ((FloatVector) lows.convert(VectorOperators.I2F, 0))
              .mul(scale)
              .fma(IntVector.fromArray(INTS, words, at).reinterpretAsFloats(), low);
      high =
          ((FloatVector) highs.convert(VectorOperators.I2F, 0))
              .mul(scale)
              .fma(IntVector.fromArray(INTS, words, at + HALF).reinterpretAsFloats(), high);
    }
    low.intoArray(y, yAt);
    high.intoArray(y, yAt + HALF);
  }

  /**
   * Writes blocks of a panel for {@link VectorInt8Tiles}: q as floats [blocks·BLOCK][PANEL], from
   * {@link Floats#FRONT} on.
   */
  static void unpack(int blocks, int[] words, int wordsAt, float[] to) {
    for (int lane = 0; lane < HALF; lane += VL) {
      for (int k = 0; k < blocks * BLOCK / 2; k++) {
        int at = wordsAt + k / (BLOCK / 2) * STRIDE + CODES + k % (BLOCK / 2) * HALF + lane;
        IntVector v = IntVector.fromArray(INTS, words, at).lanewise(VectorOperators.XOR, BIAS);
        int row = Floats.FRONT + 2 * k * PANEL + lane;
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
  }
}
