package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Products of six rows at a time with {@link Int8Weights}, unpacked to floats once for all rows;
 * the last four or fewer have a tile of their own, which spares a batch of sixteen a ninth of the
 * work. Sums of a block are integers that floats hold exactly, in any order of addition, so each
 * product has the bits of {@link VectorInt8}.
 */
final class VectorInt8Tiles {

  private static final int BLOCK = PackedWeights.BLOCK;
  private static final int PANEL = PackedWeights.PANEL;
  private static final int HALF = PackedWeights.HALF;
  private static final int STRIDE = QuantizedRows.STRIDE;
  private static final int TILE = QuantizedRows.SIX;
  private static final int FOUR = 4;

  private VectorInt8Tiles() {}

  /**
   * Adds to y [rows][PANEL] the product of some blocks, which are in scratch as {@link
   * VectorInt8#unpack} wrote them.
   *
   * @param block the first
   * @param following how many blocks will be read after these; each tile prefetches a share of them
   */
  static void multiply(
      Int8Weights w, PackedProduct p, int panel, int block, int blocks, int following) {
    int next = w.blockAt(panel) + (block + blocks) * Int8Weights.STRIDE;
    int tiles = (p.rows + TILE - 1) / TILE;
    for (int row = 0; row < p.rows; row += TILE) {
      ReadAhead.plan(p, next, following * Int8Weights.STRIDE, blocks, row / TILE, tiles);
      for (int lane = 0; lane < HALF; lane += VL) {
        if (p.rows - row > FOUR) {
          six(w, p, panel, block, blocks, row, lane);
        } else {
          four(w, p, panel, block, blocks, row, lane);
        }
      }
    }
  }

