package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SHORTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Products of four rows at a time with {@link Int4Weights}: {@link VectorInt4} with the weights
 * unpacked once for all rows. Each sum has the same bits.
 *
 * <p>The integer sums of all blocks are computed first and scaled afterwards: JDK 17 does not
 * compile both in one method.
 */
final class VectorInt4Tiles {

  private static final int BLOCK = PackedWeights.BLOCK;
  private static final int HALF = PackedWeights.HALF;
  private static final int PANEL = PackedWeights.PANEL;
  private static final int STRIDE = QuantizedRows.STRIDE;
  private static final int TILE = QuantizedRows.FOUR;

  private VectorInt4Tiles() {}

  /** Where scales begin in scratch, after the weights of this many blocks and panels. */
  static int scalesAt(int blocks, int panels) {
    return Floats.FRONT + blocks * BLOCK * panels * HALF;
  }

  /** Where the integer sums begin, [blocks][TILE][panels][HALF]. */
  private static int sumsAt(int blocks, int panels) {
    return scalesAt(blocks, panels) + blocks * panels * 2 * PANEL;
  }

  /**
   * Adds to y [rows][panels·PANEL] the product of some blocks, which are in scratch as {@link
   * VectorInt4#unpack} wrote them.
   *
   * @param panel the first
   * @param panels one or two
   * @param block the first
   * @param following how many blocks will be read after these; each tile prefetches a share of them
   */
  static void multiply(
      Int4Weights w, PackedProduct p, int panel, int panels, int block, int blocks, int following) {
    int next = w.scalesAt(panel) + (block + blocks) * w.step(panel);
    int tiles = (p.rows + TILE - 1) / TILE;
    int xStep = p.blocks() * TILE * STRIDE;
    int sumsAt = sumsAt(blocks, panels);
    for (int row = 0; row < p.rows; row += TILE) {
      int from = p.preparedAt + block * TILE * STRIDE + row / TILE * xStep;
      int to = p.yAt + row * p.ldy + panel * PANEL;
      ReadAhead.plan(p, next, following * w.step(panel), blocks, row / TILE, tiles);
      for (int lane = 0; lane < HALF; lane += VL) {
        if (panels == 2) {
          two(p, w.words, blocks, from, Floats.FRONT + lane, sumsAt + lane);
        } else {
          one(p, w.words, blocks, from, Floats.FRONT + lane, sumsAt + lane);
        }
        int last = Math.min(TILE, p.rows - row) - 1;
        for (int side = 0; side < panels; side++) {
          scale(
              blocks,
              last,
              p.prepared,
              from,
              p.floats.scratch,
              scalesAt(blocks, panels) + side * 2 * PANEL + lane,
              panels * 2 * PANEL,
              sumsAt + side * HALF + lane,
              panels * HALF,
              p.y,
              to + side * PANEL + lane,
              p.ldy);
        }
      }
    }
  }

  private static void two(
      PackedProduct p, int[] words, int blocks, int xAt, int weightsAt, int sumsAt) {
    float[] x = p.prepared;
    float[] weights = p.floats.scratch;
    for (int block = 0; block < blocks; block++) {
      int from = xAt + block * TILE * STRIDE;
      int at = weightsAt + block * BLOCK * 2 * HALF;
      ReadAhead.prefetch(p, words, block);
      ShortVector s00 = ShortVector.zero(SHORTS);
      ShortVector s01 = ShortVector.zero(SHORTS);
      ShortVector s10 = ShortVector.zero(SHORTS);
      ShortVector s11 = ShortVector.zero(SHORTS);
      ShortVector s20 = ShortVector.zero(SHORTS);
      ShortVector s21 = ShortVector.zero(SHORTS);
      ShortVector s30 = ShortVector.zero(SHORTS);
      ShortVector s31 = ShortVector.zero(SHORTS);
      for (int k = 0; k < BLOCK; k++) {
        ShortVector w0 =
            FloatVector.fromArray(SPECIES, weights, at + k * 2 * HALF).reinterpretAsShorts();
        ShortVector w1 =
            FloatVector.fromArray(SPECIES, weights, at + k * 2 * HALF + HALF).reinterpretAsShorts();
        ShortVector f;
        f = FloatVector.broadcast(SPECIES, x[from + k]).reinterpretAsShorts();
        s00 = s00.add(w0.mul(f));
        s01 = s01.add(w1.mul(f));
        f = FloatVector.broadcast(SPECIES, x[from + k + 1 * STRIDE]).reinterpretAsShorts();
        s10 = s10.add(w0.mul(f));
        s11 = s11.add(w1.mul(f));
        f = FloatVector.broadcast(SPECIES, x[from + k + 2 * STRIDE]).reinterpretAsShorts();
        s20 = s20.add(w0.mul(f));
        s21 = s21.add(w1.mul(f));
        f = FloatVector.broadcast(SPECIES, x[from + k + 3 * STRIDE]).reinterpretAsShorts();
        s30 = s30.add(w0.mul(f));
        s31 = s31.add(w1.mul(f));
      }
      int to = sumsAt + block * TILE * 2 * HALF;
      s00.reinterpretAsFloats().intoArray(weights, to);
      s01.reinterpretAsFloats().intoArray(weights, to + 1 * HALF);
      s10.reinterpretAsFloats().intoArray(weights, to + 2 * HALF);
      s11.reinterpretAsFloats().intoArray(weights, to + 3 * HALF);
      s20.reinterpretAsFloats().intoArray(weights, to + 4 * HALF);
      s21.reinterpretAsFloats().intoArray(weights, to + 5 * HALF);
      s30.reinterpretAsFloats().intoArray(weights, to + 6 * HALF);
      s31.reinterpretAsFloats().intoArray(weights, to + 7 * HALF);
    }
  }

