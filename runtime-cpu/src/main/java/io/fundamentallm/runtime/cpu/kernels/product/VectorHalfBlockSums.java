package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SHORTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** {@link VectorBlockSums} of formats in which each half of a block has a scale. */
final class VectorHalfBlockSums {

  /** The lower of two bits. */
  private static final int ODD = 0x55555555;

  /** The two lowest of four bits. */
  private static final int TWOS = 0x33333333;

  private VectorHalfBlockSums() {}

  /** −8·Σq of one half of a block. */
  private static int start(float[] x, int at, int half) {
    int first = (short) Float.floatToRawIntBits(x[at + QuantizedRows.FIRST_START]);
    int both = (short) Float.floatToRawIntBits(x[at + QuantizedRows.START]);
    return half % 2 == 0 ? first : both - first;
  }

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
    int highs = lows + BLOCK * 4;
    for (int n = 0; n < panels; n++) {
      for (int lane = 0; lane < HALF; lane += VL) {
        int to = yAt + n * PANEL + lane;
        FloatVector low = FloatVector.fromArray(SPECIES, y, to);
        FloatVector high = FloatVector.fromArray(SPECIES, y, to + HALF);
        for (int i = 0; i < 2 * count; i++) {
          int base = xAt + i / 2 * QuantizedRows.STRIDE;
          int q = base + i % 2 * (BLOCK / 2);
          int at = lows + n * w.panelStep + i / 2 * step + i % 2 * (BLOCK / 8 * HALF) + lane;
          if (i % 2 == 0) {
            ReadAhead.prefetch(p, words, i / 2);
          }
          int upper = highs + n * w.panelStep + i / 2 * step + i % 2 * (BLOCK / 16 * HALF) + lane;
          ShortVector s = ShortVector.zero(SHORTS);
          ShortVector t = s;
          for (int k = 0; k < BLOCK / 8; k++) {
            ShortVector v = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            IntVector bits =
                IntVector.fromArray(INTS, words, upper + k / 2 * HALF)
                    .lanewise(VectorOperators.LSHR, k % 2 * 2);
            ShortVector u = bits.and(TWOS).reinterpretAsShorts();
            for (int c = 0; c < 4; c++) {
              ShortVector f =
                  FloatVector.broadcast(SPECIES, x[q + 4 * k + c]).reinterpretAsShorts();
              s = s.add(v.lanewise(VectorOperators.LSHR, 4 * c).mul(f));
              t = t.add(u.lanewise(VectorOperators.LSHR, 4 * c).mul(f));
            }
          }
          int correction = 4 * start(x, base, i); // −32·Σq
          float scale = x[base + QuantizedRows.SCALE];
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
    for (int n = 0; n < panels; n++) {
      for (int lane = 0; lane < HALF; lane += VL) {
        int to = yAt + n * PANEL + lane;
        FloatVector low = FloatVector.fromArray(SPECIES, y, to);
        FloatVector high = FloatVector.fromArray(SPECIES, y, to + HALF);
        for (int i = 0; i < 2 * count; i++) {
          int base = xAt + i / 2 * QuantizedRows.STRIDE;
          int q = base + i % 2 * (BLOCK / 2);
          int at = lows + n * w.panelStep + i / 2 * step + i % 2 * (BLOCK / 16 * HALF) + lane;
          if (i % 2 == 0) {
            ReadAhead.prefetch(p, words, i / 2);
          }
          ShortVector s = ShortVector.zero(SHORTS);
          for (int k = 0; k < 2; k++) {
            ShortVector v = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            for (int c = 0; c < 8; c++) {
              s =
                  s.add(
                      v.lanewise(VectorOperators.LSHR, 2 * c)
                          .mul(
                              FloatVector.broadcast(SPECIES, x[q + 8 * k + c])
                                  .reinterpretAsShorts()));
            }
          }
          float scale = x[base + QuantizedRows.SCALE];
          int scaleAt = scalesAt + n * VectorBlocks.STREAM + i * PANEL + lane;
          low =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(VectorOperators.LSHL, 16)
                          .lanewise(VectorOperators.ASHR, 16)
                          .convert(VectorOperators.I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scaleAt), low);
          high =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(VectorOperators.ASHR, 16)
                          .convert(VectorOperators.I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scaleAt + HALF), high);
        }
        low.intoArray(y, to);
        high.intoArray(y, to + HALF);
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
    int highs = lows + BLOCK * 2;
    for (int n = 0; n < panels; n++) {
      for (int lane = 0; lane < HALF; lane += VL) {
        int to = yAt + n * PANEL + lane;
        FloatVector low = FloatVector.fromArray(SPECIES, y, to);
        FloatVector high = FloatVector.fromArray(SPECIES, y, to + HALF);
        for (int i = 0; i < 2 * count; i++) {
          int base = xAt + i / 2 * QuantizedRows.STRIDE;
          int q = base + i % 2 * (BLOCK / 2);
          int at = lows + n * w.panelStep + i / 2 * step + i % 2 * (BLOCK / 16 * HALF) + lane;
          if (i % 2 == 0) {
            ReadAhead.prefetch(p, words, i / 2);
          }
          IntVector bits =
              IntVector.fromArray(
                  INTS, words, highs + n * w.panelStep + i / 2 * step + i % 2 * HALF + lane);
          ShortVector s = ShortVector.zero(SHORTS);
          ShortVector t = s;
          for (int k = 0; k < 2; k++) {
            ShortVector v = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            ShortVector u = bits.lanewise(VectorOperators.LSHR, k).and(ODD).reinterpretAsShorts();
            for (int c = 0; c < 8; c++) {
              ShortVector f =
                  FloatVector.broadcast(SPECIES, x[q + 8 * k + c]).reinterpretAsShorts();
              s = s.add(v.lanewise(VectorOperators.LSHR, 2 * c).mul(f));
              t = t.add(u.lanewise(VectorOperators.LSHR, 2 * c).mul(f));
            }
          }
          s = s.add(t.lanewise(VectorOperators.LSHL, 2));
          int correction = start(x, base, i) / 2; // −4·Σq
          float scale = x[base + QuantizedRows.SCALE];
          int scaleAt = scalesAt + n * VectorBlocks.STREAM + i * PANEL + lane;
          low =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(VectorOperators.LSHL, 16)
                          .lanewise(VectorOperators.ASHR, 16)
                          .add(correction)
                          .convert(VectorOperators.I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(SPECIES, scales, scaleAt), low);
          high =
              ((FloatVector)
                      s.reinterpretAsInts()
                          .lanewise(VectorOperators.ASHR, 16)
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
