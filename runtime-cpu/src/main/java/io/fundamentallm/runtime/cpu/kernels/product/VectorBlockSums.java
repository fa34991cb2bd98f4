package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.COUNTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SHORTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Products of single rows with {@link BlockWeights} whose codes are digits of words, in integers of
 * 16 bits: one operation serves twice as many weights as with floats. Words are multiplied whole,
 * see {@link VectorRowQuantizer}.
 *
 * <p>Each method adds {@code scale·Σ value·q} of some blocks of some panels to y; scales are in
 * scratch. Panels are the outer loop here, and not the caller's, because entering such a method
 * takes as many instructions as three to six lines of weights.
 *
 * <p>From the second-level cache these are bound by arithmetic: a word of four codes takes four
 * products, four sums and three shifts. So what else a loop does counts, above all how inputs get
 * into all lanes. An input that is used twice C2 broadcasts as it is loaded; of those used once in
 * an expression JDK 25 does so for the first alone, and for each other one takes another operation.
 * So most methods multiply two panels at a time, the last one with itself if it is alone; with 6
 * bits an input is used twice in one panel already. On an Intel Xeon with AMX, JDK 25, from that
 * cache, this and {@linkplain io.fundamentallm.runtime.cpu.kernels.math.Lanes#COUNTS shifts by
 * counts} made Q4_K 1.35 to 1.4 times as fast, Q8_0 1.3, Q5_K 1.25, Q6_K 1.1 to 1.2, Q2_K and Q3_K
 * 1.4 to 1.5. The steps for both panels are written out: a method for them may be compiled apart,
 * as {@link VectorInt4}'s was.
 */
final class VectorBlockSums {

  /** The lowest of four bits. */
  private static final int ONES = 0x11111111;

