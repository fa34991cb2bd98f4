package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.PANEL;
import static io.fundamentallm.runtime.cpu.kernels.VectorTiles.COLUMNS;

/** {@link Kernels#multiply} on the Vector API: which loop serves which weights and rows. */
final class VectorLinear {

  /** Sums of a block: −Σx, then what the sums of products with 8-bit and 4-bit weights start at. */
  static final int SUMS = 3;

  static final int BYTES = 1;
  static final int NIBBLES = 2;

  // Columns at a time when many rows share a panel: 48 KiB of floats, and rows of A beside them.
  private static final int DEPTH = 384;
  // The same for quantised weights, whose smaller tiles read a panel's floats more often: 40 KiB.
  private static final int BLOCKS_DEPTH = 320;
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
      float[] sums,
      int sumsAt,
      float[] y,
      int yAt,
      int ldy,
      float[] scratch) {
    int lds = PackedWeights.padded(weights.columns()) / BLOCK * SUMS;
    if (rows < ROWS_WORTH_TILES) {
      for (int panel = fromPanel; panel < toPanel; ) {
        // a whole group where it is wanted whole
        int width = Math.min(weights.groupPanels(panel), toPanel - panel);
        width = panel % PackedWeights.GROUP == 0 ? width : 1;
        for (int i = 0; i < rows; i++) {
          int to = yAt + i * ldy + panel * PANEL;
          row(weights, panel, width * PANEL, x, xAt + i * ldx, sums, sumsAt + i * lds, y, to);
        }
        panel += width;
      }
    } else if (weights instanceof FloatWeights w) {
      tiles(w, fromPanel, toPanel, rows, x, xAt, ldx, y, yAt, ldy);
    } else {
      int depth = PackedWeights.padded(weights.columns());
      int parts = (depth + BLOCKS_DEPTH - 1) / BLOCKS_DEPTH;
      int part = PackedWeights.padded((depth + parts - 1) / parts);
      for (int k = 0; k < depth; k += part) {
        int blocks = Math.min(part, depth - k) / BLOCK;
        int start = sumsAt + k / BLOCK * SUMS;
        for (int panel = fromPanel; panel < toPanel; panel++) {
          int to = yAt + panel * PANEL;
          if (k == 0 && weights instanceof Int4Weights w) {
            subtractMinima(w, panel, rows, sums, sumsAt, lds, y, to, ldy, scratch);
          }
          blockTiles(
              weights, panel, k, blocks, rows, x, xAt + k, ldx, sums, start, lds, y, to, ldy,
              scratch);
        }
      }
    }
  }

  private static void row(
      PackedWeights weights,
      int panel,
      int lanes,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt,
      float[] y,
      int yAt) {
    if (weights instanceof FloatWeights w) {
      int at = w.at(panel, w.columns());
      VectorFloatRow.multiply(lanes, w.columns(), x, xAt, w.values, at, w.step(panel), y, yAt);
    } else if (weights instanceof Int8Weights w) {
      int blocks = PackedWeights.padded(w.columns()) / BLOCK;
      VectorInt8.multiply(
          lanes,
          blocks,
          x,
          xAt,
          sums,
          sumsAt,
          w.words,
          w.wordAt(panel),
          w.scales,
          w.scaleAt(panel),
          w.step(panel),
          y,
          yAt);
    } else {
      Int4Weights w = (Int4Weights) weights;
      int blocks = PackedWeights.padded(w.columns()) / BLOCK;
      VectorInt4.multiply(
          lanes,
          blocks,
          x,
          xAt,
          sums,
          sumsAt,
          w.words,
          w.wordAt(panel),
          w.scales,
          w.scaleAt(panel),
          w.step(panel),
          y,
          yAt);
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
      int ldy) {
    for (int k = 0; k < w.columns(); k += DEPTH) {
      int depth = Math.min(DEPTH, w.columns() - k);
      int ready = fromPanel; // panels whose first rows are done, the other panel of the group too
      for (int panel = fromPanel; panel < toPanel; panel++) {
        int step = w.step(panel);
        int from = w.at(panel, w.columns()) + k * step;
        int to = yAt + panel * PANEL;
        if (VectorWideTile.FITS && panel % PackedWeights.GROUP == 0 && panel + 1 < toPanel) {
          VectorWideTile.multiply(depth, x, xAt + k, ldx, w.values, from, step, y, to, ldy);
          ready = panel + PackedWeights.GROUP;
        }
        int first = panel < ready ? VectorWideTile.ROWS : 0;
        for (int column = 0; column < PANEL; column += COLUMNS) {
          for (int i = first; i < rows; i += VectorTiles.ROWS) {
            int count = Math.min(VectorTiles.ROWS, rows - i);
            VectorTiles.multiply(
                count,
                depth,
                x,
                xAt + i * ldx + k,
                ldx,
                1,
                w.values,
                from + column,
                step,
                y,
                to + column + i * ldy,
                ldy);
          }
        }
      }
    }
  }

  private static void blockTiles(
      PackedWeights weights,
      int panel,
      int k,
      int blocks,
      int rows,
      float[] x,
      int xAt,
      int ldx,
      float[] sums,
      int sumsAt,
      int lds,
      float[] y,
      int yAt,
      int ldy,
      float[] scratch) {
    int start = BYTES;
    if (weights instanceof Int8Weights w) {
      int step = w.step(panel);
      int words = w.wordAt(panel) + k / Int8Weights.PER_WORD * step;
      int scales = w.scaleAt(panel) + k / BLOCK * step;
      VectorInt8.unpack(blocks, w.words, words, w.scales, scales, step, scratch);
    } else if (weights instanceof Int4Weights w) {
      int step = w.step(panel);
      int words = w.wordAt(panel) + k / Int4Weights.PER_WORD * step;
      int scales = w.scaleAt(panel) + k / BLOCK * step;
      VectorInt4.unpack(blocks, w.words, words, w.scales, scales, step, scratch);
      start = NIBBLES;
    }
    int scalesAt = blocks * BLOCK * PANEL;
    for (int column = 0; column < PANEL; column += COLUMNS) {
      VectorBlockTiles.multiply(
          rows,
          blocks,
          x,
          xAt,
          ldx,
          scratch,
          column,
          scalesAt + column,
          sums,
          sumsAt,
          lds,
          start,
          y,
          yAt + column,
          ldy);
    }
  }

  /** y −= minimum·Σx of all blocks: a product with the minima. */
  private static void subtractMinima(
      Int4Weights w,
      int panel,
      int rows,
      float[] sums,
      int sumsAt,
      int lds,
      float[] y,
      int yAt,
      int ldy,
      float[] scratch) {
    int blocks = PackedWeights.padded(w.columns()) / BLOCK;
    for (int from = 0; from < blocks; from += DEPTH) {
      int count = Math.min(DEPTH, blocks - from);
      int scales = w.scaleAt(panel) + from * w.step(panel);
      VectorInt4.minima(count, w.scales, scales, w.step(panel), scratch);
      for (int column = 0; column < PANEL; column += COLUMNS) {
        for (int i = 0; i < rows; i += VectorTiles.ROWS) {
          VectorTiles.multiply(
              Math.min(VectorTiles.ROWS, rows - i),
              count,
              sums,
              sumsAt + i * lds + from * SUMS,
              lds,
              SUMS,
              scratch,
              column,
              PANEL,
              y,
              yAt + column + i * ldy,
              ldy);
        }
      }
    }
  }

  static void addProduct(
      int m,
      int n,
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      int ldb,
      float[] c,
      int cAt,
      int ldc) {
    if (m < ROWS_WORTH_TILES) {
      for (int i = 0; i < m; i++) {
        VectorFloatRow.multiply(n, k, a, aAt + i * lda, b, bAt, ldb, c, cAt + i * ldc);
      }
      return;
    }
    for (int column = 0; column < n; column += COLUMNS) {
      for (int i = 0; i < m; i += VectorTiles.ROWS) {
        int count = Math.min(VectorTiles.ROWS, m - i);
        VectorTiles.multiply(
            count,
            k,
            a,
            aAt + i * lda,
            lda,
            1,
            b,
            bAt + column,
            ldb,
            c,
            cAt + i * ldc + column,
            ldc);
      }
    }
  }
}
