package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.BLOCKS;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.MINIMA;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.SCALES;

import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Products with {@link BlockWeights}: the sums of {@link ScalarBlocks}, with the same bits. */
final class VectorBlocks {

  /** Where a few inputs are in scratch, as floats. */
  private static final int INPUTS = ScalarBlocks.SUMS + PANEL;

  /** From the scales of a panel to those of the next one of the same call. */
  static final int STREAM = ScalarBlocks.SUMS - SCALES;

  /** Bits of each column that are read at a time, see {@link VectorLinear}: about 1 KiB. */
  private static final int TURN = 8;

  /** Blocks of panels that are read ahead at a time, a multiple of those in scratch. */
  private static final int AHEAD = 4 * BLOCKS;

  /** Panels of a call, of which most formats multiply two at a time. */
  private static final int STREAMS = Math.max(2, ReadAhead.STREAMS);

  private VectorBlocks() {}

  static void multiply(BlockWeights w, PackedProduct p) {
    int blocks = p.blocks();
    if (p.tile == 1) {
      boolean unpacks = VectorBlockSums.bits(w.format()) == 0;
      int streams = unpacks ? 1 : STREAMS;
      for (int panel = p.fromPanel; panel < p.toPanel; panel += streams) {
        int end = Math.min(p.toPanel, panel + streams);
        for (int block = 0; block < blocks; block += BLOCKS) {
          int count = Math.min(BLOCKS, blocks - block);
          for (int own = panel; block % AHEAD == 0 && own < end; own++) {
            touch(w, p, own, block, Math.min(AHEAD, blocks - block));
          }
          if (unpacks) {
            unpacked(w, p, panel, block, count);
          } else {
            rows(w, p, panel, end, block, count);
          }
        }
      }
      return;
    }
    for (int block = 0; block < blocks; block += BLOCKS) {
      int count = Math.min(BLOCKS, blocks - block);
      for (int panel = p.fromPanel; panel < p.toPanel; panel++) {
        touch(w, p, panel, block, count);
        VectorBlockCodes.unpack(w, panel, block, count, p.floats.scratch);
        VectorBlockScales.unpack(w, panel, block, count, p.floats.scratch, SCALES);
        VectorBlockTiles.multiply(w, p, panel, block, count, next(w, p, panel, block));
      }
    }
  }

  /** Where the blocks begin that are unpacked after some of a panel; after the last ones, any. */
  private static int next(BlockWeights w, PackedProduct p, int panel, int block) {
    return panel + 1 < p.toPanel
        ? w.unit(panel + 1, block)
        : w.unit(p.fromPanel, Math.min(block + BLOCKS, p.blocks() - 1));
  }

  /** Reads ahead the units that hold some blocks of a panel. */
  private static void touch(BlockWeights w, PackedProduct p, int panel, int block, int count) {
    ReadAhead.touch(
        p, w.words, w.unit(panel, block), w.unit(panel, block + count - 1) + w.unitInts);
  }

  /**
   * Some blocks of panels, which are read by turns, a few blocks at a time; where lines are asked
   * for, all.
   */
  private static void rows(
      BlockWeights w, PackedProduct p, int from, int to, int block, int count) {
    float[] scratch = p.floats.scratch;
    BlockFormat format = w.format();
    int few = Prefetch.WORKS ? count : Math.max(1, TURN / (format.low + format.high));
    int spans = BLOCK / format.span();
    boolean shared = format.scales.unit > 1;
    for (int panel = from; shared && panel < to; panel++) {
      VectorBlockScales.unpack(w, panel, block, count, scratch, scales(panel - from));
    }
    for (int first = 0; first < count; first += few) {
      int some = Math.min(few, count - first);
      int scales = scales(0) + first * spans * PANEL;
      for (int panel = from; !shared && format != BlockFormat.Q8_0 && panel < to; panel++) {
        int at = scales + (panel - from) * STREAM;
        VectorBlockScales.unpack(w, panel, block + first, some, scratch, at);
      }
      int at = w.unit(from, block + first);
      int ints = w.unit(from, block + first + some - 1) + w.unitInts - at;
      for (int row = 0; row < p.rows; row++) {
        p.apart = 0;
        if (row == 0 && ReadAhead.prefetches(p)) {
          ReadAhead.planPair(w, p, from, at, ints, some * VectorBlockSums.asks(format));
        }
        VectorBlockSums.add(w, from, to - from, block + first, some, p, row, scales);
      }
    }
    for (int panel = from; format.scales.minimum && panel < to; panel++) {
      for (int row = 0; row < p.rows; row++) {
        int xAt = QuantizedRows.index(p, row, block);
        int yAt = p.yAt + row * p.ldy + panel * PANEL;
        int scales = scales(panel - from);
        minima(p, xAt, QuantizedRows.STRIDE, scales, count * spans, format.span(), yAt);
      }
    }
  }

