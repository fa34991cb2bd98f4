package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.PackedWeights.PANEL;

/** {@link Kernels#multiply} and {@link Kernels#blockSums} in plain Java. */
final class ScalarLinear {

  private static final int SUMS = VectorLinear.SUMS;
  private static final int LANES = 16;

  private ScalarLinear() {}

  static void blockSums(
      int rows, int columns, float[] x, int xAt, int ldx, float[] sums, int sumsAt) {
    int blocks = PackedWeights.padded(columns) / BLOCK;
    for (int i = 0; i < rows; i++) {
      for (int block = 0; block < blocks; block++) {
        int at = xAt + i * ldx + block * BLOCK;
        float even = everySecond(x, at);
        float odd = everySecond(x, at + 1);
        float sum = even + odd;
        int to = sumsAt + (i * blocks + block) * SUMS;
        sums[to] = -sum;
        sums[to + VectorLinear.BYTES] = -1.5f * sum;
        sums[to + VectorLinear.NIBBLES] = -(even + 16 * odd);
      }
    }
  }

  /** Half of a block's sixteen partial sums, folded as {@link ScalarSums} does down to one. */
  private static float everySecond(float[] x, int at) {
    float first = lane(x, at) + lane(x, at + 8) + (lane(x, at + 4) + lane(x, at + 12));
    float second = lane(x, at + 2) + lane(x, at + 10) + (lane(x, at + 6) + lane(x, at + 14));
    return first + second;
  }

  private static float lane(float[] x, int at) {
    return x[at] + x[at + LANES];
  }

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
    if (weights instanceof FloatWeights w) {
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
      return;
    }
    int blocks = PackedWeights.padded(weights.columns()) / BLOCK;
    for (int panel = fromPanel; panel < toPanel; panel++) {
      for (int block = 0; block < blocks && weights instanceof Int4Weights w; block++) {
        subtractMinima(w, panel, block, blocks, rows, sums, sumsAt, y, yAt + panel * PANEL, ldy);
      }
      for (int block = 0; block < blocks; block++) {
        boolean nibbles = unpack(weights, panel, block, scratch);
        for (int i = 0; i < rows; i++) {
          int sum = sumsAt + (i * blocks + block) * SUMS;
          int from = xAt + i * ldx + block * BLOCK;
          add(nibbles, x, from, sums, sum, scratch, y, yAt + i * ldy + panel * PANEL);
        }
      }
    }
  }

  /** y −= minimum·Σx for the rows of a panel's block. */
  private static void subtractMinima(
      Int4Weights w,
      int panel,
      int block,
      int blocks,
      int rows,
      float[] sums,
      int sumsAt,
      float[] y,
      int yAt,
      int ldy) {
    int scales = w.scaleAt(panel) + block * w.step(panel);
    for (int i = 0; i < rows; i++) {
      float negative = sums[sumsAt + (i * blocks + block) * SUMS];
      for (int lane = 0; lane < PANEL; lane++) {
        int at = yAt + i * ldy + lane;
        y[at] = Math.fma(Int4Weights.minimum(w.scales[scales + lane]), negative, y[at]);
      }
    }
  }

  // Where the parts of one block of a panel stand in scratch.
  private static final int SCALES = BLOCK * PANEL;
  private static final int TOTAL = SCALES + PANEL;

  /** Writes the floats [BLOCK][PANEL] and scales of one block; whether they have 4 bits. */
  private static boolean unpack(PackedWeights weights, int panel, int block, float[] to) {
    if (weights instanceof Int8Weights w) {
      int step = w.step(panel);
      int words = w.wordAt(panel) + block * (BLOCK / Int8Weights.PER_WORD) * step;
      for (int k = 0; k < BLOCK; k++) {
        int at = words + k / Int8Weights.PER_WORD * step;
        int shift = 8 * (k % Int8Weights.PER_WORD);
        for (int lane = 0; lane < PANEL; lane++) {
          to[k * PANEL + lane] = 1 + (w.words[at + lane] >>> shift & 0xFF) * 0x1p-8f;
        }
      }
      System.arraycopy(w.scales, w.scaleAt(panel) + block * step, to, SCALES, PANEL);
      return false;
    }
    Int4Weights w = (Int4Weights) weights;
    int step = w.step(panel);
    int words = w.wordAt(panel) + block * (BLOCK / Int4Weights.PER_WORD) * step;
    for (int k = 0; k < BLOCK; k++) {
      int at = words + k / Int4Weights.PER_WORD * step;
      int place = Int4Weights.place(k % Int4Weights.PER_WORD);
      float one = k % 2 == 0 ? 1 : 16;
      for (int lane = 0; lane < PANEL; lane++) {
        int q = Integer.rotateRight(w.words[at + lane], place) & 0xF;
        to[k * PANEL + lane] = one + q * 0x1p-4f;
      }
    }
    int scales = w.scaleAt(panel) + block * step;
    for (int lane = 0; lane < PANEL; lane++) {
      to[SCALES + lane] = Int4Weights.scale(w.scales[scales + lane]);
    }
    return true;
  }

  /** Adds the products of one row with one block of a panel to y [PANEL]. */
  private static void add(
      boolean nibbles,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt,
      float[] block,
      float[] y,
      int yAt) {
    float start = sums[sumsAt + (nibbles ? VectorLinear.NIBBLES : VectorLinear.BYTES)];
    for (int lane = 0; lane < PANEL; lane++) {
      block[TOTAL + lane] = start;
    }
    for (int k = 0; k < BLOCK; k++) {
      float factor = x[xAt + k];
      for (int lane = 0; lane < PANEL; lane++) {
        block[TOTAL + lane] = Math.fma(factor, block[k * PANEL + lane], block[TOTAL + lane]);
      }
    }
    for (int lane = 0; lane < PANEL; lane++) {
      y[yAt + lane] = Math.fma(block[TOTAL + lane], block[SCALES + lane], y[yAt + lane]);
    }
  }
}
