package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SHORTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import io.fundamentallm.runtime.cpu.kernels.math.Half;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Products of single rows with {@link BlockWeights} whose codes are digits of words, in integers of
 * 16 bits: one operation serves twice as many weights as with floats. Words are multiplied whole,
 * see {@link VectorRowQuantizer}.
 *
 * <p>Each method adds {@code scale·Σ value·q} of some blocks of some panels to y; scales are in
 * scratch. Panels are the outer loop here, and not the caller's, because entering such a method
 * takes as many instructions as three to six lines of weights.
 */
final class VectorBlockSums {

  /** The lowest of four bits. */
  private static final int ONES = 0x11111111;

  private static final short SIGN = (short) 0x80;

  /** The sign of a half's lower 16 bits. */
  private static final int LOW_SIGN = 0x8000;

  private VectorBlockSums() {}

  /** Bits of a code in a word of this format; 0 if there are no sums for it. */
  static int bits(BlockFormat format) {
    return switch (format) {
      case Q8_0 -> 8;
      case Q4_0, Q4_1, Q4_K, Q5_0, Q5_1, Q5_K, Q6_K -> 4;
      case Q2_K, Q3_K -> 2;
      case IQ4_NL, IQ4_XS, MXFP4 -> 0;
    };
  }

  /**
   * Adds some blocks of some panels to a row of y.
   *
   * @param block the first
   * @param scalesAt where the scales of the first panel's blocks begin in scratch
   */
  static void add(
      BlockWeights w,
      int panel,
      int panels,
      int block,
      int count,
      PackedProduct p,
      int row,
      int scalesAt) {
    BlockFormat format = w.format();
    int lows = w.lowsAt(panel, block);
    int xAt = QuantizedRows.index(p, row, block) + VectorRowQuantizer.copy(p, bits(format));
    int yAt = p.yAt + row * p.ldy + panel * PANEL;
    switch (format) {
      case Q8_0 -> bytes(w, lows, panels, count, p, xAt, yAt);
      case Q4_0, Q4_1, Q4_K -> fours(w, lows, panels, count, p, xAt, scalesAt, yAt);
      case Q5_0, Q5_1, Q5_K -> fives(w, lows, panels, count, p, xAt, scalesAt, yAt);
      case Q2_K -> VectorHalfBlockSums.twos(w, lows, panels, count, p, xAt, scalesAt, yAt);
      case Q3_K -> VectorHalfBlockSums.threes(w, lows, panels, count, p, xAt, scalesAt, yAt);
      default -> VectorHalfBlockSums.sixes(w, lows, panels, count, p, xAt, scalesAt, yAt);
    }
  }