  /** Words of a block that have four codes in each half. */
  private static final int FOURS = BLOCK / 4;

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
   * Lines that are {@linkplain ReadAhead#ask asked for} with a block of two panels. They are 22 to
   * 57 ints apart then; what is asked for ends in the line after the one in which it begins.
   */
  static int asks(BlockFormat format) {
    return format.low == 4 && format.high > 0 ? 2 * FOURS : 2 * format.low;
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
      case Q8_0 -> VectorByteSums.bytes(w, lows, panels, count, p, xAt, yAt);
      case Q4_0, Q4_1, Q4_K -> fours(w, lows, panels, count, p, xAt, scalesAt, yAt);
      case Q5_0, Q5_1, Q5_K -> fives(w, lows, panels, count, p, xAt, scalesAt, yAt);
      case Q2_K -> VectorHalfBlockSums.twos(w, lows, panels, count, p, xAt, scalesAt, yAt);
      case Q3_K -> VectorHalfBlockSums.threes(w, lows, panels, count, p, xAt, scalesAt, yAt);
      default -> VectorHalfBlockSums.sixes(w, lows, panels, count, p, xAt, scalesAt, yAt);
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
    int apart = p.apart;
    ShortVector four = ShortVector.broadcast(SHORTS, (short) 4);
    ShortVector eight = ShortVector.broadcast(SHORTS, (short) 8);
    ShortVector twelve = ShortVector.broadcast(SHORTS, (short) 12);
    int uncentered = w.format().center == 0 ? -1 : 0;
    for (int n = 0; n < panels; n += 2) {
      int second = Math.min(1, panels - 1 - n);
      int other = second * w.panelStep;
      for (int lane = 0; lane < HALF; lane += VL) {
        int to0 = yAt + n * PANEL + lane;
        int to1 = to0 + second * PANEL;
        FloatVector low0 = FloatVector.fromArray(SPECIES, y, to0);
        FloatVector high0 = FloatVector.fromArray(SPECIES, y, to0 + HALF);
        FloatVector low1 = FloatVector.fromArray(SPECIES, y, to1);
        FloatVector high1 = FloatVector.fromArray(SPECIES, y, to1 + HALF);
        for (int i = 0; i < count; i++) {
          int q = xAt + i * QuantizedRows.STRIDE;
          int at = lows + n * w.panelStep + i * step + lane;
          int ask = p.next + (i & 1) * other + (i >> 1) * FOURS * apart;
          ReadAhead.ask(words, ask, FOURS, apart);
          // of codes less 8, which does not overflow
          short start = (short) Float.floatToRawIntBits(x[q + QuantizedRows.START]);
          ShortVector s0 = ShortVector.broadcast(SHORTS, start);
          ShortVector s1 = s0;
          for (int k = 0; k < FOURS; k++) {
            ShortVector x0 = FloatVector.broadcast(SPECIES, x[q + 4 * k]).reinterpretAsShorts();
            ShortVector x1 = FloatVector.broadcast(SPECIES, x[q + 4 * k + 1]).reinterpretAsShorts();
            ShortVector x2 = FloatVector.broadcast(SPECIES, x[q + 4 * k + 2]).reinterpretAsShorts();
            ShortVector x3 = FloatVector.broadcast(SPECIES, x[q + 4 * k + 3]).reinterpretAsShorts();
            ShortVector v = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            s0 = s0.add(v.mul(x0));
            s0 = s0.add((COUNTS ? v.lanewise(LSHR, four) : v.lanewise(LSHR, 4)).mul(x1));
            s0 = s0.add((COUNTS ? v.lanewise(LSHR, eight) : v.lanewise(LSHR, 8)).mul(x2));
            s0 = s0.add((COUNTS ? v.lanewise(LSHR, twelve) : v.lanewise(LSHR, 12)).mul(x3));
            v = IntVector.fromArray(INTS, words, at + other + k * HALF).reinterpretAsShorts();
            s1 = s1.add(v.mul(x0));
            s1 = s1.add((COUNTS ? v.lanewise(LSHR, four) : v.lanewise(LSHR, 4)).mul(x1));
            s1 = s1.add((COUNTS ? v.lanewise(LSHR, eight) : v.lanewise(LSHR, 8)).mul(x2));
            s1 = s1.add((COUNTS ? v.lanewise(LSHR, twelve) : v.lanewise(LSHR, 12)).mul(x3));
          }
          int correction = start & uncentered;
          float scale = x[q + QuantizedRows.SCALE];
          int scales0 = scalesAt + n * VectorBlocks.STREAM + i * PANEL + lane;
          int scales1 = scales0 + second * VectorBlocks.STREAM;
          low0 =
              ((FloatVector)
                      s0.reinterpretAsInts()
                          .lanewise(LSHL, 16)
                          .lanewise(ASHR, 16)
                          .sub(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales0), low0);
          high0 =
              ((FloatVector)
                      s0.reinterpretAsInts().lanewise(ASHR, 16).sub(correction).convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales0 + HALF), high0);
          low1 =
              ((FloatVector)
                      s1.reinterpretAsInts()
                          .lanewise(LSHL, 16)
                          .lanewise(ASHR, 16)
                          .sub(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales1), low1);
          high1 =
              ((FloatVector)
                      s1.reinterpretAsInts().lanewise(ASHR, 16).sub(correction).convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales1 + HALF), high1);
        }
        low0.intoArray(y, to0);
        high0.intoArray(y, to0 + HALF);
        low1.intoArray(y, to1);
        high1.intoArray(y, to1 + HALF);
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
    int apart = p.apart;
    ShortVector four = ShortVector.broadcast(SHORTS, (short) 4);
    ShortVector eight = ShortVector.broadcast(SHORTS, (short) 8);
    ShortVector twelve = ShortVector.broadcast(SHORTS, (short) 12);
    int highs = BLOCK * 4;
    int center = w.format().center / 8 - 1;
    for (int n = 0; n < panels; n += 2) {
      int second = Math.min(1, panels - 1 - n);
      int other = second * w.panelStep;
      for (int lane = 0; lane < HALF; lane += VL) {
        int to0 = yAt + n * PANEL + lane;
        int to1 = to0 + second * PANEL;
        FloatVector low0 = FloatVector.fromArray(SPECIES, y, to0);
        FloatVector high0 = FloatVector.fromArray(SPECIES, y, to0 + HALF);
        FloatVector low1 = FloatVector.fromArray(SPECIES, y, to1);
        FloatVector high1 = FloatVector.fromArray(SPECIES, y, to1 + HALF);
        for (int i = 0; i < count; i++) {
          int q = xAt + i * QuantizedRows.STRIDE;
          int at = lows + n * w.panelStep + i * step + lane;
          int ask = p.next + (i & 1) * other + (i >> 1) * 2 * FOURS * apart;
          ReadAhead.ask(words, ask, 2 * FOURS, apart);
          short start = (short) Float.floatToRawIntBits(x[q + QuantizedRows.START]);
          ShortVector s0 = ShortVector.broadcast(SHORTS, start);
          ShortVector s1 = s0;
          ShortVector t0 = ShortVector.zero(SHORTS);
          ShortVector t1 = t0;
          for (int k = 0; k < FOURS; k++) {
            ShortVector x0 = FloatVector.broadcast(SPECIES, x[q + 4 * k]).reinterpretAsShorts();
            ShortVector x1 = FloatVector.broadcast(SPECIES, x[q + 4 * k + 1]).reinterpretAsShorts();
            ShortVector x2 = FloatVector.broadcast(SPECIES, x[q + 4 * k + 2]).reinterpretAsShorts();
            ShortVector x3 = FloatVector.broadcast(SPECIES, x[q + 4 * k + 3]).reinterpretAsShorts();
            ShortVector v = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            ShortVector u =
                IntVector.fromArray(INTS, words, at + highs + k / 4 * HALF)
                    .lanewise(LSHR, k % 4)
                    .and(ONES)
                    .reinterpretAsShorts();
            s0 = s0.add(v.mul(x0));
            t0 = t0.add(u.mul(x0));
            s0 = s0.add((COUNTS ? v.lanewise(LSHR, four) : v.lanewise(LSHR, 4)).mul(x1));
            t0 = t0.add((COUNTS ? u.lanewise(LSHR, four) : u.lanewise(LSHR, 4)).mul(x1));
            s0 = s0.add((COUNTS ? v.lanewise(LSHR, eight) : v.lanewise(LSHR, 8)).mul(x2));
            t0 = t0.add((COUNTS ? u.lanewise(LSHR, eight) : u.lanewise(LSHR, 8)).mul(x2));
            s0 = s0.add((COUNTS ? v.lanewise(LSHR, twelve) : v.lanewise(LSHR, 12)).mul(x3));
            t0 = t0.add((COUNTS ? u.lanewise(LSHR, twelve) : u.lanewise(LSHR, 12)).mul(x3));
            v = IntVector.fromArray(INTS, words, at + other + k * HALF).reinterpretAsShorts();
            u =
                IntVector.fromArray(INTS, words, at + other + highs + k / 4 * HALF)
                    .lanewise(LSHR, k % 4)
                    .and(ONES)
                    .reinterpretAsShorts();
            s1 = s1.add(v.mul(x0));
            t1 = t1.add(u.mul(x0));
            s1 = s1.add((COUNTS ? v.lanewise(LSHR, four) : v.lanewise(LSHR, 4)).mul(x1));
            t1 = t1.add((COUNTS ? u.lanewise(LSHR, four) : u.lanewise(LSHR, 4)).mul(x1));
            s1 = s1.add((COUNTS ? v.lanewise(LSHR, eight) : v.lanewise(LSHR, 8)).mul(x2));
            t1 = t1.add((COUNTS ? u.lanewise(LSHR, eight) : u.lanewise(LSHR, 8)).mul(x2));
            s1 = s1.add((COUNTS ? v.lanewise(LSHR, twelve) : v.lanewise(LSHR, 12)).mul(x3));
            t1 = t1.add((COUNTS ? u.lanewise(LSHR, twelve) : u.lanewise(LSHR, 12)).mul(x3));
          }
          int correction = center * start;
          float scale = x[q + QuantizedRows.SCALE];
          int scales0 = scalesAt + n * VectorBlocks.STREAM + i * PANEL + lane;
          int scales1 = scales0 + second * VectorBlocks.STREAM;
          low0 =
              ((FloatVector)
                      s0.reinterpretAsInts()
                          .lanewise(LSHL, 16)
                          .lanewise(ASHR, 16)
                          .add(t0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 12))
                          .add(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales0), low0);
          high0 =
              ((FloatVector)
                      s0.reinterpretAsInts()
                          .lanewise(ASHR, 16)
                          .add(t0.reinterpretAsInts().and(VectorHalf.UPPER).lanewise(ASHR, 12))
                          .add(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales0 + HALF), high0);
          low1 =
              ((FloatVector)
                      s1.reinterpretAsInts()
                          .lanewise(LSHL, 16)
                          .lanewise(ASHR, 16)
                          .add(t1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 12))
                          .add(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales1), low1);
          high1 =
              ((FloatVector)
                      s1.reinterpretAsInts()
                          .lanewise(ASHR, 16)
                          .add(t1.reinterpretAsInts().and(VectorHalf.UPPER).lanewise(ASHR, 12))
                          .add(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales1 + HALF), high1);
        }
        low0.intoArray(y, to0);
        high0.intoArray(y, to0 + HALF);
        low1.intoArray(y, to1);
        high1.intoArray(y, to1 + HALF);
      }
    }
  }
}
