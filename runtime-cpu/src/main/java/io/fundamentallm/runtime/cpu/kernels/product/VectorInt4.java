package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.COUNTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SHORTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Products of a row with {@link Int4Weights}, which describes their layout.
 *
 * <p>Where lines come fast enough two panels are bound by arithmetic: a line of 128 weights takes
 * four products, four sums and three shifts, so 5.5 cycles of a core that does two such operations
 * at a time, and a quarter more for its scales. Machine code showed what else took time. C2 has the
 * count of a constant shift of 16-bit integers in a register, which is two operations on Intel's
 * processors; by a vector of equal counts it is one. A mask from a field is unpacked from its bytes
 * at each use; in a local it stays in a register. And which lines to ask for is computed once a
 * block. With all three a row, with lines asked for, is 1.2 to 1.3 times as fast from the
 * second-level cache of Emerald Rapids; from slow memory it is as before.
 */
final class VectorInt4 {

  private static final int BLOCK = PackedWeights.BLOCK;
  private static final int HALF = PackedWeights.HALF;
  private static final int PANEL = PackedWeights.PANEL;
  private static final int WORDS = BLOCK / Int4Weights.PER_WORD;
  private static final int STRIDE = Int4Weights.STRIDE;

  /** Ints of a block of two panels: twenty lines. */
  private static final int BOTH = 2 * STRIDE;

  private static final int MASK = 0x000F000F;
  private static final int HELD = Int4Weights.HELD;
  private static final int ZERO_BITS = Int4Weights.ZERO_BITS;
  private static final int ZERO_FLOAT = Int4Weights.ZERO_FLOAT;
  private static final float ZERO_START = Int4Weights.ZERO_START;

  private VectorInt4() {}

  /**
   * Adds to y [2·PANEL] the product of some blocks of two panels, a group, and of a row that is not
   * in a tile.
   *
   * @param block the first
   * @param xAt where the row's first block begins in its copy for words of 4 bits
   * @param prefetches whether to ask for words that will be read after these
   */
  static void group(
      Int4Weights w,
      int panel,
      int block,
      int blocks,
      PackedProduct p,
      int xAt,
      boolean prefetches,
      int yAt) {
    int scales = w.scalesAt(panel) + block * BOTH;
    boolean asks = Prefetch.WORKS && prefetches && Prefetch.places(BOTH, w.words.length);
    for (int lane = 0; lane < HALF; lane += VL) {
      two(p, blocks, xAt, w.words, scales + lane, asks, yAt + lane);
    }
  }

  /** The same for one panel. */
  static void panel(Int4Weights w, int panel, int block, float[] x, int from, float[] y, int yAt) {
    for (int lane = 0; lane < HALF; lane += VL) {
      one(w, panel, block, lane, x, from, y, yAt + lane);
    }
  }