  /**
   * Two products are added before they could overflow. Sums of the upper halves are those of the
   * whole ints without their lower halves, which are kept from being negative meanwhile. A block's
   * factors are before its codes.
   *
   * <p>Four words a turn: a loop of one word takes as many instructions to count as to add, and the
   * processor looks ahead by a number of instructions.
   */
  private static void bytes(
      BlockWeights w, int lows, int panels, int count, PackedProduct p, int xAt, int yAt) {
    int[] words = w.words;
    float[] x = p.prepared;
    float[] y = p.y;
    int step = w.step;
    for (int n = 0; n < panels; n++) {
      for (int lane = 0; lane < HALF; lane += VL) {
        int to = yAt + n * PANEL + lane;
        FloatVector low = FloatVector.fromArray(SPECIES, y, to);
        FloatVector high = FloatVector.fromArray(SPECIES, y, to + HALF);
        for (int i = 0; i < count; i++) {
          int q = xAt + i * QuantizedRows.STRIDE;
          int at = lows + n * w.panelStep + i * step + lane;
          ReadAhead.prefetch(p, words, i);
          IntVector factors = IntVector.fromArray(INTS, words, at - HALF);
          FloatVector f0 =
              factors
                  .lanewise(VectorOperators.LSHL, 16)
                  .lanewise(VectorOperators.ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE);
          FloatVector f1 =
              factors
                  .lanewise(VectorOperators.ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE);
          IntVector all = IntVector.zero(INTS);
          IntVector highs = all;
          for (int k = q; k < q + BLOCK; k += 8) {
            int word = at + (k - q) * (HALF / 2);
            ShortVector v = IntVector.fromArray(INTS, words, word).reinterpretAsShorts();
            IntVector two =
                v.sub(SIGN)
                    .mul(FloatVector.broadcast(SPECIES, x[k]).reinterpretAsShorts())
                    .add(
                        v.lanewise(VectorOperators.ASHR, 8)
                            .mul(FloatVector.broadcast(SPECIES, x[k + 1]).reinterpretAsShorts()))
                    .reinterpretAsInts();
            all = all.add(two.lanewise(VectorOperators.XOR, LOW_SIGN));
            highs = highs.add(two.lanewise(VectorOperators.ASHR, 16));
            v = IntVector.fromArray(INTS, words, word + HALF).reinterpretAsShorts();
            two =
                v.sub(SIGN)
                    .mul(FloatVector.broadcast(SPECIES, x[k + 2]).reinterpretAsShorts())
                    .add(
                        v.lanewise(VectorOperators.ASHR, 8)
                            .mul(FloatVector.broadcast(SPECIES, x[k + 3]).reinterpretAsShorts()))
                    .reinterpretAsInts();
            all = all.add(two.lanewise(VectorOperators.XOR, LOW_SIGN));
            highs = highs.add(two.lanewise(VectorOperators.ASHR, 16));
            v = IntVector.fromArray(INTS, words, word + 2 * HALF).reinterpretAsShorts();
            two =
                v.sub(SIGN)
                    .mul(FloatVector.broadcast(SPECIES, x[k + 4]).reinterpretAsShorts())
                    .add(
                        v.lanewise(VectorOperators.ASHR, 8)
                            .mul(FloatVector.broadcast(SPECIES, x[k + 5]).reinterpretAsShorts()))
                    .reinterpretAsInts();
            all = all.add(two.lanewise(VectorOperators.XOR, LOW_SIGN));
            highs = highs.add(two.lanewise(VectorOperators.ASHR, 16));
            v = IntVector.fromArray(INTS, words, word + 3 * HALF).reinterpretAsShorts();
            two =
                v.sub(SIGN)
                    .mul(FloatVector.broadcast(SPECIES, x[k + 6]).reinterpretAsShorts())
                    .add(
                        v.lanewise(VectorOperators.ASHR, 8)
                            .mul(FloatVector.broadcast(SPECIES, x[k + 7]).reinterpretAsShorts()))
                    .reinterpretAsInts();
            all = all.add(two.lanewise(VectorOperators.XOR, LOW_SIGN));
            highs = highs.add(two.lanewise(VectorOperators.ASHR, 16));
          }
          FloatVector scale = FloatVector.broadcast(SPECIES, x[q + QuantizedRows.SCALE]);
          IntVector rest =
              all.sub(highs.lanewise(VectorOperators.LSHL, 16)).sub(BLOCK / 2 * LOW_SIGN);
          low = ((FloatVector) rest.convert(VectorOperators.I2F, 0)).mul(scale).fma(f0, low);
          high = ((FloatVector) highs.convert(VectorOperators.I2F, 0)).mul(scale).fma(f1, high);
        }
        low.intoArray(y, to);
        high.intoArray(y, to + HALF);
      }
    }
  }

