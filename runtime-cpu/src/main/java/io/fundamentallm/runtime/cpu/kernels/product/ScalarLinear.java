package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import java.util.Arrays;

/** {@link ProductKernels#multiply} and {@link ProductKernels#prepareRows} in plain Java. */
final class ScalarLinear {

  // Columns of 16-bit floats made 32-bit ones at a time, and where in scratch: after what a product
  // of floats needs itself.
  private static final int DEPTH = 384;
  private static final int EXPANDED = 1 << 13;

  private static final int STRIP = FloatWeights.STRIP;

  private ScalarLinear() {}

  static void quantizeRows(PackedProduct p) {
    int blocks = p.blocks();
    boolean floats = QuantizedRows.floats(p.weights, p.tile);
    for (int row = 0; row < p.rows; row++) {
      for (int block = 0; block < blocks; block++) {
        int from = p.xAt + row * p.ldx + block * BLOCK;
        QuantizedRows.quantize(floats, p.x, from, p.prepared, QuantizedRows.index(p, row, block));
      }
    }
    QuantizedRows.finishHalves(p);
    QuantizedRows.fillLastTile(p);
  }

  static void multiply(PackedProduct p) {
    if (p.weights instanceof FloatWeights w) {
      multiply(w, p);
      return;
    }
    if (p.weights instanceof HalfWeights w) {
      multiply(w, p);
      return;
    }
    if (p.weights instanceof BlockWeights w) {
      ScalarBlocks.multiply(w, p);
      return;
    }
    int blocks = p.blocks();
    float[] scratch = p.floats.scratch;
    for (int panel = p.fromPanel; panel < p.toPanel; panel++) {
      for (int block = 0; block < blocks; block++) {
        unpack(p.weights, panel, block, scratch);
        for (int i = 0; i < p.rows; i++) {
          int to = p.yAt + i * p.ldy + panel * PANEL;
          add(p, QuantizedRows.index(p, i, block), scratch, to);
        }
      }
    }
  }

  private static void multiply(FloatWeights w, PackedProduct p) {
    for (int panel = p.fromPanel; panel < p.toPanel; panel++) {
      for (int row = 0; row < PANEL; row += STRIP) {
        ScalarProduct.multiplyMatrices(
            p.floats
                .shape(Form.A_B, p.rows, STRIP, w.columns())
                .left(p.x, p.xAt, p.ldx)
                .right(w.values, w.at(panel) + row * w.columns(), STRIP)
                .addTo(p.y, p.yAt + panel * PANEL + row, p.ldy));
      }
    }
  }

  private static void multiply(HalfWeights w, PackedProduct p) {
    float[] scratch = p.floats.scratch;
    for (int panel = p.fromPanel; panel < p.toPanel; panel++) {
      for (int k = 0; k < w.columns(); k += DEPTH) {
        int depth = Math.min(DEPTH, w.columns() - k);
        w.expand(panel, k, depth, scratch, EXPANDED);
        ScalarProduct.multiplyMatrices(
            p.floats
                .shape(Form.A_B, p.rows, PANEL, depth)
                .left(p.x, p.xAt + k, p.ldx)
                .right(scratch, EXPANDED, PANEL)
                .addTo(p.y, p.yAt + panel * PANEL, p.ldy));
      }
    }
  }

  // Where the parts of one block of a panel are in scratch.
  private static final int SCALES = BLOCK * PANEL;
  private static final int ZEROS = SCALES + PANEL;
  private static final int SUMS = ZEROS + PANEL;

  /** Writes q [BLOCK][PANEL], the scales and, of 4 bits, the scales times the zeros. */
  private static void unpack(PackedWeights weights, int panel, int block, float[] to) {
    if (weights instanceof Int8Weights w) {
      int at = w.blockAt(panel) + block * Int8Weights.STRIDE;
      for (int k = 0; k < BLOCK; k++) {
        int word = at + Int8Weights.CODES + k / Int8Weights.PER_WORD * HALF;
        int shift = k % Int8Weights.PER_WORD * 8;
        int bias = Int8Weights.bias(k);
        for (int lane = 0; lane < HALF; lane++) {
          int two = w.words[word + lane] >>> shift;
          to[k * PANEL + lane] = (byte) (two ^ bias);
          to[k * PANEL + HALF + lane] = (byte) (two >>> 16 ^ bias);
        }
      }
      for (int lane = 0; lane < PANEL; lane++) {
        to[SCALES + lane] = Float.intBitsToFloat(w.words[at + lane]);
      }
      return;
    }
    Int4Weights w = (Int4Weights) weights;
    int at = w.wordsAt(panel) + block * w.step(panel);
    for (int k = 0; k < BLOCK; k++) {
      int word = at + k / Int4Weights.PER_WORD * w.wordStep(panel);
      int shift = k % Int4Weights.PER_WORD * 4;
      for (int lane = 0; lane < HALF; lane++) {
        int two = w.words[word + lane] >>> shift;
        to[k * PANEL + lane] = (two & 0xF) - 8;
        to[k * PANEL + HALF + lane] = (two >>> 16 & 0xF) - 8;
      }
    }
    int scales = w.scalesAt(panel) + block * w.step(panel);
    for (int lane = 0; lane < PANEL; lane++) {
      float scale = Int4Weights.scale(w.words[scales + lane]);
      to[SCALES + lane] = scale;
      to[ZEROS + lane] = scale * Int4Weights.zero(w.words[scales + lane]);
    }
  }

  /** Adds the products of one row with one block of a panel to y [PANEL]. */
  private static void add(PackedProduct p, int xAt, float[] block, int yAt) {
    boolean floats = QuantizedRows.floats(p.weights, p.tile);
    float[] x = p.prepared;
    float[] y = p.y;
    // integers below 2²⁴, so floats add them exactly
    Arrays.fill(block, SUMS, SUMS + PANEL, 0f);
    for (int k = 0; k < BLOCK; k++) {
      float factor = QuantizedRows.value(x[xAt + k], floats);
      for (int lane = 0; lane < PANEL; lane++) {
        block[SUMS + lane] = Math.fma(factor, block[k * PANEL + lane], block[SUMS + lane]);
      }
    }
    float scale = x[xAt + QuantizedRows.SCALE];
    float sum = x[xAt + QuantizedRows.SUM];
    boolean zeros = p.weights instanceof Int4Weights;
    for (int lane = 0; lane < PANEL; lane++) {
      float value = Math.fma(block[SUMS + lane] * scale, block[SCALES + lane], y[yAt + lane]);
      y[yAt + lane] = zeros ? Math.fma(sum, block[ZEROS + lane], value) : value;
    }
  }
}
