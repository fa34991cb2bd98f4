package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import java.util.Arrays;

/**
 * Products with {@link BlockWeights} in plain Java.
 *
 * <p>An element's sum goes through the columns eight blocks at a time. First each scale's columns
 * add {@code scale·Σ value·q}, an exact sum of integers, then each scale's columns subtract {@code
 * minimum·Σ q}, if there are minima.
 */
final class ScalarBlocks {

  /** Blocks at a time: the largest unit, so that a unit's factors are read once. */
  static final int BLOCKS = 8;

  // Where the parts of these blocks are in scratch: values [BLOCKS·BLOCK][PANEL], then scales and
  // minima [spans][PANEL], then the sums of one row.
  static final int VALUES = Floats.FRONT;
  static final int SCALES = VALUES + BLOCKS * BLOCK * PANEL;
  static final int MINIMA = SCALES + 2 * BLOCKS * PANEL;
  static final int SUMS = MINIMA + 2 * BLOCKS * PANEL;

  private ScalarBlocks() {}

  static void multiply(BlockWeights w, PackedProduct p) {
    int blocks = p.blocks();
    float[] scratch = p.floats.scratch;
    for (int panel = p.fromPanel; panel < p.toPanel; panel++) {
      for (int block = 0; block < blocks; block += BLOCKS) {
        int count = Math.min(BLOCKS, blocks - block);
        for (int i = 0; i < count; i++) {
          unpack(w, panel, block + i, scratch, VALUES + i * BLOCK * PANEL);
        }
        scales(w, panel, block, count, scratch);
        for (int row = 0; row < p.rows; row++) {
          add(w, p, row, block, count, p.yAt + row * p.ldy + panel * PANEL);
        }
      }
    }
  }

  /** Writes a block's numbers before they are scaled, [BLOCK][PANEL]. */
  private static void unpack(BlockWeights w, int panel, int block, float[] to, int toAt) {
    BlockFormat format = w.format();
    int low = format.low;
    int high = format.high;
    int lows = w.lowsAt(panel, block);
    int highs = w.highsAt(panel, block);
    int mask = (1 << low) - 1;
    int highMask = (1 << high) - 1;
    for (int k = 0; k < BLOCK; k++) {
      int word = lows + k / (16 / low) * HALF;
      int shift = k % (16 / low) * low;
      int highWord = high == 0 ? word : highs + k / (16 / high) * HALF;
      int highShift = high == 0 ? 0 : w.highShift(k);
      for (int lane = 0; lane < PANEL; lane++) {
        int half = lane / HALF * 16;
        int code = w.words[word + lane % HALF] >>> shift + half & mask ^ format.bias(k);
        code |= (w.words[highWord + lane % HALF] >>> highShift + half & highMask) << low;
        to[toAt + k * PANEL + lane] = format.value(code);
      }
    }
  }

  /** Writes scales and minima [spans][PANEL] of some blocks. */
  static void scales(BlockWeights w, int panel, int block, int count, float[] to) {
    int span = w.format().span();
    for (int i = 0; i < count * BLOCK / span; i++) {
      int column = block * BLOCK + i * span;
      for (int lane = 0; lane < PANEL; lane++) {
        to[SCALES + i * PANEL + lane] = w.scale(panel * PANEL + lane, column);
        to[MINIMA + i * PANEL + lane] = w.minimum(panel * PANEL + lane, column);
      }
    }
  }

  /** Adds the products of one row with some blocks of a panel to y [PANEL]. */
  private static void add(BlockWeights w, PackedProduct p, int row, int block, int count, int yAt) {
    float[] scratch = p.floats.scratch;
    float[] x = p.prepared;
    float[] y = p.y;
    int span = w.format().span();
    boolean floats = QuantizedRows.floats(w, p.tile);
    int spans = count * BLOCK / span;
    for (int i = 0; i < spans; i++) {
      int xAt = QuantizedRows.index(p, row, block + i * span / BLOCK);
      int first = i * span % BLOCK;
      // integers below 2²⁴, so floats add them exactly
      Arrays.fill(scratch, SUMS, SUMS + PANEL, 0f);
      for (int k = 0; k < span; k++) {
        float factor = QuantizedRows.value(x[xAt + first + k], floats);
        int at = VALUES + (i * span + k) * PANEL;
        for (int lane = 0; lane < PANEL; lane++) {
          scratch[SUMS + lane] = Math.fma(factor, scratch[at + lane], scratch[SUMS + lane]);
        }
      }
      float scale = x[xAt + QuantizedRows.SCALE];
      for (int lane = 0; lane < PANEL; lane++) {
        float s = scratch[SCALES + i * PANEL + lane];
        y[yAt + lane] = Math.fma(scratch[SUMS + lane] * scale, s, y[yAt + lane]);
      }
    }
    for (int i = 0; w.format().scales.minimum && i < spans; i++) {
      int xAt = QuantizedRows.index(p, row, block + i * span / BLOCK);
      float sum = sum(x, xAt, span, i);
      for (int lane = 0; lane < PANEL; lane++) {
        y[yAt + lane] = Math.fma(sum, scratch[MINIMA + i * PANEL + lane], y[yAt + lane]);
      }
    }
  }

  /**
   * {@code −scale·Σq} of the columns of a scale, by which a minimum is multiplied.
   *
   * @param xAt where the block of inputs begins
   * @param i which of the scales this is
   */
  static float sum(float[] x, int xAt, int span, int i) {
    if (span == BLOCK) {
      return x[xAt + QuantizedRows.SUM];
    }
    float first = x[xAt + QuantizedRows.FIRST_SUM];
    return i % 2 == 0 ? first : x[xAt + QuantizedRows.SUM] - first;
  }
}
