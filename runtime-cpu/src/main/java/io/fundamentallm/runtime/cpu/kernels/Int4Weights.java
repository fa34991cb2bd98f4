package io.fundamentallm.runtime.cpu.kernels;

/**
 * Weights of 4 bits, {@code w = scale·q − minimum} with q from 0 to 15, and a scale and a minimum,
 * neither negative, for each {@link #BLOCK} columns of a row.
 *
 * <p>A block of a panel is ten times 16 ints: eight with four columns each, then two with the
 * scales and minima; the blocks of the two panels of a group lie interleaved, sixteen ints of one
 * and sixteen of the other. Int i of the first eight holds row i in its low and row i + 16 in its
 * high half, each half its columns from the low bits up. So a register of ints is one of 16-bit
 * integers as well, which has one product and one sum where floats need two; products of {@code q −
 * 8} with inputs of {@link QuantizedRows} are added for a whole block before they could overflow.
 *
 * <p>Scale and minimum share an int, with eight bits of exponent and eight of fraction each.
 */
public final class Int4Weights extends PackedWeights {

  /** Columns in a half of an int. */
  static final int PER_WORD = 4;

  /** Ints of one block of a panel, and where its scales would begin were it alone. */
  static final int STRIDE = 160;

  static final int SCALES = BLOCK / PER_WORD * HALF;

  /** In groups [blocks][10][panels of the group][16], the scales as [panels][2][16]. */
  final int[] words;

  private final int blocks;

  /** Zeros, to be filled. */
  public Int4Weights(int rows, int columns) {
    super(rows, columns);
    blocks = padded(columns) / BLOCK;
    words = new int[Math.multiplyExact(panels() * blocks, STRIDE)];
  }

  @Override
  public String name() {
    return "int4";
  }

  @Override
  public long bytes() {
    return 4L * words.length;
  }

  @Override
  public boolean quantized() {
    return true;
  }

  /** Quantises by {@link Kernels#quantize}. */
  @Override
  public void fill(Kernels kernels, int panel, float[] values) {
    float[] block = new float[BLOCK * PANEL];
    float[] blockScales = new float[2 * PANEL];
    float[] blockMinima = new float[2 * PANEL];
    byte[][] q = new byte[PANEL][columns()];
    float[][] rowScales = new float[PANEL][blocks];
    float[][] minima = new float[PANEL][blocks];
    for (int b = 0; b < blocks; b++) {
      int n = Math.min(BLOCK, columns() - b * BLOCK);
      ScalarProduct.transpose(PANEL, n, values, b * BLOCK, columns(), block, 0, PANEL);
      kernels.quantize(n, block, blockScales, blockMinima);
      for (int lane = 0; lane < PANEL; lane++) {
        float scale = blockScales[lane];
        float inverse = scale > 0 ? 1f / scale : 0f;
        for (int k = 0; k < n; k++) {
          float w = block[k * PANEL + lane];
          q[lane][b * BLOCK + k] = (byte) ScalarQuantizer.round(w, blockMinima[lane], inverse);
        }
        rowScales[lane][b] = scale;
        minima[lane][b] = blockMinima[lane];
      }
    }
    for (int lane = 0; lane < PANEL && panel * PANEL + lane < rows(); lane++) {
      fillRow(panel * PANEL + lane, q[lane], rowScales[lane], minima[lane]);
    }
  }

  /**
   * Fills one row with what is quantised already. Scales and minima are rounded to nine bits.
   *
   * @param q one for each column, from 0 to 15
   * @param rowScales one for each block, not negative
   * @param minima one for each block, not negative
   */
  public void fillRow(int row, byte[] q, float[] rowScales, float[] minima) {
    int panel = row / PANEL;
    int to = wordsAt(panel) + row % HALF;
    int high = row / HALF % 2 * 16;
    for (int i = 0; i < columns(); i++) {
      int at = to + wordOf(panel, i);
      int shift = high + i % PER_WORD * 4;
      words[at] = words[at] & ~(0xF << shift) | (q[i] & 0xF) << shift;
    }
    to = scalesAt(panel) + row % PANEL;
    for (int block = 0; block < blocks; block++) {
      words[to + block * step(panel)] = bits(rowScales[block]) << 16 | bits(minima[block]);
    }
  }

  /** What one row is held as, see {@link #fillRow}. */
  public void readRow(int row, byte[] q, float[] rowScales, float[] minima) {
    int panel = row / PANEL;
    int from = wordsAt(panel) + row % HALF;
    for (int i = 0; i < columns(); i++) {
      q[i] =
          (byte) (words[from + wordOf(panel, i)] >>> row / HALF % 2 * 16 + i % PER_WORD * 4 & 0xF);
    }
    int scaleAt = scalesAt(panel) + row % PANEL;
    for (int block = 0; block < blocks; block++) {
      int both = words[scaleAt + block * step(panel)];
      rowScales[block] = scale(both);
      minima[block] = minimum(both);
    }
  }

  @Override
  public void row(int row, float[] into, int at) {
    int panel = row / PANEL;
    int from = wordsAt(panel) + row % HALF;
    int scaleAt = scalesAt(panel) + row % PANEL;
    for (int i = 0; i < columns(); i++) {
      int q = words[from + wordOf(panel, i)] >>> row / HALF % 2 * 16 + i % PER_WORD * 4 & 0xF;
      int both = words[scaleAt + i / BLOCK * step(panel)];
      into[at + i] = scale(both) * q - minimum(both);
    }
  }

  /** The nearest float with eight bits of fraction, its sign dropped, as 16 bits. */
  static int bits(float value) {
    return Math.min(
        0x7F7F << 1 | 1, Float.floatToRawIntBits(Math.max(0f, value)) + (1 << 14) >>> 15);
  }

  /** The float that such bits stand for. */
  static float value(int bits) {
    return Float.intBitsToFloat(bits << 15);
  }

  /** The scale of a pair. */
  static float scale(int both) {
    return value(both >>> 16);
  }

  static float minimum(int both) {
    return value(both & 0xFFFF);
  }

  /** Index of a panel's first word. The next of its words lies {@link #wordStep} further. */
  int wordsAt(int panel) {
    int group = panel / GROUP * GROUP;
    return group * blocks * STRIDE + (panel - group) * HALF;
  }

  int wordStep(int panel) {
    return groupPanels(panel) * HALF;
  }

  /** Index of the scale and minimum of a panel's first row and block. */
  int scalesAt(int panel) {
    int group = panel / GROUP * GROUP;
    return group * blocks * STRIDE + groupPanels(panel) * SCALES + (panel - group) * PANEL;
  }

  /** Distance between two blocks of a panel. */
  int step(int panel) {
    return groupPanels(panel) * STRIDE;
  }

  private int wordOf(int panel, int column) {
    return column / BLOCK * step(panel) + column % BLOCK / PER_WORD * wordStep(panel);
  }
}