  private static void two(
      PackedProduct p, int blocks, int xAt, int[] words, int scalesAt, boolean asks, int yAt) {
    float[] x = p.prepared;
    float[] y = p.y;
    VectorMask<Integer> none = INTS.maskAll(false);
    ShortVector four = ShortVector.broadcast(SHORTS, (short) 4);
    ShortVector eight = ShortVector.broadcast(SHORTS, (short) 8);
    ShortVector twelve = ShortVector.broadcast(SHORTS, (short) 12);
    FloatVector low0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector high0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    FloatVector low1 = FloatVector.fromArray(SPECIES, y, yAt + PANEL);
    FloatVector high1 = FloatVector.fromArray(SPECIES, y, yAt + PANEL + HALF);
    for (int block = 0; block < blocks; block++) {
      int from = xAt + block * QuantizedRows.STRIDE;
      int scales = scalesAt + block * BOTH;
      int at = scales + 2 * PANEL;
      int ask = Prefetch.WORKS ? Prefetch.place(scales, BOTH, words.length) : 0;
      ShortVector s0 =
          ShortVector.broadcast(
              SHORTS, (short) Float.floatToRawIntBits(x[from + QuantizedRows.START]));
      ShortVector s1 = s0;
      for (int k = 0; k < WORDS; k++) {
        if (Prefetch.WORKS && asks) {
          // as Prefetch.line does, whose call would exceed what the compiler inlines here
          IntVector.zero(INTS).intoArray(words, ask + k * Prefetch.PLACE, none);
        }
        ShortVector x0 = FloatVector.broadcast(SPECIES, x[from + 4 * k]).reinterpretAsShorts();
        ShortVector x1 = FloatVector.broadcast(SPECIES, x[from + 4 * k + 1]).reinterpretAsShorts();
        ShortVector x2 = FloatVector.broadcast(SPECIES, x[from + 4 * k + 2]).reinterpretAsShorts();
        ShortVector x3 = FloatVector.broadcast(SPECIES, x[from + 4 * k + 3]).reinterpretAsShorts();
        ShortVector u;
        ShortVector v;
        v = IntVector.fromArray(INTS, words, at + k * 2 * HALF).reinterpretAsShorts();
        s0 = s0.add(v.mul(x0));
        u = COUNTS ? v.lanewise(LSHR, four) : v.lanewise(LSHR, 4);
        s0 = s0.add(u.mul(x1));
        u = COUNTS ? v.lanewise(LSHR, eight) : v.lanewise(LSHR, 8);
        s0 = s0.add(u.mul(x2));
        u = COUNTS ? v.lanewise(LSHR, twelve) : v.lanewise(LSHR, 12);
        s0 = s0.add(u.mul(x3));
        v = IntVector.fromArray(INTS, words, at + k * 2 * HALF + HALF).reinterpretAsShorts();
        s1 = s1.add(v.mul(x0));
        u = COUNTS ? v.lanewise(LSHR, four) : v.lanewise(LSHR, 4);
        s1 = s1.add(u.mul(x1));
        u = COUNTS ? v.lanewise(LSHR, eight) : v.lanewise(LSHR, 8);
        s1 = s1.add(u.mul(x2));
        u = COUNTS ? v.lanewise(LSHR, twelve) : v.lanewise(LSHR, 12);
        s1 = s1.add(u.mul(x3));
      }
      if (Prefetch.WORKS && asks) {
        IntVector.zero(INTS).intoArray(words, ask + WORDS * Prefetch.PLACE, none);
        IntVector.zero(INTS).intoArray(words, ask + (WORDS + 1) * Prefetch.PLACE, none);
      }
      FloatVector scale = FloatVector.broadcast(SPECIES, x[from + QuantizedRows.SCALE]);
      FloatVector sum = FloatVector.broadcast(SPECIES, x[from + QuantizedRows.SUM]);
      IntVector both;
      FloatVector f;
      FloatVector g;
      both = IntVector.fromArray(INTS, words, scales);
      f = both.lanewise(LSHR, 1).and(HELD).reinterpretAsFloats();
      g = both.and(ZERO_BITS).or(ZERO_FLOAT).reinterpretAsFloats().sub(ZERO_START);
      low0 =
          ((FloatVector)
                  s0.reinterpretAsInts()
                      .lanewise(VectorOperators.LSHL, 16)
                      .lanewise(VectorOperators.ASHR, 16)
                      .convert(VectorOperators.I2F, 0))
              .mul(scale)
              .fma(f, low0);
      low0 = sum.fma(f.mul(g), low0);
      both = IntVector.fromArray(INTS, words, scales + HALF);
      f = both.lanewise(LSHR, 1).and(HELD).reinterpretAsFloats();
      g = both.and(ZERO_BITS).or(ZERO_FLOAT).reinterpretAsFloats().sub(ZERO_START);
      high0 =
          ((FloatVector)
                  s0.reinterpretAsInts()
                      .lanewise(VectorOperators.ASHR, 16)
                      .convert(VectorOperators.I2F, 0))
              .mul(scale)
              .fma(f, high0);
      high0 = sum.fma(f.mul(g), high0);
      both = IntVector.fromArray(INTS, words, scales + PANEL);
      f = both.lanewise(LSHR, 1).and(HELD).reinterpretAsFloats();
      g = both.and(ZERO_BITS).or(ZERO_FLOAT).reinterpretAsFloats().sub(ZERO_START);
      low1 =
          ((FloatVector)
                  s1.reinterpretAsInts()
                      .lanewise(VectorOperators.LSHL, 16)
                      .lanewise(VectorOperators.ASHR, 16)
                      .convert(VectorOperators.I2F, 0))
              .mul(scale)
              .fma(f, low1);
      low1 = sum.fma(f.mul(g), low1);
      both = IntVector.fromArray(INTS, words, scales + PANEL + HALF);
      f = both.lanewise(LSHR, 1).and(HELD).reinterpretAsFloats();
      g = both.and(ZERO_BITS).or(ZERO_FLOAT).reinterpretAsFloats().sub(ZERO_START);
      high1 =
          ((FloatVector)
                  s1.reinterpretAsInts()
                      .lanewise(VectorOperators.ASHR, 16)
                      .convert(VectorOperators.I2F, 0))
              .mul(scale)
              .fma(f, high1);
      high1 = sum.fma(f.mul(g), high1);
    }
    low0.intoArray(y, yAt);
    high0.intoArray(y, yAt + HALF);
    low1.intoArray(y, yAt + PANEL);
    high1.intoArray(y, yAt + PANEL + HALF);
  }

