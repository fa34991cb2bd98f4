package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.GROUP;
import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.PANEL;

/** {@link Kernels#multiply} on the Vector API: which loop serves which weights and rows. */
final class VectorLinear {

  // Columns at a time when many rows share a group of panels: 96 KiB of floats, of 128, 256 and 384
  // the fastest on Zen 5.
  private static final int DEPTH = 384;
  // The same in blocks for quantised weights, which are unpacked to 40 KiB.
  private static final int BLOCKS = 10;
  // Fewer rows than this read the weights once each: the first from memory, the others from cache.
  private static final int ROWS_WORTH_TILES = 4;

  private VectorLinear() {}

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
    int blocks = PackedWeights.padded(weights.columns()) / BLOCK;
    if (weights instanceof FloatWeights w) {
      if (rows < ROWS_WORTH_TILES) {
        rows(w, fromPanel, toPanel, rows, x, xAt, ldx, y, yAt, ldy);
      } else {
        tiles(w, fromPanel, toPanel, rows, x, xAt, ldx, y, yAt, ldy, scratch);
      }
    } else if (weights instanceof Int8Weights w) {
      if (tile == 1) {
        for (int panel = fromPanel; panel < toPanel; panel++) {
          for (int i = 0; i < rows; i++) {
            int from = quantizedAt + i * blocks * QuantizedRows.STRIDE;
            int to = yAt + i * ldy + panel * PANEL;
            VectorInt8.multiply(blocks, quantized, from, w.words, w.blockAt(panel), y, to);
          }
        }
      } else {
        tiles(w, fromPanel, toPanel, rows, blocks, quantized, quantizedAt, y, yAt, ldy, scratch);
      }
    } else {
      Int4Weights w = (Int4Weights) weights;
      for (int panel = fromPanel; panel < toPanel; ) {
        // a whole group where it is wanted whole
        int width = panel % GROUP == 0 && panel + 1 < toPanel ? GROUP : 1;
        if (tile == 1) {
          for (int i = 0; i < rows; i++) {
            int from = quantizedAt + i * blocks * QuantizedRows.STRIDE;
            row(w, panel, width, blocks, quantized, from, y, yAt + i * ldy + panel * PANEL);
          }
        } else {
          int to = yAt + panel * PANEL;
          tiles(w, panel, width, rows, blocks, quantized, quantizedAt, y, to, ldy, scratch);
        }
        panel += width;
      }
    }
  }

  private static void rows(
      FloatWeights w,
      int fromPanel,
      int toPanel,
      int rows,
      float[] x,
      int xAt,
      int ldx,
      float[] y,
      int yAt,
      int ldy) {
    for (int panel = fromPanel; panel < toPanel; ) {
      int width = Math.min(w.groupPanels(panel), toPanel - panel);
      width = panel % GROUP == 0 ? width : 1;
      int at = w.at(panel, w.columns());
      for (int i = 0; i < rows; i++) {
        int from = xAt + i * ldx;
        int to = yAt + i * ldy + panel * PANEL;
        VectorFloatRow.multiply(
            width * PANEL, w.columns(), x, from, w.values, at, w.step(panel), y, to);
      }
      panel += width;
    }
  }

  private static void row(
      Int4Weights w, int panel, int width, int blocks, float[] x, int xAt, float[] y, int yAt) {
    if (width == GROUP) {
      VectorInt4.group(blocks, x, xAt, w.words, w.wordsAt(panel), y, yAt);
    } else {
      VectorInt4.panel(
          blocks,
          x,
          xAt,
          w.words,
          w.wordsAt(panel),
          w.wordStep(panel),
          w.scalesAt(panel),
          w.step(panel),
          y,
          yAt);
    }
  }

  private static void tiles(
      Int8Weights w,
      int fromPanel,
      int toPanel,
      int rows,
      int blocks,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      int ldy,
      float[] scratch) {
    int xStep = blocks * QuantizedRows.SIX * QuantizedRows.STRIDE;
    for (int block = 0; block < blocks; block += BLOCKS) {
      int count = Math.min(BLOCKS, blocks - block);
      int from = xAt + block * QuantizedRows.SIX * QuantizedRows.STRIDE;
      for (int panel = fromPanel; panel < toPanel; panel++) {
        int at = w.blockAt(panel) + block * Int8Weights.STRIDE;
        VectorInt8.unpack(count, w.words, at, scratch);
        VectorInt8Tiles.multiply(
            rows, count, x, from, xStep, w.words, at, scratch, y, yAt + panel * PANEL, ldy);
      }
    }
  }

  private static void tiles(
      Int4Weights w,
      int panel,
      int width,
      int rows,
      int blocks,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      int ldy,
      float[] scratch) {
    int xStep = blocks * QuantizedRows.FOUR * QuantizedRows.STRIDE;
    int step = w.step(panel);
    for (int block = 0; block < blocks; block += BLOCKS) {
      int count = Math.min(BLOCKS, blocks - block);
      int scales = count * BLOCK * width * HALF;
      for (int i = 0; i < width; i++) {
        VectorInt4.unpack(
            count,
            w.words,
            w.wordsAt(panel + i) + block * step,
            w.wordStep(panel),
            w.scalesAt(panel + i) + block * step,
            step,
            scratch,
            i * HALF,
            width * HALF,
            scales + i * 2 * PANEL,
            width * 2 * PANEL);
      }
      int from = xAt + block * QuantizedRows.FOUR * QuantizedRows.STRIDE;
      int sums = scales + count * width * 2 * PANEL;
      VectorInt4Tiles.multiply(
          width, rows, count, x, from, xStep, scratch, scales, sums, y, yAt, ldy);
    }
  }

  private static void tiles(
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
    for (int k = 0; k < w.columns(); k += DEPTH) {
      int depth = Math.min(DEPTH, w.columns() - k);
      for (int panel = fromPanel; panel < toPanel; ) {
        // a whole group where it is wanted whole: one stream from memory
        int width = panel % GROUP == 0 && panel + 1 < toPanel ? GROUP : 1;
        int step = w.step(panel);
        int from = w.at(panel, w.columns()) + k * step;
        int to = yAt + panel * PANEL;
        int tile;
        for (int column = 0; column < width * PANEL; column += tile) {
          tile = VectorProduct.panel(width * PANEL - column);
          VectorProduct.rows(
              rows,
              tile,
              tile,
              depth,
              x,
              xAt + k,
              ldx,
              1,
              w.values,
              from + column,
              step,
              y,
              to + column,
              ldy,
              y,
              to + column,
              ldy,
              scratch);
        }
        panel += width;
      }
    }
  }
}
