package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.GROUP;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;

/**
 * {@link ProductKernels#multiply} on the Vector API: which loop serves which weights and rows.
 *
 * <p>A few rows take as long as reading the weights. So panels are read in the order in which the
 * processor fetches them ahead, see {@link ReadAhead}: one after the other, or several by turns and
 * about 1 KiB at a time. Within a block everything is in the order in which it is read, because a
 * loop that begins at the end of its stream loses most of this. Where lines can be {@linkplain
 * Prefetch asked for}, a loop asks for those that follow while it multiplies.
 */
final class VectorLinear {

  private static final int STRIP = FloatWeights.STRIP;

  // Columns at a time when many rows share a panel: 48 KiB of floats.
  private static final int DEPTH = 384;
  // Columns that are read ahead at a time, where they are: 96 KiB.
  private static final int AHEAD = 2 * DEPTH;
  // The same in blocks for quantised weights, which are unpacked to 32 KiB: with a tile's inputs
  // they stay in the first cache.
  private static final int BLOCKS = 8;

  // Columns that they read at a time, where sums stay in registers meanwhile: faster than fewer.
  private static final int FLOAT_COLUMNS = 64;
  private static final int HALF_COLUMNS = 32;

  // Up to so many rows take little longer than memory. So many blocks of a quantised panel are then
  // read at a time: few by turns, and where weights are read ahead enough for a long read.
  static final int FEW_ROWS = 32;
  private static final int FEW_BLOCKS = 24;
  private static final int FEW_BLOCKS_BY_TURNS = 4;

  private VectorLinear() {}

