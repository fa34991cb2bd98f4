package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.SCALES;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.VALUES;

import jdk.incubator.vector.FloatVector;

/**
 * Products of six rows at a time with {@link BlockWeights}, unpacked once for all rows; the last
 * four or fewer have a tile of their own, which spares a batch of four a third of the work, one of
 * sixteen a ninth. Each sum has the same bits as in {@link ScalarBlocks}.
 *
 * <p>Where weights are read from memory, the tiles {@linkplain ReadAhead#plan ask} for what is
 * unpacked next, since unpacking waits for each line and stores too much to ask itself. On an Intel
 * Xeon with AMX, JDK 25, four rows of Q8_0 became 1.6 times as fast by that, sixteen 1.2, of Q6_K
 * 1.2 and of Q4_K, with fewer bytes to wait for, 1.1.
 */
final class VectorBlockTiles {

  private static final int BLOCK = PackedWeights.BLOCK;
  private static final int HALF = PackedWeights.HALF;
  private static final int PANEL = PackedWeights.PANEL;
  private static final int STRIDE = QuantizedRows.STRIDE;
  private static final int TILE = QuantizedRows.SIX;
  private static final int FOUR = 4;

  private VectorBlockTiles() {}

  /**
   * Adds to y [rows][PANEL] the product of some blocks, which are in scratch.
   *
   * @param block the first
   * @param next where the words of the blocks begin that will be unpacked after these
   */
  static void multiply(BlockWeights w, PackedProduct p, int panel, int block, int count, int next) {
    int span = w.format().span();
    int spans = count * BLOCK / span;
    int ints = w.unit(panel, block + count - 1) + w.unitInts - w.unit(panel, block);
    int tiles = (p.rows + TILE - 1) / TILE;
    for (int row = 0; row < p.rows; row += TILE) {
      ReadAhead.plan(p, next, ints, spans, row / TILE, tiles);
      int xAt = p.preparedAt + (row * p.blocks() + block * TILE) * STRIDE;
      int yAt = p.yAt + row * p.ldy + panel * PANEL;
      int last = Math.min(TILE, p.rows - row) - 1;
      for (int lane = 0; lane < HALF; lane += VL) {
        if (last < FOUR) {
          four(p, w.words, spans, span, xAt, lane, yAt + lane, last);
        } else {
          six(p, w.words, spans, span, xAt, lane, yAt + lane, last);
        }
      }
      if (w.format().scales.minimum) {
        for (int i = 0; i <= last; i++) {
          int from = xAt + i * STRIDE;
          VectorBlocks.minima(p, from, TILE * STRIDE, SCALES, spans, span, yAt + i * p.ldy);
        }
      }
    }
  }

  private static void six(
      PackedProduct p, int[] words, int spans, int span, int xAt, int lane, int yAt, int last) {
    float[] x = p.prepared;
    float[] weights = p.floats.scratch;
    float[] y = p.y;
    int ldy = p.ldy;
    // a missing row has zeros for inputs and shares the place of the last one, which is written
    // after it
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
    for (int i = 0; i < spans; i++) {
      int base = xAt + i * span / BLOCK * TILE * STRIDE;
      int from = base + i * span % BLOCK;
      int at = VALUES + lane + i * span * PANEL;
      ReadAhead.prefetch(p, words, i);
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
      for (int k = 0; k < span; k++) {
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
      int scales = SCALES + i * PANEL + lane;
      FloatVector low = FloatVector.fromArray(SPECIES, weights, scales);
      FloatVector high = FloatVector.fromArray(SPECIES, weights, scales + HALF);
      float scale;
      scale = x[base + QuantizedRows.SCALE];
      low0 = s0.mul(scale).fma(low, low0);
      high0 = t0.mul(scale).fma(high, high0);
      scale = x[base + 1 * STRIDE + QuantizedRows.SCALE];
      low1 = s1.mul(scale).fma(low, low1);
      high1 = t1.mul(scale).fma(high, high1);
      scale = x[base + 2 * STRIDE + QuantizedRows.SCALE];
      low2 = s2.mul(scale).fma(low, low2);
      high2 = t2.mul(scale).fma(high, high2);
      scale = x[base + 3 * STRIDE + QuantizedRows.SCALE];
      low3 = s3.mul(scale).fma(low, low3);
      high3 = t3.mul(scale).fma(high, high3);
      scale = x[base + 4 * STRIDE + QuantizedRows.SCALE];
      low4 = s4.mul(scale).fma(low, low4);
      high4 = t4.mul(scale).fma(high, high4);
      scale = x[base + 5 * STRIDE + QuantizedRows.SCALE];
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
      PackedProduct p, int[] words, int spans, int span, int xAt, int lane, int yAt, int last) {
    float[] x = p.prepared;
    float[] weights = p.floats.scratch;
    float[] y = p.y;
    int ldy = p.ldy;
    // a missing row has zeros for inputs and shares the place of the last one, which is written
    // after it
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
    for (int i = 0; i < spans; i++) {
      int base = xAt + i * span / BLOCK * TILE * STRIDE;
      int from = base + i * span % BLOCK;
      int at = VALUES + lane + i * span * PANEL;
      ReadAhead.prefetch(p, words, i);
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector t0 = s0;
      FloatVector s1 = s0;
      FloatVector t1 = s0;
      FloatVector s2 = s0;
      FloatVector t2 = s0;
      FloatVector s3 = s0;
      FloatVector t3 = s0;
      for (int k = 0; k < span; k++) {
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
      int scales = SCALES + i * PANEL + lane;
      FloatVector low = FloatVector.fromArray(SPECIES, weights, scales);
      FloatVector high = FloatVector.fromArray(SPECIES, weights, scales + HALF);
      float scale;
      scale = x[base + QuantizedRows.SCALE];
      low0 = s0.mul(scale).fma(low, low0);
      high0 = t0.mul(scale).fma(high, high0);
      scale = x[base + 1 * STRIDE + QuantizedRows.SCALE];
      low1 = s1.mul(scale).fma(low, low1);
      high1 = t1.mul(scale).fma(high, high1);
      scale = x[base + 2 * STRIDE + QuantizedRows.SCALE];
      low2 = s2.mul(scale).fma(low, low2);
      high2 = t2.mul(scale).fma(high, high2);
      scale = x[base + 3 * STRIDE + QuantizedRows.SCALE];
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