  private static void one(
      Int4Weights w, int panel, int block, int lane, float[] x, int from, float[] y, int yAt) {
    int[] words = w.words;
    int at = w.wordsAt(panel) + block * w.step(panel) + lane;
    int wordStep = w.wordStep(panel);
    int scales = w.scalesAt(panel) + block * w.step(panel) + lane;
    FloatVector low0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector high0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    ShortVector s0 =
        ShortVector.broadcast(
            SHORTS, (short) Float.floatToRawIntBits(x[from + QuantizedRows.START]));
    for (int k = 0; k < WORDS; k++) {
      ShortVector v = IntVector.fromArray(INTS, words, at + k * wordStep).reinterpretAsShorts();
      // a loop, or the compiler would not inline all that follows
      for (int c = 0; c < Int4Weights.PER_WORD; c++) {
        s0 =
            s0.add(
                v.lanewise(LSHR, 4 * c)
                    .mul(
                        FloatVector.broadcast(SPECIES, x[from + 4 * k + c]).reinterpretAsShorts()));
      }
    }
    FloatVector scale = FloatVector.broadcast(SPECIES, x[from + QuantizedRows.SCALE]);
    FloatVector sum = FloatVector.broadcast(SPECIES, x[from + QuantizedRows.SUM]);
    IntVector both = IntVector.fromArray(INTS, words, scales);
    FloatVector f = both.lanewise(LSHR, 1).and(HELD).reinterpretAsFloats();
    low0 =
        ((FloatVector)
                s0.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 16)
                    .convert(VectorOperators.I2F, 0))
            .mul(scale)
            .fma(f, low0);
    low0 =
        sum.fma(
            f.mul(both.and(ZERO_BITS).or(ZERO_FLOAT).reinterpretAsFloats().sub(ZERO_START)), low0);
    both = IntVector.fromArray(INTS, words, scales + HALF);
    f = both.lanewise(LSHR, 1).and(HELD).reinterpretAsFloats();
    high0 =
        ((FloatVector)
                s0.reinterpretAsInts()
                    .lanewise(VectorOperators.ASHR, 16)
                    .convert(VectorOperators.I2F, 0))
            .mul(scale)
            .fma(f, high0);
    high0 =
        sum.fma(
            f.mul(both.and(ZERO_BITS).or(ZERO_FLOAT).reinterpretAsFloats().sub(ZERO_START)), high0);
    low0.intoArray(y, yAt);
    high0.intoArray(y, yAt + HALF);
  }

  /**
   * Writes blocks of a panel for {@link VectorInt4Tiles}: {@code q − 8} as 16-bit integers, two in
   * each int, as [blocks·BLOCK][width][HALF], and after those of all panels the scales, and scales
   * times zeros, as floats, [blocks][width][2][PANEL]. The first is at {@link Floats#FRONT}.
   *
   * @param block the first
   * @param side which of the panels unpacked side by side this is
   * @param width how many there are
   */
  static void unpack(
      Int4Weights w, int panel, int block, int blocks, float[] to, int side, int width) {
    int[] words = w.words;
    int step = w.step(panel);
    int wordsAt = w.wordsAt(panel) + block * step;
    int wordStep = w.wordStep(panel);
    int scalesAt = w.scalesAt(panel) + block * step;
    int toAt = Floats.FRONT + side * HALF;
    int toStep = width * HALF;
    int scalesTo = VectorInt4Tiles.scalesAt(blocks, width) + side * 2 * PANEL;
    int scalesStep = width * 2 * PANEL;
    IntVector mask = IntVector.broadcast(INTS, MASK);
    for (int lane = 0; lane < HALF; lane += VL) {
      for (int k = 0; k < blocks * WORDS; k++) {
        IntVector v =
            IntVector.fromArray(
                INTS, words, wordsAt + k / WORDS * step + k % WORDS * wordStep + lane);
        int at = toAt + 4 * k * toStep + lane;
        v.and(mask).reinterpretAsShorts().sub((short) 8).reinterpretAsFloats().intoArray(to, at);
        v.lanewise(LSHR, 4)
            .and(mask)
            .reinterpretAsShorts()
            .sub((short) 8)
            .reinterpretAsFloats()
            .intoArray(to, at + toStep);
        v.lanewise(LSHR, 8)
            .and(mask)
            .reinterpretAsShorts()
            .sub((short) 8)
            .reinterpretAsFloats()
            .intoArray(to, at + 2 * toStep);
        v.lanewise(LSHR, 12)
            .and(mask)
            .reinterpretAsShorts()
            .sub((short) 8)
            .reinterpretAsFloats()
            .intoArray(to, at + 3 * toStep);
      }
    }
    for (int i = 0; i < blocks; i++) {
      for (int lane = 0; lane < PANEL; lane += VL) {
        IntVector both = IntVector.fromArray(INTS, words, scalesAt + i * step + lane);
        FloatVector f = both.lanewise(LSHR, 1).and(HELD).reinterpretAsFloats();
        int at = scalesTo + i * scalesStep + lane;
        f.intoArray(to, at);
        f.mul(both.and(ZERO_BITS).or(ZERO_FLOAT).reinterpretAsFloats().sub(ZERO_START))
            .intoArray(to, at + PANEL);
      }
    }
  }
}
