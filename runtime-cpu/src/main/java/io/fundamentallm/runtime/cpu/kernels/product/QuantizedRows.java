package io.fundamentallm.runtime.cpu.kernels.product;

import java.util.Arrays;

/**
 * How the inputs of products with quantised weights are laid out in an array, see {@link
 * ProductKernels#prepareRows}: each block of {@link PackedWeights#BLOCK} columns has its own scale
 * ({@code x ≈ scale·q}), as in ggml's products of Q8_0.
 *
 * <p>Rows are stored singly or in tiles: first the first blocks of a tile's rows, then the second,
 * and so on. A block of a row is {@link #STRIDE} numbers: q of each column, then numbers derived
 * from them.
 *
 * <p>For all but 4-bit weights a q in a tile is a float, because these tiles multiply floats.
 * Otherwise it is in both halves of a float's bits, as products of 16-bit integers need it; it is a
 * float because C2 broadcasts those from memory in one step.
 */
final class QuantizedRows {
  /** The largest q, as of signed bytes. */
  private static final float MAX = 127;

  /** Rows of a tile for {@link Int4Weights}, floats and halves. */
  static final int FOUR = 4;

  /** Rows of a tile for others. */
  static final int SIX = 6;

  /** The most rows that are computed one by one: so many for words of 4-bit codes alone. */
  static final int SINGLE_FOUR_BITS = 6;

  /** The same for others. */
  static final int SINGLE = 3;

  /** −8·Σq in both halves of the bits, where sums of products with q of 4-bit weights start. */
  static final int START = PackedWeights.BLOCK;

  /** The scale. */
  static final int SCALE = START + 1;

  /** −scale·Σq, by which scale·zero of 4-bit weights is multiplied. */
  static final int SUM = START + 2;

  /** The same of the first half of the block, where weights have minima for halves. */
  static final int FIRST_SUM = START + 3;

  /** In copies for words, see {@link VectorRowQuantizer}: {@link #START} of the first half. */
  static final int FIRST_START = FIRST_SUM;

  /** Numbers of a block. */
  static final int STRIDE = START + 4;

  // Adding 1.5·2²³ leaves an integer in the low bits of a float.
  static final float ROUNDER = 12582912f;

  // Blocks of smaller numbers become zeros: their scale could not be inverted.
  private static final float SMALLEST = 0x1p-100f;

  private QuantizedRows() {}

  static float inverse(float largest) {
    return largest < SMALLEST ? 0f : MAX / largest;
  }

  static float scale(float largest) {
    return largest < SMALLEST ? 0f : largest / MAX;
  }

  static float inBothHalves(int q) {
    return Float.intBitsToFloat(q & 0xFFFF | q << 16);
  }

  /** Writes what follows the elements of a block. */
  static void finish(int sum, float scale, float[] q, int at) {
    q[at + START] = inBothHalves(-8 * sum);
    q[at + SCALE] = scale;
    q[at + SUM] = -scale * sum;
  }

  /** Rows of a tile when there are this many rows; 1 if each is computed by itself. */
  static int tile(PackedWeights weights, int rows) {
    if (weights instanceof HalfWeights) {
      return rows == 1 ? 1 : FOUR;
    }
    if (weights instanceof FloatWeights) {
      return rows < VectorFloatTiles.LEAST ? 1 : FOUR;
    }
    if (rows <= (fourBits(weights) ? SINGLE_FOUR_BITS : SINGLE)) {
      return 1;
    }
    return weights instanceof Int4Weights ? FOUR : SIX;
  }

  /**
   * Whether weights are words of 4-bit codes and nothing else, which cost more to unpack than to
   * multiply by a row where they lie. On an Intel Xeon with AMX, four rows one by one are 1.2 times
   * as fast as a tile with int4 weights, and 1.4 times with Q4_K; with seven of int4 tiles are as
   * fast.
   */
  private static boolean fourBits(PackedWeights weights) {
    return weights instanceof Int4Weights
        || weights instanceof BlockWeights blocks && blocks.format().fourBits();
  }

  /** Whether q are floats. */
  static boolean floats(PackedWeights weights, int tile) {
    return tile > 1 && !(weights instanceof Int4Weights);
  }

  /** The q of a column. */
  static float value(float q, boolean floats) {
    return floats ? q : (short) Float.floatToRawIntBits(q);
  }

  /** Index of a row's block, among rows that begin with a whole tile. */
  static int index(PackedProduct p, int row, int block) {
    int tile = p.tile;
    int before = row / tile * tile * p.blocks() + block * tile + row % tile;
    return p.preparedAt + before * STRIDE;
  }

  /** Writes zeros for the rows that the last tile lacks. */
  static void fillLastTile(PackedProduct p) {
    int blocks = p.blocks();
    for (int row = p.rows; row % p.tile != 0; row++) {
      for (int block = 0; block < blocks; block++) {
        int at = index(p, row, block);
        Arrays.fill(p.prepared, at, at + STRIDE, 0f);
      }
    }
  }

  /** Writes the sums of first halves if the weights need them. */
  static void finishHalves(PackedProduct p) {
    if (!halves(p.weights)) {
      return;
    }
    boolean floats = floats(p.weights, p.tile);
    for (int row = 0; row < p.rows; row++) {
      for (int block = 0; block < p.blocks(); block++) {
        int at = index(p, row, block);
        int sum = 0;
        for (int k = 0; k < PackedWeights.BLOCK / 2; k++) {
          sum += (int) value(p.prepared[at + k], floats);
        }
        p.prepared[at + FIRST_SUM] = -p.prepared[at + SCALE] * sum;
      }
    }
  }

  private static boolean halves(PackedWeights weights) {
    if (weights instanceof MixedWeights mixed) {
      for (PackedWeights part : mixed.parts()) {
        if (halves(part)) {
          return true;
        }
      }
      return false;
    }
    return weights instanceof BlockWeights w
        && w.format().scales == BlockFormat.Scales.FOUR_BITS_AND_MINIMUM;
  }

  /** One block of {@link ProductKernels#prepareRows}. */
  static void quantize(boolean floats, float[] x, int xAt, float[] q, int at) {
    float largest = 0;
    for (int k = 0; k < PackedWeights.BLOCK; k++) {
      largest = Math.max(largest, Math.abs(x[xAt + k]));
    }
    float inverse = inverse(largest);
    int sum = 0;
    for (int k = 0; k < PackedWeights.BLOCK; k++) {
      int rounded = Float.floatToRawIntBits(x[xAt + k] * inverse + ROUNDER);
      q[at + k] = floats ? (short) rounded : inBothHalves(rounded);
      sum += (short) rounded;
    }
    finish(sum, scale(largest), q, at);
  }
}
