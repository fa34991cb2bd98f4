package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
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
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Bf16Kernels} on the Vector API. Weights of 8 and 4 bits go straight from words to pairs,
 * see {@link VectorBf16Codes}; other blocks first become floats in scratch.
 *
 * <p>A panel is expanded again for each product, so that the weights are in memory once, in as many
 * bits as they came. What bounds that is the arithmetic: 0.06 to 0.2 ns a weight on one core, as
 * much as matrix units take for 30 to 100 rows.
 */
final class VectorBf16 implements Bf16Kernels {

  private static final int STRIP = FloatWeights.STRIP;
  private static final int UPPER = 0xFFFF0000;

  /** As many 16-bit integers as a register has floats. */
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(VL * Short.SIZE));

  @Override
  public void round(int n, float[] x, int at, short[] into) {
    int i = 0;
    for (; i <= n - VL; i += VL) {
      IntVector a = FloatVector.fromArray(SPECIES, x, at + i).reinterpretAsInts();
      a = a.add(a.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
      a = a.lanewise(VectorOperators.LSHR, 16);
      ((ShortVector) a.convertShape(VectorOperators.I2S, SHORTS, 0)).intoArray(into, i);
    }
    for (; i < n; i++) {
      into[i] = (short) (Bf16Kernels.round(Float.floatToRawIntBits(x[at + i])) >>> 16);
    }
  }

  @Override
  public void add(int n, float[] x, int xAt, float[] y, int yAt) {
    int i = 0;
    for (; i <= n - VL; i += VL) {
      FloatVector.fromArray(SPECIES, y, yAt + i)
          .add(FloatVector.fromArray(SPECIES, x, xAt + i))
          .intoArray(y, yAt + i);
    }
    for (; i < n; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }

  @Override
  public void panel(
      PackedWeights w, int panel, int block, int count, float[] scratch, int[] into, int to) {
    int column = block * BLOCK;
    int columns = Math.min(w.columns() - column, count * BLOCK);
    if (w instanceof FloatWeights f) {
      for (int row = 0; row < PANEL; row += STRIP) {
        int at = f.at(panel) + row * f.columns() + column * STRIP;
        pairs(STRIP, columns, f.values, at, into, to + row);
      }
    } else if (w instanceof HalfWeights h) {
      int at = h.wordsAt(panel) + column * h.step(panel);
      if (h.bf16()) {
        bf16(columns, h.words, at, h.step(panel), into, to);
      } else {
        f16(columns, h.words, at, h.step(panel), into, to);
      }
    } else if (w instanceof Int8Weights q) {
      VectorBf16Codes.int8(q, panel, block, count, scratch, into, to);
    } else if (w instanceof Int4Weights q) {
      VectorBf16Codes.int4(q, panel, block, count, scratch, into, to);
    } else if (!(w instanceof BlockWeights b)) {
      throw new IllegalArgumentException("panels of a mixture are those of its parts");
    } else if (VectorBf16Codes.takes(b.format())) {
      VectorBf16Codes.blocks(b, panel, block, count, scratch, into, to);
    } else {
      VectorBlockCodes.unpack(b, panel, block, count, scratch);
      VectorBlockScales.unpack(b, panel, block, count, scratch, ScalarBlocks.SCALES);
      scale(b.format(), count, scratch);
      pairs(PANEL, columns, scratch, ScalarBlocks.VALUES, into, to);
    }
  }

  /** Pairs of columns [columns][width]. */
  private void pairs(int width, int columns, float[] x, int at, int[] into, int to) {
    for (int lane = 0; lane < width; lane += VL) {
      for (int pair = 0; pair < columns / 2; pair++) {
        int from = at + 2 * pair * width + lane;
        IntVector a = FloatVector.fromArray(SPECIES, x, from).reinterpretAsInts();
        IntVector b = FloatVector.fromArray(SPECIES, x, from + width).reinterpretAsInts();
        a = a.add(a.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
        b = b.add(b.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
        a.lanewise(VectorOperators.LSHR, 16)
            .or(b.and(UPPER))
            .intoArray(into, to + pair * PAIRS + lane);
      }
    }
    if (columns % 2 == 1) {
      int last = at + (columns - 1) * width;
      for (int lane = 0; lane < width; lane++) {
        int bits = Bf16Kernels.round(Float.floatToRawIntBits(x[last + lane]));
        into[to + columns / 2 * PAIRS + lane] = bits >>> 16;
      }
    }
  }

  /** What is in two words, as it is. */
  private static void bf16(int columns, int[] words, int at, int step, int[] into, int to) {
    for (int k = 0; k < columns; k += 2) {
      int from = at + k * step;
      int out = to + k / 2 * PAIRS;
      boolean both = k + 1 < columns;
      for (int lane = 0; lane < HALF; lane += VL) {
        IntVector a = IntVector.fromArray(INTS, words, from + lane);
        IntVector b =
            both ? IntVector.fromArray(INTS, words, from + step + lane) : IntVector.zero(INTS);
        a.and(~UPPER).or(b.lanewise(VectorOperators.LSHL, 16)).intoArray(into, out + lane);
        a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoArray(into, out + HALF + lane);
      }
    }
  }

  /**
   * Both halves of a word, written out: in a loop over them, with a shift that it counted, C2 of
   * JDK 17 now and then compiled other numbers.
   */
  private static void f16(int columns, int[] words, int at, int step, int[] into, int to) {
    for (int lane = 0; lane < HALF; lane += VL) {
      for (int k = 0; k < columns; k += 2) {
        int from = at + k * step + lane;
        int out = to + k / 2 * PAIRS + lane;
        boolean both = k + 1 < columns;
        IntVector v = IntVector.fromArray(INTS, words, from);
        IntVector w = both ? IntVector.fromArray(INTS, words, from + step) : IntVector.zero(INTS);
        IntVector a =
            v.lanewise(VectorOperators.LSHL, 16)
                .lanewise(VectorOperators.ASHR, 3)
                .and(VectorHalf.F16_BITS)
                .reinterpretAsFloats()
                .mul(Half.SCALE)
                .reinterpretAsInts();
        IntVector b =
            w.lanewise(VectorOperators.LSHL, 16)
                .lanewise(VectorOperators.ASHR, 3)
                .and(VectorHalf.F16_BITS)
                .reinterpretAsFloats()
                .mul(Half.SCALE)
                .reinterpretAsInts();
        a = a.add(a.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
        b = b.add(b.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
        a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoArray(into, out);
        a =
            v.lanewise(VectorOperators.ASHR, 3)
                .and(VectorHalf.F16_BITS)
                .reinterpretAsFloats()
                .mul(Half.SCALE)
                .reinterpretAsInts();
        b =
            w.lanewise(VectorOperators.ASHR, 3)
                .and(VectorHalf.F16_BITS)
                .reinterpretAsFloats()
                .mul(Half.SCALE)
                .reinterpretAsInts();
        a = a.add(a.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
        b = b.add(b.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
        a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoArray(into, out + HALF);
      }
    }
  }

  /** Numbers of blocks become weights: each times its scale, less its minimum. */
  private static void scale(BlockFormat format, int count, float[] scratch) {
    int span = format.span();
    boolean minimum = format.scales.minimum;
    for (int lane = 0; lane < PANEL; lane += VL) {
      for (int i = 0; i < count * BLOCK / span; i++) {
        int at = i * PANEL + lane;
        FloatVector scale = FloatVector.fromArray(SPECIES, scratch, ScalarBlocks.SCALES + at);
        FloatVector less =
            minimum
                ? FloatVector.fromArray(SPECIES, scratch, ScalarBlocks.MINIMA + at)
                : FloatVector.zero(SPECIES);
        for (int k = 0; k < span; k++) {
          int from = ScalarBlocks.VALUES + (i * span + k) * PANEL + lane;
          FloatVector.fromArray(SPECIES, scratch, from)
              .mul(scale)
              .sub(less)
              .intoArray(scratch, from);
        }
      }
    }
  }
}
