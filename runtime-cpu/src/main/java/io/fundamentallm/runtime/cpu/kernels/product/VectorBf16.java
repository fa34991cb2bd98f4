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
 * {@link Bf16Kernels} on the Vector API. First some blocks of a panel become floats in scratch,
 * then these become pairs. Loops are small and call little: where C2 does not inline a method that
 * takes or gives vectors, these go through memory, and everything takes ten times as long.
 *
 * <p>A panel is expanded again for each product, so that the weights are in memory once, in as many
 * bits as they came. What bounds that is the arithmetic: 0.1 to 0.2 ns a weight on one core, as
 * much as matrix units take for 64 to 128 rows.
 */
final class VectorBf16 implements Bf16Kernels {

  private static final int UPPER = 0xFFFF0000;

  /** As many 16-bit integers as a register has floats. */
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(VL * Short.SIZE));

  private final ScalarBf16 rest = new ScalarBf16();

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
  public void pair(int n, float[] x, int first, int second, int[] into, int to) {
    int i = 0;
    for (; second >= 0 && i <= n - VL; i += VL) {
      IntVector a = FloatVector.fromArray(SPECIES, x, first + i).reinterpretAsInts();
      a = a.add(a.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
      IntVector b = FloatVector.fromArray(SPECIES, x, second + i).reinterpretAsInts();
      b = b.add(b.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
      a.lanewise(VectorOperators.LSHR, 16).or(b.and(UPPER)).intoArray(into, to + i);
    }
    if (i < n) {
      rest.pair(n - i, x, first + i, second < 0 ? second : second + i, into, to + i);
    }
  }

  @Override
  public void panel(PackedWeights w, int panel, float[] scratch, int[] into, int to) {
    if (w instanceof FloatWeights f) {
      pairs(f.columns(), f.values, f.at(panel, f.columns()), f.step(panel), into, to);
      return;
    }
    if (w instanceof HalfWeights h && h.bf16()) {
      bf16(h, panel, into, to);
      return;
    }
    if (w instanceof MixedWeights) {
      throw new IllegalArgumentException("panels of a mixture are those of its parts");
    }
    int columns = w.columns();
    int blocks = PackedWeights.padded(columns) / BLOCK;
    for (int block = 0; block < blocks; block += ScalarBlocks.BLOCKS) {
      int count = Math.min(ScalarBlocks.BLOCKS, blocks - block);
      if (w instanceof HalfWeights h) {
        f16(h, panel, block * BLOCK, Math.min(columns, (block + count) * BLOCK), scratch);
      } else if (w instanceof Int8Weights q) {
        int8(q, panel, block, count, scratch);
      } else if (w instanceof Int4Weights q) {
        int4(q, panel, block, count, scratch);
      } else if (w instanceof BlockWeights b) {
        VectorBlockCodes.unpack(b, panel, block, count, scratch);
        VectorBlockScales.unpack(b, panel, block, count, scratch, ScalarBlocks.SCALES);
        scale(b.format(), count, scratch);
      }
      int width = Math.min(columns - block * BLOCK, count * BLOCK);
      pairs(width, scratch, 0, PANEL, into, to + block * BLOCK / 2 * PAIRS);
    }
  }

  /** Pairs of columns [columns][PANEL], which are {@code step} apart. */
  private void pairs(int columns, float[] x, int at, int step, int[] into, int to) {
    for (int lane = 0; lane < PANEL; lane += VL) {
      for (int k = 0; k < columns - 1; k += 2) {
        int from = at + k * step + lane;
        IntVector a = FloatVector.fromArray(SPECIES, x, from).reinterpretAsInts();
        a = a.add(a.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
        IntVector b = FloatVector.fromArray(SPECIES, x, from + step).reinterpretAsInts();
        b = b.add(b.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
        a.lanewise(VectorOperators.LSHR, 16)
            .or(b.and(UPPER))
            .intoArray(into, to + k / 2 * PAIRS + lane);
      }
    }
    if (columns % 2 == 1) {
      pair(PANEL, x, at + (columns - 1) * step, -1, into, to + columns / 2 * PAIRS);
    }
  }

  /** What is in two words, as it is. */
  private static void bf16(HalfWeights w, int panel, int[] into, int to) {
    int[] words = w.words;
    int step = w.step(panel);
    int at = w.wordsAt(panel);
    int columns = w.columns();
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

  // What follows writes columns of a panel as floats [columns][PANEL].

  private static void f16(HalfWeights w, int panel, int column, int end, float[] to) {
    int[] words = w.words;
    int step = w.step(panel);
    int at = w.wordsAt(panel) + column * step;
    for (int lane = 0; lane < HALF; lane += VL) {
      for (int i = 0; i < end - column; i++) {
        IntVector v = IntVector.fromArray(INTS, words, at + i * step + lane);
        int row = i * PANEL + lane;
        v.lanewise(VectorOperators.LSHL, 16)
            .lanewise(VectorOperators.ASHR, 3)
            .and(VectorHalf.F16_BITS)
            .reinterpretAsFloats()
            .mul(Half.SCALE)
            .intoArray(to, row);
        v.lanewise(VectorOperators.ASHR, 3)
            .and(VectorHalf.F16_BITS)
            .reinterpretAsFloats()
            .mul(Half.SCALE)
            .intoArray(to, row + HALF);
      }
    }
  }

  private static void int8(Int8Weights w, int panel, int block, int count, float[] to) {
    for (int i = 0; i < count; i++) {
      int from = w.blockAt(panel) + (block + i) * Int8Weights.STRIDE;
      int row = i * BLOCK * PANEL;
      for (int lane = 0; lane < HALF; lane += VL) {
        int scale = from + lane;
        int codes = from + Int8Weights.CODES + lane;
        bytes(w.words, codes, scale, 16, to, row + lane);
        bytes(w.words, codes, scale + HALF, 0, to, row + HALF + lane);
      }
    }
  }

  /** The bytes of a half of each word, which a shift moves to the upper half. */
  private static void bytes(int[] words, int from, int scaleAt, int shift, float[] to, int at) {
    FloatVector scale = IntVector.fromArray(INTS, words, scaleAt).reinterpretAsFloats();
    for (int k = 0; k < BLOCK / 2; k++) {
      IntVector v =
          IntVector.fromArray(INTS, words, from + k * HALF)
              .lanewise(VectorOperators.XOR, VectorInt8.BIAS)
              .lanewise(VectorOperators.LSHL, shift);
      int row = at + 2 * k * PANEL;
      IntVector first = v.lanewise(VectorOperators.LSHL, 8).lanewise(VectorOperators.ASHR, 24);
      ((FloatVector) first.convert(VectorOperators.I2F, 0)).mul(scale).intoArray(to, row);
      ((FloatVector) v.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0))
          .mul(scale)
          .intoArray(to, row + PANEL);
    }
  }

  private static void int4(Int4Weights w, int panel, int block, int count, float[] to) {
    int step = w.wordStep(panel);
    for (int i = 0; i < count; i++) {
      int from = w.wordsAt(panel) + (block + i) * w.step(panel);
      int scale = w.scalesAt(panel) + (block + i) * w.step(panel);
      int row = i * BLOCK * PANEL;
      for (int lane = 0; lane < HALF; lane += VL) {
        for (int c = 0; c < Int4Weights.PER_WORD; c++) {
          int at = row + c * PANEL + lane;
          codes(w.words, from + lane, step, scale + lane, 4 * c, to, at);
          codes(w.words, from + lane, step, scale + HALF + lane, 4 * c + 16, to, at + HALF);
        }
      }
    }
  }

  /** One code of each word. */
  private static void codes(
      int[] words, int from, int step, int scaleAt, int shift, float[] to, int at) {
    IntVector both = IntVector.fromArray(INTS, words, scaleAt);
    FloatVector scale =
        both.lanewise(VectorOperators.LSHR, 1).and(Int4Weights.HELD).reinterpretAsFloats();
    FloatVector zero =
        both.and(Int4Weights.ZERO_BITS)
            .or(Int4Weights.ZERO_FLOAT)
            .reinterpretAsFloats()
            .sub(Int4Weights.ZERO_START);
    for (int k = 0; k < BLOCK / Int4Weights.PER_WORD; k++) {
      IntVector code =
          IntVector.fromArray(INTS, words, from + k * step)
              .lanewise(VectorOperators.LSHR, shift)
              .and(15)
              .sub(8);
      ((FloatVector) code.convert(VectorOperators.I2F, 0))
          .sub(zero)
          .mul(scale)
          .intoArray(to, at + k * Int4Weights.PER_WORD * PANEL);
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
          int from = (i * span + k) * PANEL + lane;
          FloatVector.fromArray(SPECIES, scratch, from)
              .mul(scale)
              .sub(less)
              .intoArray(scratch, from);
        }
      }
    }
  }
}
