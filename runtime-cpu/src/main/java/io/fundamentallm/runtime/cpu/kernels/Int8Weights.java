package io.fundamentallm.runtime.cpu.kernels;

import java.util.Arrays;

/**
 * Weights of 8 bits, {@code w = scale·q} with q from −128 to 127 and one scale for each {@link
 * #BLOCK} columns of a row.
 *
 * <p>An int holds {@code q + 128} of four columns of one row, the first in its low byte. Shifted
 * under the exponent of 1 such a byte b is the float {@code 1 + b/256}: no conversion is needed. A
 * product starts each block's sum at {@code −1.5·Σx}, which takes the 1 and the 128 out again, and
 * multiplies it by {@code 256·scale}.
 */
public final class Int8Weights extends PackedWeights {

  /** Columns in one int. */
  static final int PER_WORD = 4;

  private static final int ZERO = 0x80808080;

  /** In groups [columns/4][panels of the group][PANEL]. */
  final int[] words;

  /** 256 times the scales, in groups [blocks][panels of the group][PANEL]. */
  final float[] scales;

  private final int depth;
  private final int blocks;

  /** Zeros, to be filled. */
  public Int8Weights(int rows, int columns) {
    super(rows, columns);
    depth = padded(columns) / PER_WORD;
    blocks = padded(columns) / BLOCK;
    words = new int[panels() * PANEL * depth];
    Arrays.fill(words, ZERO);
    scales = new float[panels() * PANEL * blocks];
  }

  @Override
  public String name() {
    return "int8";
  }

  @Override
  public long bytes() {
    return 4L * words.length + 4L * scales.length;
  }

  @Override
  public boolean quantized() {
    return true;
  }

  @Override
  public void fill(Kernels kernels, int panel, float[] values) {
    for (int lane = 0; lane < PANEL && panel * PANEL + lane < rows(); lane++) {
      fillRow(panel * PANEL + lane, values, lane * columns());
    }
  }

  /**
   * Quantises one row: the largest of each block becomes ±127.
   *
   * @param values holds the columns from {@code at} on
   */
  public void fillRow(int row, float[] values, int at) {
    byte[] q = new byte[columns()];
    float[] rowScales = new float[blocks];
    for (int block = 0; block < blocks; block++) {
      int from = block * BLOCK;
      rowScales[block] = quantize(values, at, from, Math.min(columns(), from + BLOCK), q);
    }
    fillRow(row, q, rowScales);
  }

  private static float quantize(float[] values, int at, int from, int to, byte[] q) {
    float largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(values[at + i]));
    }
    float scale = largest / 127;
    for (int i = from; i < to; i++) {
      // a scale among the smallest floats is so coarse that the largest could come out above 127
      int rounded = scale == 0 ? 0 : Math.round(values[at + i] / scale);
      q[i] = (byte) Math.max(-127, Math.min(127, rounded));
    }
    return scale;
  }

  /**
   * Fills one row with what is quantised already.
   *
   * @param q one for each column
   * @param rowScales one for each block
   */
  public void fillRow(int row, byte[] q, float[] rowScales) {
    int panel = row / PANEL;
    int step = step(panel);
    int to = at(panel, depth) + row % PANEL;
    for (int i = 0; i < columns(); i += PER_WORD, to += step) {
      int word = ZERO;
      for (int j = 0; j < PER_WORD && i + j < columns(); j++) {
        word ^= (q[i + j] & 0xFF) << (8 * j);
      }
      words[to] = word;
    }
    int scaleAt = at(panel, blocks) + row % PANEL;
    for (int block = 0; block < blocks; block++) {
      scales[scaleAt + block * step] = 256 * rowScales[block];
    }
  }

  @Override
  public void row(int row, float[] into, int at) {
    int panel = row / PANEL;
    int step = step(panel);
    int from = at(panel, depth) + row % PANEL;
    int scaleAt = at(panel, blocks) + row % PANEL;
    for (int i = 0; i < columns(); i++) {
      int b = words[from + i / PER_WORD * step] >>> (8 * (i % PER_WORD)) & 0xFF;
      into[at + i] = scales[scaleAt + i / BLOCK * step] * ((b - 128) / 256f);
    }
  }

  /** Index of the word of a panel's first column. */
  int wordAt(int panel) {
    return at(panel, depth);
  }

  /** Index of the scale of a panel's first block. */
  int scaleAt(int panel) {
    return at(panel, blocks);
  }

  /** Distance between two words, or two scales, of a row. */
  int step(int panel) {
    return PANEL * groupPanels(panel);
  }
}