  private static void one(
      PackedProduct p, int[] words, int blocks, int xAt, int weightsAt, int sumsAt) {
    float[] x = p.prepared;
    float[] weights = p.floats.scratch;
    for (int block = 0; block < blocks; block++) {
      int from = xAt + block * TILE * STRIDE;
      int at = weightsAt + block * BLOCK * HALF;
      ReadAhead.prefetch(p, words, block);
      ShortVector s00 = ShortVector.zero(SHORTS);
      ShortVector s10 = ShortVector.zero(SHORTS);
      ShortVector s20 = ShortVector.zero(SHORTS);
      ShortVector s30 = ShortVector.zero(SHORTS);
      for (int k = 0; k < BLOCK; k++) {
        ShortVector w0 =
            FloatVector.fromArray(SPECIES, weights, at + k * HALF).reinterpretAsShorts();
        ShortVector f;
        f = FloatVector.broadcast(SPECIES, x[from + k]).reinterpretAsShorts();
        s00 = s00.add(w0.mul(f));
        f = FloatVector.broadcast(SPECIES, x[from + k + 1 * STRIDE]).reinterpretAsShorts();
        s10 = s10.add(w0.mul(f));
        f = FloatVector.broadcast(SPECIES, x[from + k + 2 * STRIDE]).reinterpretAsShorts();
        s20 = s20.add(w0.mul(f));
        f = FloatVector.broadcast(SPECIES, x[from + k + 3 * STRIDE]).reinterpretAsShorts();
        s30 = s30.add(w0.mul(f));
      }
      int to = sumsAt + block * TILE * HALF;
      s00.reinterpretAsFloats().intoArray(weights, to);
      s10.reinterpretAsFloats().intoArray(weights, to + 1 * HALF);
      s20.reinterpretAsFloats().intoArray(weights, to + 2 * HALF);
      s30.reinterpretAsFloats().intoArray(weights, to + 3 * HALF);
    }
  }