  private static void six(
      Int8Weights w, PackedProduct p, int panel, int first, int blocks, int row, int lane) {
    int[] words = w.words;
    int scalesAt = w.blockAt(panel) + first * Int8Weights.STRIDE + lane;
    float[] x = p.prepared;
    int xAt = p.preparedAt + (row * p.blocks() + first * TILE) * STRIDE;
    float[] weights = p.floats.scratch;
    float[] y = p.y;
    int ldy = p.ldy;
    int yAt = p.yAt + panel * PANEL + row * ldy + lane;
    // a missing row has zeros for inputs and shares the place of the last one, which is written
    // after it
    int last = Math.min(TILE, p.rows - row) - 1;
    int y0 = yAt;
    int y1 = yAt + Math.min(1, last) * ldy;
    int y2 = yAt + Math.min(2, last) * ldy;
    int y3 = yAt + Math.min(3, last) * ldy;
    int y4 = yAt + Math.min(4, last) * ldy;
    int y5 = yAt + Math.min(5, last) * ldy;
    FloatVector low0 = FloatVector.fromArray(SPECIES, y, y0);
    FloatVector high0 = FloatVector.fromArray(SPECIES, y, y0 + HALF);
    FloatVector low1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector high1 = FloatVector.fromArray(SPECIES, y, y1 + HALF);
    FloatVector low2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector high2 = FloatVector.fromArray(SPECIES, y, y2 + HALF);
    FloatVector low3 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector high3 = FloatVector.fromArray(SPECIES, y, y3 + HALF);
    FloatVector low4 = FloatVector.fromArray(SPECIES, y, y4);
    FloatVector high4 = FloatVector.fromArray(SPECIES, y, y4 + HALF);
    FloatVector low5 = FloatVector.fromArray(SPECIES, y, y5);
    FloatVector high5 = FloatVector.fromArray(SPECIES, y, y5 + HALF);
    for (int block = 0; block < blocks; block++) {
      int from = xAt + block * TILE * STRIDE;
      int at = Floats.FRONT + lane + block * BLOCK * PANEL;
      ReadAhead.prefetch(p, words, block);
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector t0 = s0;
      FloatVector s1 = s0;
      FloatVector t1 = s0;
      FloatVector s2 = s0;
      FloatVector t2 = s0;
      FloatVector s3 = s0;
      FloatVector t3 = s0;
      FloatVector s4 = s0;
      FloatVector t4 = s0;
      FloatVector s5 = s0;
      FloatVector t5 = s0;
      for (int k = 0; k < BLOCK; k++) {
        FloatVector u = FloatVector.fromArray(SPECIES, weights, at + k * PANEL);
        FloatVector v = FloatVector.fromArray(SPECIES, weights, at + k * PANEL + HALF);
        FloatVector f;
        f = FloatVector.broadcast(SPECIES, x[from + k]);
        s0 = f.fma(u, s0);
        t0 = f.fma(v, t0);
        f = FloatVector.broadcast(SPECIES, x[from + k + 1 * STRIDE]);
        s1 = f.fma(u, s1);
        t1 = f.fma(v, t1);
        f = FloatVector.broadcast(SPECIES, x[from + k + 2 * STRIDE]);
        s2 = f.fma(u, s2);
        t2 = f.fma(v, t2);
        f = FloatVector.broadcast(SPECIES, x[from + k + 3 * STRIDE]);
        s3 = f.fma(u, s3);
        t3 = f.fma(v, t3);
        f = FloatVector.broadcast(SPECIES, x[from + k + 4 * STRIDE]);
        s4 = f.fma(u, s4);
        t4 = f.fma(v, t4);
        f = FloatVector.broadcast(SPECIES, x[from + k + 5 * STRIDE]);
        s5 = f.fma(u, s5);
        t5 = f.fma(v, t5);
      }
      FloatVector low =
          IntVector.fromArray(INTS, words, scalesAt + block * Int8Weights.STRIDE)
              .reinterpretAsFloats();
      FloatVector high =
          IntVector.fromArray(INTS, words, scalesAt + block * Int8Weights.STRIDE + HALF)
              .reinterpretAsFloats();
      float scale;
      scale = x[from + QuantizedRows.SCALE];
      low0 = s0.mul(scale).fma(low, low0);
      high0 = t0.mul(scale).fma(high, high0);
      scale = x[from + 1 * STRIDE + QuantizedRows.SCALE];
      low1 = s1.mul(scale).fma(low, low1);
      high1 = t1.mul(scale).fma(high, high1);
      scale = x[from + 2 * STRIDE + QuantizedRows.SCALE];
      low2 = s2.mul(scale).fma(low, low2);
      high2 = t2.mul(scale).fma(high, high2);
      scale = x[from + 3 * STRIDE + QuantizedRows.SCALE];
      low3 = s3.mul(scale).fma(low, low3);
      high3 = t3.mul(scale).fma(high, high3);
      scale = x[from + 4 * STRIDE + QuantizedRows.SCALE];
      low4 = s4.mul(scale).fma(low, low4);
      high4 = t4.mul(scale).fma(high, high4);
      scale = x[from + 5 * STRIDE + QuantizedRows.SCALE];
      low5 = s5.mul(scale).fma(low, low5);
      high5 = t5.mul(scale).fma(high, high5);
    }
    low5.intoArray(y, y5);
    high5.intoArray(y, y5 + HALF);
    low4.intoArray(y, y4);
    high4.intoArray(y, y4 + HALF);
    low3.intoArray(y, y3);
    high3.intoArray(y, y3 + HALF);
    low2.intoArray(y, y2);
    high2.intoArray(y, y2 + HALF);
    low1.intoArray(y, y1);
    high1.intoArray(y, y1 + HALF);
    low0.intoArray(y, y0);
    high0.intoArray(y, y0 + HALF);
  }

