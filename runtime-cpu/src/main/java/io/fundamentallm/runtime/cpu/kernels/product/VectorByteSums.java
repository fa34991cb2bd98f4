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
import static jdk.incubator.vector.VectorOperators.XOR;

import io.fundamentallm.runtime.cpu.kernels.math.Half;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** {@link VectorBlockSums} of Q8_0. */
final class VectorByteSums {

  private static final short SIGN = (short) 0x80;

  /** The sign of a half's lower 16 bits. */
  private static final int LOW_SIGN = 0x8000;

  /** Words of a block. */
  private static final int WORDS = BLOCK / 2;

  private VectorByteSums() {}

  /**
   * Two products are added before they could overflow. Sums of the upper halves are those of the
   * whole ints without their lower halves, which are kept from being negative meanwhile. A block's
   * factors are before its codes.
   *
   * <p>Two words a turn: a loop of one word takes many instructions to count, and the processor
   * looks ahead by a number of instructions.
   */
  static void bytes(
      BlockWeights w, int lows, int panels, int count, PackedProduct p, int xAt, int yAt) {
    int[] words = w.words;
    float[] x = p.prepared;
    float[] y = p.y;
    int step = w.step;
    int apart = p.apart;
    ShortVector eight = ShortVector.broadcast(SHORTS, (short) 8);
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
          int ask = p.next + (i & 1) * other + (i >> 1) * WORDS * apart;
          ReadAhead.ask(words, ask, WORDS, apart);
          IntVector all0 = IntVector.zero(INTS);
          IntVector highs0 = all0;
          IntVector all1 = all0;
          IntVector highs1 = all0;
          for (int k = 0; k < WORDS; k += 2) {
            ShortVector x0 = FloatVector.broadcast(SPECIES, x[q + 2 * k]).reinterpretAsShorts();
            ShortVector x1 = FloatVector.broadcast(SPECIES, x[q + 2 * k + 1]).reinterpretAsShorts();
            ShortVector v = IntVector.fromArray(INTS, words, at + k * HALF).reinterpretAsShorts();
            ShortVector u = COUNTS ? v.lanewise(ASHR, eight) : v.lanewise(ASHR, 8);
            IntVector both = v.sub(SIGN).mul(x0).add(u.mul(x1)).reinterpretAsInts();
            all0 = all0.add(both.lanewise(XOR, LOW_SIGN));
            highs0 = highs0.add(both.lanewise(ASHR, 16));
            v = IntVector.fromArray(INTS, words, at + other + k * HALF).reinterpretAsShorts();
            u = COUNTS ? v.lanewise(ASHR, eight) : v.lanewise(ASHR, 8);
            both = v.sub(SIGN).mul(x0).add(u.mul(x1)).reinterpretAsInts();
            all1 = all1.add(both.lanewise(XOR, LOW_SIGN));
            highs1 = highs1.add(both.lanewise(ASHR, 16));
            x0 = FloatVector.broadcast(SPECIES, x[q + 2 * k + 2]).reinterpretAsShorts();
            x1 = FloatVector.broadcast(SPECIES, x[q + 2 * k + 3]).reinterpretAsShorts();
            v = IntVector.fromArray(INTS, words, at + (k + 1) * HALF).reinterpretAsShorts();
            u = COUNTS ? v.lanewise(ASHR, eight) : v.lanewise(ASHR, 8);
            both = v.sub(SIGN).mul(x0).add(u.mul(x1)).reinterpretAsInts();
            all0 = all0.add(both.lanewise(XOR, LOW_SIGN));
            highs0 = highs0.add(both.lanewise(ASHR, 16));
            v = IntVector.fromArray(INTS, words, at + other + (k + 1) * HALF).reinterpretAsShorts();
            u = COUNTS ? v.lanewise(ASHR, eight) : v.lanewise(ASHR, 8);
            both = v.sub(SIGN).mul(x0).add(u.mul(x1)).reinterpretAsInts();
            all1 = all1.add(both.lanewise(XOR, LOW_SIGN));
            highs1 = highs1.add(both.lanewise(ASHR, 16));
          }
          FloatVector scale = FloatVector.broadcast(SPECIES, x[q + QuantizedRows.SCALE]);
          IntVector factors = IntVector.fromArray(INTS, words, at - HALF);
          FloatVector f =
              factors
                  .lanewise(LSHL, 16)
                  .lanewise(ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE);
          FloatVector g =
              factors
                  .lanewise(ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE);
          IntVector lowSum = all0.sub(highs0.lanewise(LSHL, 16)).sub(WORDS * LOW_SIGN);
          low0 = ((FloatVector) lowSum.convert(I2F, 0)).mul(scale).fma(f, low0);
          high0 = ((FloatVector) highs0.convert(I2F, 0)).mul(scale).fma(g, high0);
          factors = IntVector.fromArray(INTS, words, at + other - HALF);
          f =
              factors
                  .lanewise(LSHL, 16)
                  .lanewise(ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE);
          g =
              factors
                  .lanewise(ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE);
          lowSum = all1.sub(highs1.lanewise(LSHL, 16)).sub(WORDS * LOW_SIGN);
          low1 = ((FloatVector) lowSum.convert(I2F, 0)).mul(scale).fma(f, low1);
          high1 = ((FloatVector) highs1.convert(I2F, 0)).mul(scale).fma(g, high1);
        }
        low0.intoArray(y, to0);
        high0.intoArray(y, to0 + HALF);
        low1.intoArray(y, to1);
        high1.intoArray(y, to1 + HALF);
      }
    }
  }
}
