package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SHORTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

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
        for (int i = 0; i <= last; i += 2) {
          int second = Math.min(i + 1, last) - i;
          for (int side = 0; side < panels; side++) {
            scale(
                blocks,
                p.prepared,
                from + i * STRIDE,
                second * STRIDE,
                p.floats.scratch,
                scalesAt(blocks, panels) + side * 2 * PANEL + lane,
                panels * 2 * PANEL,
                sumsAt + (i * panels + side) * HALF + lane,
                second * panels * HALF,
                panels * TILE * HALF,
                p.y,
                to + i * p.ldy + side * PANEL + lane,
                second * p.ldy);
          }
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
   * What the sums of two rows and a panel add to y; of one row alone where the steps to the second
   * are zero, which then is written twice. Two, since what a block adds waits for the one before.
   * Its numbers are parameters for the reason that {@link VectorTiles} gives.
   */
  private static void scale(
      int blocks,
      float[] x,
      int xAt,
      int xStep,
      float[] weights,
      int scalesAt,
      int scalesStep,
      int sumsAt,
      int sumsRow,
      int sumsStep,
      float[] y,
      int yAt,
      int ldy) {
    FloatVector low0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector high0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    FloatVector low1 = FloatVector.fromArray(SPECIES, y, yAt + ldy);
    FloatVector high1 = FloatVector.fromArray(SPECIES, y, yAt + ldy + HALF);
    for (int block = 0; block < blocks; block++) {
      int from = xAt + block * TILE * STRIDE;
      int scales = scalesAt + block * scalesStep;
      int sums = sumsAt + block * sumsStep;
      FloatVector lows = FloatVector.fromArray(SPECIES, weights, scales);
      FloatVector highs = FloatVector.fromArray(SPECIES, weights, scales + HALF);
      FloatVector zeros = FloatVector.fromArray(SPECIES, weights, scales + PANEL);
      FloatVector highZeros = FloatVector.fromArray(SPECIES, weights, scales + PANEL + HALF);
      FloatVector scale = FloatVector.broadcast(SPECIES, x[from + QuantizedRows.SCALE]);
      FloatVector sum = FloatVector.broadcast(SPECIES, x[from + QuantizedRows.SUM]);
      IntVector both = FloatVector.fromArray(SPECIES, weights, sums).reinterpretAsInts();
      low0 = sum.fma(zeros, low(both).mul(scale).fma(lows, low0));
      high0 = sum.fma(highZeros, high(both).mul(scale).fma(highs, high0));
      scale = FloatVector.broadcast(SPECIES, x[from + xStep + QuantizedRows.SCALE]);
      sum = FloatVector.broadcast(SPECIES, x[from + xStep + QuantizedRows.SUM]);
      both = FloatVector.fromArray(SPECIES, weights, sums + sumsRow).reinterpretAsInts();
      low1 = sum.fma(zeros, low(both).mul(scale).fma(lows, low1));
      high1 = sum.fma(highZeros, high(both).mul(scale).fma(highs, high1));
    }
    low0.intoArray(y, yAt);
    high0.intoArray(y, yAt + HALF);
    low1.intoArray(y, yAt + ldy);
    high1.intoArray(y, yAt + ldy + HALF);
  }

  private static FloatVector low(IntVector both) {
    return (FloatVector)
        both.lanewise(VectorOperators.LSHL, 16)
            .lanewise(VectorOperators.ASHR, 16)
            .convert(VectorOperators.I2F, 0);
  }

  private static FloatVector high(IntVector both) {
    return (FloatVector) both.lanewise(VectorOperators.ASHR, 16).convert(VectorOperators.I2F, 0);
  }
}