  private static int scales(int stream) {
    return SCALES + stream * STREAM;
  }

  private static void unpacked(BlockWeights w, PackedProduct p, int panel, int block, int count) {
    float[] scratch = p.floats.scratch;
    VectorBlockCodes.unpack(w, panel, block, count, scratch);
    VectorBlockScales.unpack(w, panel, block, count, scratch, SCALES);
    for (int row = 0; row < p.rows; row++) {
      int xAt = QuantizedRows.index(p, row, block);
      unpacked(p, xAt, count, p.yAt + row * p.ldy + panel * PANEL);
    }
  }

  /** Adds the products of one row with what was unpacked. */
  private static void unpacked(PackedProduct p, int xAt, int count, int yAt) {
    float[] scratch = p.floats.scratch;
    inputs(p.prepared, xAt, count, scratch);
    for (int lane = 0; lane < HALF; lane += VL) {
      blocks(count, p.prepared, xAt, scratch, lane, p.y, yAt + lane);
    }
  }

  /** Writes q of some blocks as floats. */
  private static void inputs(float[] x, int xAt, int count, float[] to) {
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < BLOCK; k += VL) {
        IntVector both =
            FloatVector.fromArray(SPECIES, x, xAt + i * QuantizedRows.STRIDE + k)
                .reinterpretAsInts();
        ((FloatVector) both.lanewise(VectorOperators.ASHR, 16).convert(VectorOperators.I2F, 0))
            .intoArray(to, INPUTS + i * BLOCK + k);
      }
    }
  }

  private static void blocks(
      int count, float[] x, int xAt, float[] scratch, int lane, float[] y, int yAt) {
    FloatVector low = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector high = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    for (int i = 0; i < count; i++) {
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector t0 = s0;
      FloatVector t1 = s0;
      for (int k = i * BLOCK; k < i * BLOCK + BLOCK; k += 2) {
        int at = ScalarBlocks.VALUES + k * PANEL + lane;
        FloatVector f = FloatVector.broadcast(SPECIES, scratch[INPUTS + k]);
        s0 = f.fma(FloatVector.fromArray(SPECIES, scratch, at), s0);
        t0 = f.fma(FloatVector.fromArray(SPECIES, scratch, at + HALF), t0);
        f = FloatVector.broadcast(SPECIES, scratch[INPUTS + k + 1]);
        s1 = f.fma(FloatVector.fromArray(SPECIES, scratch, at + PANEL), s1);
        t1 = f.fma(FloatVector.fromArray(SPECIES, scratch, at + PANEL + HALF), t1);
      }
      float scale = x[xAt + i * QuantizedRows.STRIDE + QuantizedRows.SCALE];
      int at = SCALES + i * PANEL + lane;
      low = s0.add(s1).mul(scale).fma(FloatVector.fromArray(SPECIES, scratch, at), low);
      high = t0.add(t1).mul(scale).fma(FloatVector.fromArray(SPECIES, scratch, at + HALF), high);
    }
    low.intoArray(y, yAt);
    high.intoArray(y, yAt + HALF);
  }

  /**
   * Subtracts the minima of some blocks for one row.
   *
   * @param stride distance between two blocks of the row
   */
  static void minima(
      PackedProduct p, int xAt, int stride, int scales, int spans, int span, int yAt) {
    float[] y = p.y;
    float[] scratch = p.floats.scratch;
    for (int lane = 0; lane < HALF; lane += VL) {
      int at = scales + MINIMA - SCALES + lane;
      FloatVector low = FloatVector.fromArray(SPECIES, y, yAt + lane);
      FloatVector high = FloatVector.fromArray(SPECIES, y, yAt + lane + HALF);
      for (int i = 0; i < spans; i++) {
        FloatVector factor =
            FloatVector.broadcast(
                SPECIES, ScalarBlocks.sum(p.prepared, xAt + i * span / BLOCK * stride, span, i));
        low = factor.fma(FloatVector.fromArray(SPECIES, scratch, at + i * PANEL), low);
        high = factor.fma(FloatVector.fromArray(SPECIES, scratch, at + i * PANEL + HALF), high);
      }
      low.intoArray(y, yAt + lane);
      high.intoArray(y, yAt + lane + HALF);
    }
  }
}