  private static void fours(
      BlockWeights w,
      int lows,
      int panels,
      int count,
      PackedProduct p,
      int xAt,
      int scalesAt,
      int yAt) {
    int[] words = w.words;
    float[] x = p.prepared;
    float[] scales = p.floats.scratch;
    float[] y = p.y;
    int step = w.step;
    int uncentered = w.format().center == 0 ? -1 : 0;
    for (int n = 0; n < panels; n++) {
      for (int lane = 0; lane < HALF; lane += VL) {
        int to = yAt + n * PANEL + lane;
        FloatVector low = FloatVector.fromArray(SPECIES, y, to);
        FloatVector high = FloatVector.fromArray(SPECIES, y, to + HALF);
        for (int i = 0; i < count; i++) {
          int q = xAt + i * QuantizedRows.STRIDE;
          int at = lows + n * w.panelStep + i * step + lane;
          ReadAhead.prefetch(p, words, i);
          // of codes less 8, which does not overflow
          short start = (short) Float.floatToRawIntBits(x[q + QuantizedRows.START]);
          ShortVector s = ShortVector.broadcast(SHORTS, start);
          for (int k = 0; k < BLOCK / 4; k++) {
            ShortVector v = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            s = s.add(v.mul(FloatVector.broadcast(SPECIES, x[q + 4 * k]).reinterpretAsShorts()));
            s =
                s.add(
                    v.lanewise(VectorOperators.LSHR, 4)
                        .mul(
                            FloatVector.broadcast(SPECIES, x[q + 4 * k + 1])
                                .reinterpretAsShorts()));
            s =
                s.add(
                    v.lanewise(VectorOperators.LSHR, 8)
                        .mul(
                            FloatVector.broadcast(SPECIES, x[q + 4 * k + 2])
                                .reinterpretAsShorts()));
            s =
                s.add(
                    v.lanewise(VectorOperators.LSHR, 12)
                        .mul(
                            FloatVector.broadcast(SPECIES, x[q + 4 * k + 3])
                                .reinterpretAsShorts()));
          }
          int correction = start & uncentered;
          float scale = x[q + QuantizedRows.SCALE];
          int scaleAt = scalesAt + n * VectorBlocks.STREAM + i * PANEL + lane;
          low =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(VectorOperators.LSHL, 16)
                          .lanewise(VectorOperators.ASHR, 16)
                          .sub(correction)
                          .convert(VectorOperators.I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scaleAt), low);
          high =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(VectorOperators.ASHR, 16)
                          .sub(correction)
                          .convert(VectorOperators.I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scaleAt + HALF), high);
        }
        low.intoArray(y, to);
        high.intoArray(y, to + HALF);
      }
    }
  }

  /** Lower and upper bits have sums of their own. */
  private static void fives(
      BlockWeights w,
      int lows,
      int panels,
      int count,
      PackedProduct p,
      int xAt,
      int scalesAt,
      int yAt) {
    int[] words = w.words;
    float[] x = p.prepared;
    float[] scales = p.floats.scratch;
    float[] y = p.y;
    int step = w.step;
    int highs = lows + BLOCK * 4;
    int center = w.format().center / 8 - 1;
    for (int n = 0; n < panels; n++) {
      for (int lane = 0; lane < HALF; lane += VL) {
        int to = yAt + n * PANEL + lane;
        FloatVector low = FloatVector.fromArray(SPECIES, y, to);
        FloatVector high = FloatVector.fromArray(SPECIES, y, to + HALF);
        for (int i = 0; i < count; i++) {
          int q = xAt + i * QuantizedRows.STRIDE;
          int at = lows + n * w.panelStep + i * step + lane;
          ReadAhead.prefetch(p, words, i);
          int upper = highs + n * w.panelStep + i * step + lane;
          short start = (short) Float.floatToRawIntBits(x[q + QuantizedRows.START]);
          ShortVector s = ShortVector.broadcast(SHORTS, start);
          ShortVector t = ShortVector.zero(SHORTS);
          for (int k = 0; k < BLOCK / 4; k++) {
            ShortVector v = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            IntVector bits =
                IntVector.fromArray(INTS, words, upper + k / 4 * HALF)
                    .lanewise(VectorOperators.LSHR, k % 4);
            ShortVector u = bits.and(ONES).reinterpretAsShorts();
            for (int c = 0; c < 4; c++) {
              ShortVector f =
                  FloatVector.broadcast(SPECIES, x[q + 4 * k + c]).reinterpretAsShorts();
              s = s.add(v.lanewise(VectorOperators.LSHR, 4 * c).mul(f));
              t = t.add(u.lanewise(VectorOperators.LSHR, 4 * c).mul(f));
            }
          }
          int correction = center * start;
          float scale = x[q + QuantizedRows.SCALE];
          int scaleAt = scalesAt + n * VectorBlocks.STREAM + i * PANEL + lane;
          low =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(VectorOperators.LSHL, 16)
                          .lanewise(VectorOperators.ASHR, 16)
                          .add(
                              t.reinterpretAsInts()
                                  .lanewise(VectorOperators.LSHL, 16)
                                  .lanewise(VectorOperators.ASHR, 12))
                          .add(correction)
                          .convert(VectorOperators.I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scaleAt), low);
          high =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(VectorOperators.ASHR, 16)
                          .add(
                              t.reinterpretAsInts()
                                  .and(VectorHalf.UPPER)
                                  .lanewise(VectorOperators.ASHR, 12))
                          .add(correction)
                          .convert(VectorOperators.I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scaleAt + HALF), high);
        }
        low.intoArray(y, to);
        high.intoArray(y, to + HALF);
      }
    }
  }
}
