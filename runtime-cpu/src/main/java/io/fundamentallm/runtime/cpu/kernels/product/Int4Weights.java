package io.fundamentallm.runtime.cpu.kernels.product;

/**
 * Weights of 4 bits, {@code w = scale·(q − 8 − zero)} with q from 0 to 15. Each {@link #BLOCK}
 * columns of a row have a scale, which is not negative, and a zero of any sign.
 *
 * <p>A block of a panel is ten times 16 ints: two with the scales and zeros, then eight with four
 * columns each; the blocks of the two panels of a group are interleaved, first the scales of both,
 * then sixteen ints of one and sixteen of the other. Int i of the eight holds row i in its low half
 * and row i + 16 in its high half; each half holds its columns from the low bits up. So a register
 * of ints is also one of 16-bit integers, which need one product and one sum where floats need two.
 * Products of {@code q − 8} with inputs of {@link QuantizedRows} are added for a whole block before
 * they could overflow.
 *
 * <p>Scale and zero share an int. The scale has eight bits of exponent and ten of fraction, as many
 * as a 16-bit float; the zero is a number of 64ths from −128 to 128, so a block's offset is
 * accurate to 1/128 of its step. A block whose numbers are further from zero than that takes a
 * wider step, and is accurate to one part in 250 of its numbers.
 */
public final class Int4Weights extends PackedWeights {

  /** Columns in a half of an int. */
  static final int PER_WORD = 4;

  /** Ints of one block of a panel. */
  static final int STRIDE = 160;

  /** Zeros in one step of a block, and the number that stands for the zero at code 8. */
  private static final int ZEROS = 64;

  private static final int FIRST = 1 << 13;

  /** Steps from code 8 to zero: few enough that neither rounding reaches 128. */
  private static final double FURTHEST = 127;

  /** Scales are floats whose last 13 bits are zeros; and half of the last bit that they have. */
  static final int HELD = -1 << 13;

  static final int HALF_UNIT = 1 << 12;

  /** The bits of a zero are the last ones of a float from 2¹⁷ on, whose last bit is a 64th. */
  static final int ZERO_BITS = (1 << 14) - 1;

  static final int ZERO_FLOAT = Float.floatToRawIntBits(0x1p17f);

  /** That float where the zero is at code 8. */
  static final float ZERO_START = 0x1p17f + 128;

  /** In groups [blocks]: scales [panels of the group][PANEL], codes [8][panels][16]. */
  final int[] words;

  private final int blocks;

  /** Zeros, to be filled. */
  public Int4Weights(int rows, int columns) {
    super(rows, columns);
    blocks = padded(columns) / BLOCK;
    words = new int[Math.multiplyExact(panels() * blocks, STRIDE)];
  }

  /** Bytes of weights of this size. */
  public static long bytes(int rows, int columns) {
    return (long) padded(rows) / PANEL * (padded(columns) / BLOCK) * STRIDE * Integer.BYTES;
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

  /** Quantises by {@link ProductKernels#quantize}. */
  @Override
  public void fill(ProductKernels kernels, int panel, float[] values) {
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
   * Fills one row with values that are already quantised, {@code w = scale·q − minimum}. A block
   * with a negative scale is stored as {@code |scale|·(15 − q)}, minus what that adds.
   *
   * @param q one for each column, from 0 to 15
   * @param rowScales one for each block, of any sign
   * @param minima one for each block, of any sign
   */
  public void fillRow(int row, byte[] q, float[] rowScales, float[] minima) {
    int panel = row / PANEL;
    int to = wordsAt(panel) + row % HALF;
    int high = row / HALF % 2 * 16;
    int scaleAt = scalesAt(panel) + row % PANEL;
    int[] held = new int[16];
    for (int block = 0; block < blocks; block++) {
      boolean turned = rowScales[block] < 0;
      // of the code that is stored as 8
      double middle = (turned ? 7.0 : 8.0) * rowScales[block] - minima[block];
      double step = Math.abs(rowScales[block]);
      float scale = heldScale((float) step);
      if (!(Math.abs(middle) <= FURTHEST * scale)) {
        scale = heldScale((float) (Math.abs(middle) / FURTHEST));
      }
      words[scaleAt + block * step(panel)] = both(scale, middle);
      double factor = scale == 0 ? 0 : step / scale;
      for (int code = 0; code < held.length; code++) {
        long steps = Math.round(((turned ? 15 - code : code) - 8) * factor);
        // a scale among the smallest floats is so coarse that the factor may be above one
        held[code] = (int) Math.max(0, Math.min(15, 8 + steps));
      }
      int end = Math.min(columns(), (block + 1) * BLOCK);
      for (int i = block * BLOCK; i < end; i++) {
        int at = to + wordOf(panel, i);
        int shift = high + i % PER_WORD * 4;
        words[at] = words[at] & ~(0xF << shift) | held[q[i]] << shift;
      }
    }
  }

  /**
   * How one row is stored, {@code w = scale·(q − 8) + offset}.
   *
   * @param q receives one for each column
   * @param rowScales receives one for each block
   * @param offsets receives one for each block
   */
  public void readRow(int row, byte[] q, float[] rowScales, float[] offsets) {
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
      offsets[block] = scale(both) * -zero(both);
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
      into[at + i] = scale(both) * (q - 8 - zero(both));
    }
  }

  /** The nearest float that a scale can be stored as. NaN and infinities stay as they are. */
  static float heldScale(float value) {
    return Float.intBitsToFloat(Float.floatToIntBits(value) + HALF_UNIT & HELD);
  }

  /**
   * Scale and zero in an int.
   *
   * @param scale one that can be stored
   * @param middle the weight of code 8
   */
  private static int both(float scale, double middle) {
    // what is lost if the scale is zero is below 2⁻¹³⁰
    long zero = scale == 0 ? 0 : Math.round(-ZEROS * middle / scale);
    return Float.floatToIntBits(scale) << 1 | (int) (zero + FIRST);
  }

  /** The scale of a pair. */
  static float scale(int both) {
    return Float.intBitsToFloat(both >>> 1 & HELD);
  }

  /** The zero of a pair, less 8. */
  static float zero(int both) {
    return Float.intBitsToFloat(both & ZERO_BITS | ZERO_FLOAT) - ZERO_START;
  }

  /** Index of a panel's first word. Its next word is {@link #wordStep} further on. */
  int wordsAt(int panel) {
    int group = panel / GROUP * GROUP;
    return group * blocks * STRIDE + groupPanels(panel) * PANEL + (panel - group) * HALF;
  }

  int wordStep(int panel) {
    return groupPanels(panel) * HALF;
  }

  /** Index of the scale and zero of a panel's first row and block. */
  int scalesAt(int panel) {
    int group = panel / GROUP * GROUP;
    return group * blocks * STRIDE + (panel - group) * PANEL;
  }

  /** Distance between two blocks of a panel. */
  int step(int panel) {
    return groupPanels(panel) * STRIDE;
  }

  private int wordOf(int panel, int column) {
    return column / BLOCK * step(panel) + column % BLOCK / PER_WORD * wordStep(panel);
  }
}
