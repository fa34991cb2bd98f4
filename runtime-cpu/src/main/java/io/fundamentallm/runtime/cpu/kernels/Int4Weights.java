package io.fundamentallm.runtime.cpu.kernels;

/**
 * Weights of 4 bits, {@code w = scale·q − minimum} with q from 0 to 15, and a scale and a minimum,
 * neither negative, for each {@link #BLOCK} columns of a row.
 *
 * <p>An int holds q of eight columns of one row. Shifted by 0, 8 or −8 bits or rotated by 16 it has
 * two of them under the exponents of 1 and of 16, as the floats {@code 1 + q/16} and {@code 16 +
 * q/16}: no conversion is needed, and one shift serves two weights. A product starts each block's
 * sum at {@code −Σ c·x}, c being 1 for even and 16 for odd columns, multiplies it by {@code
 * 16·scale}, and subtracts {@code minimum·Σx}.
 *
 * <p>Scale and minimum share an int, with eight bits of exponent and eight of fraction each.
 */
public final class Int4Weights extends PackedWeights {

  /** Columns in one int. */
  static final int PER_WORD = 8;

  /**
   * Pairs of columns come under the exponents after a shift by 0, 8 and −8 and a rotation by 16.
   */
  private static final int[] PLACES = {19, 15, 11, 7, 27, 23, 3, 31};

  /** In groups [columns/8][panels of the group][PANEL]. */
  final int[] words;

  /** 16 times the scale above the minimum; in groups [blocks][panels of the group][PANEL]. */
  final int[] scales;

  private final int depth;
  private final int blocks;

  /** Zeros, to be filled. */
  public Int4Weights(int rows, int columns) {
    super(rows, columns);
    depth = padded(columns) / PER_WORD;
    blocks = padded(columns) / BLOCK;
    words = new int[panels() * PANEL * depth];
    scales = new int[panels() * PANEL * blocks];
  }

  @Override
  public String name() {
    return "int4";
  }

  @Override
  public long bytes() {
    return 4L * words.length + 4L * scales.length;
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
    int step = step(panel);
    int to = at(panel, depth) + row % PANEL;
    for (int i = 0; i < columns(); i += PER_WORD, to += step) {
      int word = 0;
      for (int j = 0; j < PER_WORD && i + j < columns(); j++) {
        word |= Integer.rotateLeft(q[i + j] & 0xF, place(j));
      }
      words[to] = word;
    }
    int scaleAt = at(panel, blocks) + row % PANEL;
    for (int block = 0; block < blocks; block++) {
      scales[scaleAt + block * step] = bits(16 * rowScales[block]) << 16 | bits(minima[block]);
    }
  }

  @Override
  public void row(int row, float[] into, int at) {
    int panel = row / PANEL;
    int step = step(panel);
    int from = at(panel, depth) + row % PANEL;
    int scaleAt = at(panel, blocks) + row % PANEL;
    for (int i = 0; i < columns(); i++) {
      int q = Integer.rotateRight(words[from + i / PER_WORD * step], place(i % PER_WORD)) & 0xF;
      int both = scales[scaleAt + i / BLOCK * step];
      into[at + i] = scale(both) * (q / 16f) - minimum(both);
    }
  }

  /** The bit at which the j-th column of a word begins. */
  static int place(int j) {
    return PLACES[j];
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

  /** 16 times the scale of a pair. */
  static float scale(int both) {
    return value(both >>> 16);
  }

  static float minimum(int both) {
    return value(both & 0xFFFF);
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
