package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.GROUP;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

/**
 * {@link ProductKernels#multiply} on the Vector API: which loop serves which weights and rows.
 *
 * <p>A few rows take as long as reading the weights. A processor fetches a stream ahead by some 20
 * cache lines, within a page, and looks ahead by as many instructions as it can hold back, which
 * for quantised weights are those of 20 to 30 lines: less than memory takes to answer. So panels
 * are read by turns, {@link #STREAMS} of them and about 1 KiB at a time; while one is multiplied
 * the others are fetched. On Granite Rapids, from memory, that made int4 1.4 times as fast, int8
 * 1.3 and floats 1.15. Within a block everything is in the order in which it is read, because a
 * loop that begins at the end of its stream loses most of this.
 */
final class VectorLinear {

  // Columns at a time when many rows share a group of panels: 96 KiB of floats, the fastest of 128,
  // 256 and 384 on Zen 5.
  private static final int DEPTH = 384;
  // The same in blocks for quantised weights, which are unpacked to 40 KiB.
  private static final int BLOCKS = 10;

  /** Panels that single rows read by turns; an even number. */
  static final int STREAMS = 8;

  // Columns that they read at a time, where sums stay in registers meanwhile: faster than fewer.
  private static final int FLOAT_COLUMNS = 64;
  private static final int HALF_COLUMNS = 32;
  // Fewer rows than this read the weights once each: the first from memory, the others from cache.
  private static final int ROWS_WORTH_TILES = 4;

  private VectorLinear() {}

  static void multiply(PackedProduct p) {
    if (p.weights instanceof FloatWeights w) {
      if (p.rows < ROWS_WORTH_TILES) {
        rows(w, p);
      } else {
        tiles(w, p);
      }
    } else if (p.weights instanceof Int8Weights w) {
      if (p.tile == 1) {
        rows(w, p);
      } else {
        tiles(w, p);
      }
    } else if (p.weights instanceof HalfWeights w) {
      if (p.rows < ROWS_WORTH_TILES) {
        rows(w, p);
      } else {
        VectorHalf.tiles(w, p);
      }
    } else if (p.weights instanceof BlockWeights w) {
      VectorBlocks.multiply(w, p);
    } else {
      Int4Weights w = (Int4Weights) p.weights;
      if (p.tile == 1) {
        rows(w, p);
        return;
      }
      for (int panel = p.fromPanel; panel < p.toPanel; ) {
        // a whole group if all of it is needed
        int width = panel % GROUP == 0 && panel + 1 < p.toPanel ? GROUP : 1;
        tiles(w, p, panel, width);
        panel += width;
      }
    }
  }

  private static void rows(FloatWeights w, PackedProduct p) {
    for (int panel = p.fromPanel; panel < p.toPanel; ) {
      int end = turn(p, panel);
      int width = Math.min(GROUP, end - panel);
      int step = end - panel < GROUP ? w.columns() : FLOAT_COLUMNS;
      for (int k = 0; k < w.columns(); k += step) {
        int count = Math.min(step, w.columns() - k);
        for (int own = panel; own < end; own += width) {
          for (int i = 0; i < p.rows; i++) {
            int from = p.xAt + i * p.ldx + k;
            int to = p.yAt + i * p.ldy + own * PANEL;
            VectorFloatRow.multiply(w, own, width, k, count, p.x, from, p.y, to);
          }
        }
      }
      panel = end;
    }
  }

  private static void rows(HalfWeights w, PackedProduct p) {
    for (int panel = p.fromPanel; panel < p.toPanel; ) {
      int end = turn(p, panel);
      int width = Math.min(GROUP, end - panel);
      int step = end - panel < GROUP ? w.columns() : HALF_COLUMNS;
      for (int k = 0; k < w.columns(); k += step) {
        int count = Math.min(step, w.columns() - k);
        for (int own = panel; own < end; own += width) {
          for (int i = 0; i < p.rows; i++) {
            int from = p.xAt + i * p.ldx + k;
            int to = p.yAt + i * p.ldy + own * PANEL;
            VectorHalf.row(w, own, width, k, count, p.x, from, p.y, to);
          }
        }
      }
      panel = end;
    }
  }