  static void multiply(PackedProduct p) {
    if (p.weights instanceof FloatWeights w) {
      if (p.rows < VectorFloatTiles.LEAST) {
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
      if (p.rows == 1 || p.rows < VectorFloatTiles.LEAST && !VectorHalfTiles.takes(p)) {
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
        // whole groups where all of them are needed
        int end = p.rows <= FEW_ROWS ? turn(p, panel) : Math.min(turn(p, panel), panel + GROUP);
        tiles(w, p, panel, end);
        panel = end;
      }
    }
  }

  private static void rows(FloatWeights w, PackedProduct p) {
    boolean byTurns = ReadAhead.streams(p) > 1;
    for (int panel = p.fromPanel; panel < p.toPanel; ) {
      int end = turn(p, panel);
      int width = Math.min(GROUP, end - panel);
      int step = byTurns && width == GROUP ? FLOAT_COLUMNS : w.columns();
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
    boolean byTurns = ReadAhead.streams(p) > 1;
    for (int panel = p.fromPanel; panel < p.toPanel; ) {
      int end = turn(p, panel);
      int width = Math.min(GROUP, end - panel);
      int step = byTurns && width == GROUP ? HALF_COLUMNS : w.columns();
      for (int k = 0; k < w.columns(); k += step) {
        int count = Math.min(step, w.columns() - k);
        for (int own = panel; own < end; own += width) {
          for (int i = 0; i < p.rows; i++) {
            int from = p.xAt + i * p.ldx + k;
            int to = p.yAt + i * p.ldy + own * PANEL;
            boolean prefetches = i == 0 && ReadAhead.prefetches(p);
            VectorHalf.row(w, own, width, k, count, prefetches, p.x, from, p.y, to);
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
        : Math.min(p.toPanel / GROUP * GROUP, panel + Math.max(GROUP, ReadAhead.streams(p)));
  }

  private static void rows(Int8Weights w, PackedProduct p) {
    int blocks = p.blocks();
    int copy = VectorRowQuantizer.copy(p, 8);
    int streams = ReadAhead.streams(p);
    int step = streams > 1 ? 1 : blocks;
    for (int first = p.fromPanel; first < p.toPanel; first += streams) {
      int end = Math.min(p.toPanel, first + streams);
      for (int block = 0; block < blocks; block += step) {
        for (int panel = first; panel < end; panel++) {
          int at = w.blockAt(panel) + block * Int8Weights.STRIDE;
          for (int i = 0; i < p.rows; i++) {
            int from = p.preparedAt + (i * blocks + block) * QuantizedRows.STRIDE + copy;
            int to = p.yAt + i * p.ldy + panel * PANEL;
            // other rows find what the first prefetches
            boolean prefetches = i == 0 && ReadAhead.prefetches(p);
            VectorInt8.multiply(p, step, from, w.words, at, prefetches, to);
          }
        }
      }
    }
  }

  private static void rows(Int4Weights w, PackedProduct p) {
    int blocks = p.blocks();
    int copy = VectorRowQuantizer.copy(p, 4);
    boolean byTurns = ReadAhead.streams(p) > 1;
    for (int panel = p.fromPanel; panel < p.toPanel; ) {
      int end = turn(p, panel);
      int step = byTurns || end - panel < GROUP ? 1 : FEW_BLOCKS;
      for (int block = 0; block < blocks; block += step) {
        int count = Math.min(step, blocks - block);
        for (int own = panel; own < end; own += GROUP) {
          int at = w.scalesAt(own) + block * w.step(own);
          ReadAhead.touch(p, w.words, at, at + count * w.step(own));
          for (int i = 0; i < p.rows; i++) {
            int from = p.preparedAt + (i * blocks + block) * QuantizedRows.STRIDE + copy;
            int to = p.yAt + i * p.ldy + own * PANEL;
            if (end - panel < GROUP) {
              VectorInt4.panel(w, own, block, p.prepared, from, p.y, to);
            } else {
              boolean prefetches = i == 0 && ReadAhead.prefetches(p);
              VectorInt4.group(w, own, block, count, p, from, prefetches, to);
            }
          }
        }
      }
      panel = end;
    }
  }

  /** Blocks that are unpacked after those before {@code end}, of this panel or the next one. */
  private static int following(int blocks, int end, int step) {
    return Math.min(step, end < blocks ? blocks - end : blocks);
  }

  /**
   * Blocks of a panel that are unpacked at a time: equal parts that stay in the first cache; of few
   * rows few where panels are read by turns, many where that reads ahead.
   */
  private static int blocksOfTile(PackedProduct p) {
    boolean few = p.rows <= FEW_ROWS;
    if (few && ReadAhead.streams(p) > 1) {
      return FEW_BLOCKS_BY_TURNS;
    }
    if (few && ReadAhead.ahead(p)) {
      return FEW_BLOCKS;
    }
    int parts = (p.blocks() + BLOCKS - 1) / BLOCKS;
    return (p.blocks() + parts - 1) / parts;
  }

  private static void tiles(Int8Weights w, PackedProduct p) {
    int blocks = p.blocks();
    int step = blocksOfTile(p);
    int together = p.rows <= FEW_ROWS ? ReadAhead.streams(p) : p.toPanel - p.fromPanel;
    for (int first = p.fromPanel; first < p.toPanel; first += together) {
      int end = Math.min(p.toPanel, first + together);
      for (int block = 0; block < blocks; block += step) {
        int count = Math.min(step, blocks - block);
        for (int panel = first; panel < end; panel++) {
          int at = w.blockAt(panel) + block * Int8Weights.STRIDE;
          ReadAhead.touch(p, w.words, at, at + count * Int8Weights.STRIDE);
          VectorInt8.unpack(count, w.words, at, p.floats.scratch);
          VectorInt8Tiles.multiply(
              w, p, panel, block, count, following(blocks, block + count, step));
        }
      }
    }
  }

  private static void tiles(Int4Weights w, PackedProduct p, int first, int end) {
    int blocks = p.blocks();
    int step = blocksOfTile(p);
    int width = Math.min(GROUP, end - first);
    for (int block = 0; block < blocks; block += step) {
      int count = Math.min(step, blocks - block);
      for (int panel = first; panel < end; panel += width) {
        int at = w.scalesAt(panel) + block * w.step(panel);
        ReadAhead.touch(p, w.words, at, at + count * w.step(panel));
        for (int i = 0; i < width; i++) {
          VectorInt4.unpack(w, panel + i, block, count, p.floats.scratch, i, width);
        }
        VectorInt4Tiles.multiply(
            w, p, panel, width, block, count, following(blocks, block + count, step));
      }
    }
  }

  private static void tiles(FloatWeights w, PackedProduct p) {
    if (p.all <= FEW_ROWS && ReadAhead.ahead(p) && VectorFloatTiles.prepares(p)) {
      panelsAhead(w, p);
      return;
    }
    boolean prefetches = Prefetch.WORKS && ReadAhead.fromMemory(p) && VectorFloatTiles.prepares(p);
    // a few rows stay in the first cache, and panels are read as they lie in memory
    int together = prefetches && p.rows <= FEW_ROWS ? 1 : p.toPanel - p.fromPanel;
    for (int first = p.fromPanel; first < p.toPanel; first += together) {
      int end = Math.min(p.toPanel, first + together);
      for (int k = 0; k < w.columns(); k += DEPTH) {
        int depth = Math.min(DEPTH, w.columns() - k);
        VectorFloatTiles.begin(p, k, depth);
        for (int panel = first; panel < end; panel++) {
          int at = w.at(panel) + k * STRIP;
          if (prefetches) {
            boolean down = panel + 1 == end && k + depth < w.columns();
            int column = down ? k + depth : panel + 1 == end ? 0 : k;
            int next = (down ? w.at(first) : w.at(panel + 1)) + column * STRIP;
            int last = w.values.length - w.strip() - depth * STRIP;
            next = Math.min(next, last);
            VectorFloatTiles.multiply(p, panel, k, depth, w.values, at, w.strip(), next);
          } else {
            VectorFloatTiles.multiply(p, panel, k, depth, w.values, at, w.strip());
          }
        }
      }
    }
  }

  private static void panelsAhead(FloatWeights w, PackedProduct p) {
    for (int panel = p.fromPanel; panel < p.toPanel; panel++) {
      for (int k = 0; k < w.columns(); k += DEPTH) {
        int at = w.at(panel) + k * STRIP;
        if (k % AHEAD == 0) {
          int count = Math.min(AHEAD, w.columns() - k) * STRIP;
          ReadAhead.touch(p, w.values, at, at + count);
          ReadAhead.touch(p, w.values, at + w.strip(), at + w.strip() + count);
        }
        int depth = Math.min(DEPTH, w.columns() - k);
        VectorFloatTiles.multiply(p, panel, k, depth, w.values, at, w.strip());
      }
    }
  }
}