  /**
   * The same of four rows or fewer, the last ones: of a tile of six the first four. Written out for
   * the reason that {@link VectorLowTiles} gives.
   */
  private static void four(
      Int8Weights w, PackedProduct p, int panel, int first, int blocks, int row, int lane) {
    int[] words = w.words;
    int scalesAt = w.blockAt(panel) + first * Int8Weights.STRIDE + lane;
    float[] x = p.prepared;
    int xAt = p.preparedAt + (row * p.blocks() + first * TILE) * STRIDE;
    float[] weights = p.floats.scratch;
    float[] y = p.y;
    int ldy = p.ldy;
    int yAt = p.yAt + panel * PANEL + row * ldy + lane;
    // a missing row has zeros for inputs and shares the place of the last one, which is written
    // after it
    int last = Math.min(FOUR, p.rows - row) - 1;
    int y0 = yAt;
    int y1 = yAt + Math.min(1, last) * ldy;
    int y2 = yAt + Math.min(2, last) * ldy;
    int y3 = yAt + Math.min(3, last) * ldy;
    FloatVector low0 = FloatVector.fromArray(SPECIES, y, y0);
    FloatVector high0 = FloatVector.fromArray(SPECIES, y, y0 + HALF);
    FloatVector low1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector high1 = FloatVector.fromArray(SPECIES, y, y1 + HALF);
    FloatVector low2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector high2 = FloatVector.fromArray(SPECIES, y, y2 + HALF);
    FloatVector low3 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector high3 = FloatVector.fromArray(SPECIES, y, y3 + HALF);
    for (int block = 0; block < blocks; block++) {
      int from = xAt + block * TILE * STRIDE;
      int at = Floats.FRONT + lane + block * BLOCK * PANEL;
      ReadAhead.prefetch(p, words, block);
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector t0 = s0;
      FloatVector s1 = s0;
      FloatVector t1 = s0;
      FloatVector s2 = s0;
      FloatVector t2 = s0;
      FloatVector s3 = s0;
      FloatVector t3 = s0;
      for (int k = 0; k < BLOCK; k++) {
        FloatVector u = FloatVector.fromArray(SPECIES, weights, at + k * PANEL);
        FloatVector v = FloatVector.fromArray(SPECIES, weights, at + k * PANEL + HALF);
        FloatVector f;
        f = FloatVector.broadcast(SPECIES, x[from + k]);
        s0 = f.fma(u, s0);
        t0 = f.fma(v, t0);
        f = FloatVector.broadcast(SPECIES, x[from + k + 1 * STRIDE]);
        s1 = f.fma(u, s1);
        t1 = f.fma(v, t1);
        f = FloatVector.broadcast(SPECIES, x[from + k + 2 * STRIDE]);
        s2 = f.fma(u, s2);
        t2 = f.fma(v, t2);
        f = FloatVector.broadcast(SPECIES, x[from + k + 3 * STRIDE]);
        s3 = f.fma(u, s3);
        t3 = f.fma(v, t3);
      }
      FloatVector low =
          IntVector.fromArray(INTS, words, scalesAt + block * Int8Weights.STRIDE)
              .reinterpretAsFloats();
      FloatVector high =
          IntVector.fromArray(INTS, words, scalesAt + block * Int8Weights.STRIDE + HALF)
              .reinterpretAsFloats();
      float scale;
      scale = x[from + QuantizedRows.SCALE];
      low0 = s0.mul(scale).fma(low, low0);
      high0 = t0.mul(scale).fma(high, high0);
      scale = x[from + 1 * STRIDE + QuantizedRows.SCALE];
      low1 = s1.mul(scale).fma(low, low1);
      high1 = t1.mul(scale).fma(high, high1);
      scale = x[from + 2 * STRIDE + QuantizedRows.SCALE];
      low2 = s2.mul(scale).fma(low, low2);
      high2 = t2.mul(scale).fma(high, high2);
      scale = x[from + 3 * STRIDE + QuantizedRows.SCALE];
      low3 = s3.mul(scale).fma(low, low3);
      high3 = t3.mul(scale).fma(high, high3);
    }
    low3.intoArray(y, y3);
    high3.intoArray(y, y3 + HALF);
    low2.intoArray(y, y2);
    high2.intoArray(y, y2 + HALF);
    low1.intoArray(y, y1);
    high1.intoArray(y, y1 + HALF);
    low0.intoArray(y, y0);
    high0.intoArray(y, y0 + HALF);
  }
}