  /** The end of the panels that are read by turns: one panel, or whole groups. */
  private static int turn(PackedProduct p, int panel) {
    return panel % GROUP != 0 || panel + 1 == p.toPanel
        ? panel + 1
        : Math.min(p.toPanel / GROUP * GROUP, panel + STREAMS);
  }

  private static void rows(Int8Weights w, PackedProduct p) {
    int blocks = p.blocks();
    int copy = VectorRowQuantizer.copy(p, 8);
    for (int first = p.fromPanel; first < p.toPanel; first += STREAMS) {
      int end = Math.min(p.toPanel, first + STREAMS);
      for (int block = 0; block < blocks; block++) {
        for (int panel = first; panel < end; panel++) {
          int at = w.blockAt(panel) + block * Int8Weights.STRIDE;
          for (int i = 0; i < p.rows; i++) {
            int from = p.quantizedAt + (i * blocks + block) * QuantizedRows.STRIDE + copy;
            int to = p.yAt + i * p.ldy + panel * PANEL;
            VectorInt8.multiply(p.quantized, from, w.words, at, p.y, to);
          }
        }
      }
    }
  }

  private static void rows(Int4Weights w, PackedProduct p) {
    int blocks = p.blocks();
    int copy = VectorRowQuantizer.copy(p, 4);
    for (int panel = p.fromPanel; panel < p.toPanel; ) {
      int end = turn(p, panel);
      for (int block = 0; block < blocks; block++) {
        for (int own = panel; own < end; own += GROUP) {
          for (int i = 0; i < p.rows; i++) {
            int from = p.quantizedAt + (i * blocks + block) * QuantizedRows.STRIDE + copy;
            int to = p.yAt + i * p.ldy + own * PANEL;
            if (end - panel < GROUP) {
              VectorInt4.panel(w, own, block, p.quantized, from, p.y, to);
            } else {
              VectorInt4.group(w, own, block, p.quantized, from, p.y, to);
            }
          }
        }
      }
      panel = end;
    }
  }

  private static void tiles(Int8Weights w, PackedProduct p) {
    int blocks = p.blocks();
    for (int block = 0; block < blocks; block += BLOCKS) {
      int count = Math.min(BLOCKS, blocks - block);
      for (int panel = p.fromPanel; panel < p.toPanel; panel++) {
        int at = w.blockAt(panel) + block * Int8Weights.STRIDE;
        VectorInt8.unpack(count, w.words, at, p.floats.scratch);
        VectorInt8Tiles.multiply(w, p, panel, block, count);
      }
    }
  }

  private static void tiles(Int4Weights w, PackedProduct p, int panel, int width) {
    int blocks = p.blocks();
    for (int block = 0; block < blocks; block += BLOCKS) {
      int count = Math.min(BLOCKS, blocks - block);
      for (int i = 0; i < width; i++) {
        VectorInt4.unpack(w, panel + i, block, count, p.floats.scratch, i, width);
      }
      VectorInt4Tiles.multiply(p, panel, width, block, count);
    }
  }

  private static void tiles(FloatWeights w, PackedProduct p) {
    Tile t = p.floats.tile;
    t.a = p.x;
    t.rowStep = p.ldx;
    t.kStep = 1;
    t.b = w.values;
    t.s = p.y;
    t.lds = p.ldy;
    t.c = p.y;
    t.ldc = p.ldy;
    for (int k = 0; k < w.columns(); k += DEPTH) {
      t.k = Math.min(DEPTH, w.columns() - k);
      for (int panel = p.fromPanel; panel < p.toPanel; ) {
        // a whole group if all of it is needed: one stream from memory
        int width = panel % GROUP == 0 && panel + 1 < p.toPanel ? GROUP : 1;
        t.ldb = w.step(panel);
        int from = w.at(panel, w.columns()) + k * t.ldb;
        int to = p.yAt + panel * PANEL;
        for (int column = 0; column < width * PANEL; column += t.width) {
          t.rows = p.rows;
          t.width = VectorProduct.panel(width * PANEL - column);
          t.aAt = p.xAt + k;
          t.bAt = from + column;
          t.sAt = to + column;
          t.cAt = to + column;
          VectorProduct.rows(t, t.width, p.floats.scratch);
        }
        panel += width;
      }
    }
  }
}
