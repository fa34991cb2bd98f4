package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.PANEL;

import java.util.Arrays;

/** {@link Kernels#multiply} and {@link Kernels#quantizeRows} in plain Java. */
final class ScalarLinear {

  private ScalarLinear() {}

  static void quantizeRows(
      PackedWeights weights, int rows, int tile, float[] x, int xAt, int ldx, float[] q, int qAt) {
    int blocks = PackedWeights.padded(weights.columns()) / BLOCK;
    boolean floats = QuantizedRows.floats(weights, tile);
    int padded = (rows + tile - 1) / tile * tile;
    for (int row = 0; row < padded; row++) {
      for (int block = 0; block < blocks; block++) {
        int to = QuantizedRows.index(qAt, row, block, blocks, tile);
        if (row < rows) {
          QuantizedRows.quantize(floats, x, xAt + row * ldx + block * BLOCK, q, to);
        } else {
          Arrays.fill(q, to, to + QuantizedRows.STRIDE, 0f);
        }
      }
    }
  }

  static void multiply(
      PackedWeights weights,
      int fromPanel,
      int toPanel,
      int rows,
      float[] x,
      int xAt,
      int ldx,
      float[] quantized,
      int quantizedAt,
      int tile,
      float[] y,
      int yAt,
      int ldy,
      float[] scratch) {
    if (weights instanceof FloatWeights w) {
      multiply(w, fromPanel, toPanel, rows, x, xAt, ldx, y, yAt, ldy, scratch);
      return;
    }
    int blocks = PackedWeights.padded(weights.columns()) / BLOCK;
    boolean floats = QuantizedRows.floats(weights, tile);
    for (int panel = fromPanel; panel < toPanel; panel++) {
      for (int block = 0; block < blocks; block++) {
        unpack(weights, panel, block, scratch);
        for (int i = 0; i < rows; i++) {
          int from = QuantizedRows.index(quantizedAt, i, block, blocks, tile);
          add(weights, floats, quantized, from, scratch, y, yAt + i * ldy + panel * PANEL);
        }
      }
    }
  }

  private static void multiply(
      FloatWeights w,
      int fromPanel,
      int toPanel,
      int rows,
      float[] x,
      int xAt,
      int ldx,
      float[] y,
      int yAt,
      int ldy,
      float[] scratch) {
    for (int panel = fromPanel; panel < toPanel; panel++) {
      int to = yAt + panel * PANEL;
      ScalarProduct.product(
          Form.A_B,
          rows,
          PANEL,
          w.columns(),
          x,
          xAt,
          ldx,
          w.values,
          w.at(panel, w.columns()),
          w.step(panel),
          y,
          to,
          ldy,
          y,
          to,
          ldy,
          scratch);
    }
  }

  // Where the parts of one block of a panel stand in scratch.
  private static final int SCALES = BLOCK * PANEL;
  private static final int ZEROS = SCALES + PANEL;
  private static final int SUMS = ZEROS + PANEL;

  /** Writes q [BLOCK][PANEL], the scales and, of 4 bits, the scales times the zeros. */
  private static void unpack(PackedWeights weights, int panel, int block, float[] to) {
    if (weights instanceof Int8Weights w) {
      int at = w.blockAt(panel) + block * Int8Weights.STRIDE;
      for (int k = 0; k < BLOCK; k++) {
        int word = at + k / Int8Weights.PER_WORD * HALF;
        int shift = k % Int8Weights.PER_WORD * 8;
        for (int lane = 0; lane < HALF; lane++) {
          int two = w.words[word + lane] >>> shift;
          to[k * PANEL + lane] = (byte) two;
          to[k * PANEL + HALF + lane] = (byte) (two >>> 16);
        }
      }
      for (int lane = 0; lane < PANEL; lane++) {
        to[SCALES + lane] = Float.intBitsToFloat(w.words[at + Int8Weights.SCALES + lane]);
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
  private static void add(
      PackedWeights weights,
      boolean floats,
      float[] x,
      int xAt,
      float[] block,
      float[] y,
      int yAt) {
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
    boolean zeros = weights instanceof Int4Weights;
    for (int lane = 0; lane < PANEL; lane++) {
      float value = Math.fma(block[SUMS + lane] * scale, block[SCALES + lane], y[yAt + lane]);
      y[yAt + lane] = zeros ? Math.fma(sum, block[ZEROS + lane], value) : value;
    }
  }
}