  /**
   * What the sums of four rows and a panel add to y. Four at once load the scales once, and fill
   * the time in which what a block adds waits for the block before. A missing row shares the place
   * of the last one, which is written after it. Its numbers are parameters for the reason that
   * {@link VectorTiles} gives.
   */
  private static void scale(
      int blocks,
      int last,
      float[] x,
      int xAt,
      float[] weights,
      int scalesAt,
      int scalesStep,
      int sumsAt,
      int sumsRow,
      float[] y,
      int yAt,
      int ldy) {
    int y1 = yAt + Math.min(1, last) * ldy;
    int y2 = yAt + Math.min(2, last) * ldy;
    int y3 = yAt + Math.min(3, last) * ldy;
    FloatVector low0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector high0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    FloatVector low1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector high1 = FloatVector.fromArray(SPECIES, y, y1 + HALF);
    FloatVector low2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector high2 = FloatVector.fromArray(SPECIES, y, y2 + HALF);
    FloatVector low3 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector high3 = FloatVector.fromArray(SPECIES, y, y3 + HALF);
    for (int block = 0; block < blocks; block++) {
      int from = xAt + block * TILE * STRIDE;
      int scales = scalesAt + block * scalesStep;
      int sums = sumsAt + block * TILE * sumsRow;
      FloatVector lows = FloatVector.fromArray(SPECIES, weights, scales);
      FloatVector highs = FloatVector.fromArray(SPECIES, weights, scales + HALF);
      FloatVector zeros = FloatVector.fromArray(SPECIES, weights, scales + PANEL);
      FloatVector highZeros = FloatVector.fromArray(SPECIES, weights, scales + PANEL + HALF);
      FloatVector scale;
      FloatVector sum;
      IntVector both;
      IntVector part;
      scale = FloatVector.broadcast(SPECIES, x[from + QuantizedRows.SCALE]);
      sum = FloatVector.broadcast(SPECIES, x[from + QuantizedRows.SUM]);
      both = FloatVector.fromArray(SPECIES, weights, sums).reinterpretAsInts();
      part = both.lanewise(LSHL, 16).lanewise(ASHR, 16);
      low0 = ((FloatVector) part.convert(I2F, 0)).mul(scale).fma(lows, low0);
      low0 = sum.fma(zeros, low0);
      part = both.lanewise(ASHR, 16);
      high0 = ((FloatVector) part.convert(I2F, 0)).mul(scale).fma(highs, high0);
      high0 = sum.fma(highZeros, high0);
      scale = FloatVector.broadcast(SPECIES, x[from + 1 * STRIDE + QuantizedRows.SCALE]);
      sum = FloatVector.broadcast(SPECIES, x[from + 1 * STRIDE + QuantizedRows.SUM]);
      both = FloatVector.fromArray(SPECIES, weights, sums + 1 * sumsRow).reinterpretAsInts();
      part = both.lanewise(LSHL, 16).lanewise(ASHR, 16);
      low1 = ((FloatVector) part.convert(I2F, 0)).mul(scale).fma(lows, low1);
      low1 = sum.fma(zeros, low1);
      part = both.lanewise(ASHR, 16);
      high1 = ((FloatVector) part.convert(I2F, 0)).mul(scale).fma(highs, high1);
      high1 = sum.fma(highZeros, high1);
      scale = FloatVector.broadcast(SPECIES, x[from + 2 * STRIDE + QuantizedRows.SCALE]);
      sum = FloatVector.broadcast(SPECIES, x[from + 2 * STRIDE + QuantizedRows.SUM]);
      both = FloatVector.fromArray(SPECIES, weights, sums + 2 * sumsRow).reinterpretAsInts();
      part = both.lanewise(LSHL, 16).lanewise(ASHR, 16);
      low2 = ((FloatVector) part.convert(I2F, 0)).mul(scale).fma(lows, low2);
      low2 = sum.fma(zeros, low2);
      part = both.lanewise(ASHR, 16);
      high2 = ((FloatVector) part.convert(I2F, 0)).mul(scale).fma(highs, high2);
      high2 = sum.fma(highZeros, high2);
      scale = FloatVector.broadcast(SPECIES, x[from + 3 * STRIDE + QuantizedRows.SCALE]);
      sum = FloatVector.broadcast(SPECIES, x[from + 3 * STRIDE + QuantizedRows.SUM]);
      both = FloatVector.fromArray(SPECIES, weights, sums + 3 * sumsRow).reinterpretAsInts();
      part = both.lanewise(LSHL, 16).lanewise(ASHR, 16);
      low3 = ((FloatVector) part.convert(I2F, 0)).mul(scale).fma(lows, low3);
      low3 = sum.fma(zeros, low3);
      part = both.lanewise(ASHR, 16);
      high3 = ((FloatVector) part.convert(I2F, 0)).mul(scale).fma(highs, high3);
      high3 = sum.fma(highZeros, high3);
    }
    low3.intoArray(y, y3);
    high3.intoArray(y, y3 + HALF);
    low2.intoArray(y, y2);
    high2.intoArray(y, y2 + HALF);
    low1.intoArray(y, y1);
    high1.intoArray(y, y1 + HALF);
    low0.intoArray(y, yAt);
    high0.intoArray(y, yAt + HALF);
  }
}
