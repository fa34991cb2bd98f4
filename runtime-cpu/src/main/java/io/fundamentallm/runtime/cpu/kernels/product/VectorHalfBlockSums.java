package io.fundamentallm.runtime.cpu.kernels.product;

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

import io.fundamentallm.runtime.cpu.kernels.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** {@link VectorBlockSums} of formats in which each half of a block has a scale. */
final class VectorHalfBlockSums {

  /** {@link Lanes#COUNTS}, but JDK 17 does not inline all calls that these loops have with them. */
  private static final boolean BY_COUNTS = Lanes.COUNTS && Runtime.version().feature() >= 21;

  /** The lower of two bits. */
  private static final int ODD = 0x55555555;

  /** The two lowest of four bits. */
  private static final int TWOS = 0x33333333;

  /** Words of half a block that have four codes in each half. */
  private static final int SIXES = BLOCK / 8;

  /** Words of half a block that have eight codes in each half. */
  private static final int TWOS_OF_HALF = BLOCK / 16;

  private VectorHalfBlockSums() {}

  /** Lower and upper bits have sums of their own. */
  static void sixes(
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
    int highs = lows + BLOCK * 4;
    for (int n = 0; n < panels; n++) {
      for (int lane = 0; lane < HALF; lane += VL) {
        int to = yAt + n * PANEL + lane;
        FloatVector low = FloatVector.fromArray(SPECIES, y, to);
        FloatVector high = FloatVector.fromArray(SPECIES, y, to + HALF);
        for (int i = 0; i < 2 * count; i++) {
          int base = xAt + i / 2 * QuantizedRows.STRIDE;
          int q = base + i % 2 * (BLOCK / 2);
          int at = lows + n * w.panelStep + i / 2 * step + i % 2 * (SIXES * HALF) + lane;
          ReadAhead.ask(words, p.next + n * w.panelStep + i * SIXES * apart, SIXES, apart);
          int upper = highs + n * w.panelStep + i / 2 * step + i % 2 * (SIXES / 2 * HALF) + lane;
          ShortVector s = ShortVector.zero(SHORTS);
          ShortVector t = s;
          for (int k = 0; k < SIXES; k++) {
            ShortVector v = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            ShortVector u =
                IntVector.fromArray(INTS, words, upper + k / 2 * HALF)
                    .lanewise(LSHR, k % 2 * 2)
                    .and(TWOS)
                    .reinterpretAsShorts();
            for (int c = 0; c < 4; c++) {
              ShortVector f =
                  FloatVector.broadcast(SPECIES, x[q + 4 * k + c]).reinterpretAsShorts();
              ShortVector shift = ShortVector.broadcast(SHORTS, (short) (4 * c));
              s = s.add((BY_COUNTS ? v.lanewise(LSHR, shift) : v.lanewise(LSHR, 4 * c)).mul(f));
              t = t.add((BY_COUNTS ? u.lanewise(LSHR, shift) : u.lanewise(LSHR, 4 * c)).mul(f));
            }
          }
          // −8·Σq of the first half and of both; a method for it would not be inlined
          int first = (short) Float.floatToRawIntBits(x[base + QuantizedRows.FIRST_START]);
          int both = (short) Float.floatToRawIntBits(x[base + QuantizedRows.START]);
          int start = i % 2 == 0 ? first : both - first;
          int correction = 4 * start; // −32·Σq
          float scale = x[base + QuantizedRows.SCALE];
          int scaleAt = scalesAt + n * VectorBlocks.STREAM + i * PANEL + lane;
          low =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(LSHL, 16)
                          .lanewise(ASHR, 16)
                          .add(t.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 12))
                          .add(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scaleAt), low);
          high =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(ASHR, 16)
                          .add(t.reinterpretAsInts().and(VectorHalf.UPPER).lanewise(ASHR, 12))
                          .add(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scaleAt + HALF), high);
        }
        low.intoArray(y, to);
        high.intoArray(y, to + HALF);
      }
    }
  }

  static void twos(
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
        for (int i = 0; i < 2 * count; i++) {
          int base = xAt + i / 2 * QuantizedRows.STRIDE;
          int q = base + i % 2 * (BLOCK / 2);
          int at = lows + n * w.panelStep + i / 2 * step + i % 2 * (TWOS_OF_HALF * HALF) + lane;
          int ask = p.next + (i / 2 & 1) * other + (i / 4 * 2 + i % 2) * TWOS_OF_HALF * apart;
          ReadAhead.ask(words, ask, TWOS_OF_HALF, apart);
          ShortVector s0 = ShortVector.zero(SHORTS);
          ShortVector s1 = s0;
          for (int k = 0; k < TWOS_OF_HALF; k++) {
            ShortVector v0 = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            ShortVector v1 =
                IntVector.fromArray(INTS, words, at + other + k * HALF).reinterpretAsShorts();
            for (int c = 0; c < 8; c++) {
              ShortVector f =
                  FloatVector.broadcast(SPECIES, x[q + 8 * k + c]).reinterpretAsShorts();
              ShortVector shift = ShortVector.broadcast(SHORTS, (short) (2 * c));
              s0 = s0.add((BY_COUNTS ? v0.lanewise(LSHR, shift) : v0.lanewise(LSHR, 2 * c)).mul(f));
              s1 = s1.add((BY_COUNTS ? v1.lanewise(LSHR, shift) : v1.lanewise(LSHR, 2 * c)).mul(f));
            }
          }
          float scale = x[base + QuantizedRows.SCALE];
          int scales0 = scalesAt + n * VectorBlocks.STREAM + i * PANEL + lane;
          int scales1 = scales0 + second * VectorBlocks.STREAM;
          low0 =
              ((FloatVector)
                      s0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales0), low0);
          high0 =
              ((FloatVector) s0.reinterpretAsInts().lanewise(ASHR, 16).convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales0 + HALF), high0);
          low1 =
              ((FloatVector)
                      s1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales1), low1);
          high1 =
              ((FloatVector) s1.reinterpretAsInts().lanewise(ASHR, 16).convert(I2F, 0))
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

  static void threes(
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
    int highs = lows + BLOCK * 2;
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
        for (int i = 0; i < 2 * count; i++) {
          int base = xAt + i / 2 * QuantizedRows.STRIDE;
          int q = base + i % 2 * (BLOCK / 2);
          int at = lows + n * w.panelStep + i / 2 * step + i % 2 * (TWOS_OF_HALF * HALF) + lane;
          int ask = p.next + (i / 2 & 1) * other + (i / 4 * 2 + i % 2) * TWOS_OF_HALF * apart;
          ReadAhead.ask(words, ask, TWOS_OF_HALF, apart);
          int upper = highs + n * w.panelStep + i / 2 * step + i % 2 * HALF + lane;
          IntVector bits0 = IntVector.fromArray(INTS, words, upper);
          IntVector bits1 = IntVector.fromArray(INTS, words, upper + other);
          ShortVector s0 = ShortVector.zero(SHORTS);
          ShortVector s1 = s0;
          ShortVector t0 = s0;
          ShortVector t1 = s0;
          for (int k = 0; k < TWOS_OF_HALF; k++) {
            ShortVector v0 = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            ShortVector v1 =
                IntVector.fromArray(INTS, words, at + other + k * HALF).reinterpretAsShorts();
            ShortVector u0 = bits0.lanewise(LSHR, k).and(ODD).reinterpretAsShorts();
            ShortVector u1 = bits1.lanewise(LSHR, k).and(ODD).reinterpretAsShorts();
            for (int c = 0; c < 8; c++) {
              ShortVector f =
                  FloatVector.broadcast(SPECIES, x[q + 8 * k + c]).reinterpretAsShorts();
              ShortVector shift = ShortVector.broadcast(SHORTS, (short) (2 * c));
              s0 = s0.add((BY_COUNTS ? v0.lanewise(LSHR, shift) : v0.lanewise(LSHR, 2 * c)).mul(f));
              s1 = s1.add((BY_COUNTS ? v1.lanewise(LSHR, shift) : v1.lanewise(LSHR, 2 * c)).mul(f));
              t0 = t0.add((BY_COUNTS ? u0.lanewise(LSHR, shift) : u0.lanewise(LSHR, 2 * c)).mul(f));
              t1 = t1.add((BY_COUNTS ? u1.lanewise(LSHR, shift) : u1.lanewise(LSHR, 2 * c)).mul(f));
            }
          }
          s0 = s0.add(t0.lanewise(LSHL, 2));
          s1 = s1.add(t1.lanewise(LSHL, 2));
          // −8·Σq of the first half and of both; a method for it would not be inlined
          int first = (short) Float.floatToRawIntBits(x[base + QuantizedRows.FIRST_START]);
          int both = (short) Float.floatToRawIntBits(x[base + QuantizedRows.START]);
          int start = i % 2 == 0 ? first : both - first;
          int correction = start / 2; // −4·Σq
          float scale = x[base + QuantizedRows.SCALE];
          int scales0 = scalesAt + n * VectorBlocks.STREAM + i * PANEL + lane;
          int scales1 = scales0 + second * VectorBlocks.STREAM;
          low0 =
              ((FloatVector)
                      s0.reinterpretAsInts()
                          .lanewise(LSHL, 16)
                          .lanewise(ASHR, 16)
                          .add(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales0), low0);
          high0 =
              ((FloatVector)
                      s0.reinterpretAsInts().lanewise(ASHR, 16).add(correction).convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales0 + HALF), high0);
          low1 =
              ((FloatVector)
                      s1.reinterpretAsInts()
                          .lanewise(LSHL, 16)
                          .lanewise(ASHR, 16)
                          .add(correction)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scales1), low1);
          high1 =
              ((FloatVector)
                      s1.reinterpretAsInts().lanewise(ASHR, 16).add(correction).convert(I2F, 0))
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
