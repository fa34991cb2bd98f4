package io.fundamentallm.runtime.cpu.kernels.product;

/**
 * Weights of 8 bits, {@code w = scale·q} with q from −128 to 127 and one scale for each {@link
 * #BLOCK} columns of a row.
 *
 * <p>A block of a panel is 18 times 16 ints: two with the scales, then sixteen with two columns
 * each, so that a product reads memory from front to back. Int i of these sixteen holds row i in
 * its low half and row i + 16 in its high half; each half has the lower column in its low byte,
 * plus 128. So a register of ints is also one of 16-bit integers, which need one product where
 * floats need two; a pair of products with {@link QuantizedRows} can be added before it overflows.
 * The 128 makes the high byte what is left of the half when it is divided by 256.
 */
public final class Int8Weights extends PackedWeights {

  /** Columns in a half of an int. */
  static final int PER_WORD = 2;

  /** Ints of one block of a panel, and where its codes begin. */
  static final int STRIDE = 288;

  static final int CODES = PANEL;

  /** In panels [blocks][STRIDE]. */
  final int[] words;

  private final int blocks;

  /** Zeros, to be filled. */
  public Int8Weights(int rows, int columns) {
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
    return "int8";
  }

  @Override
  public long bytes() {
    return 4L * words.length;
  }

  @Override
  public boolean quantized() {
    return true;
  }

  @Override
  public void fill(ProductKernels kernels, int panel, float[] values) {
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
   * Fills one row with values that are already quantised.
   *
   * @param q one for each column
   * @param rowScales one for each block
   */
  public void fillRow(int row, byte[] q, float[] rowScales) {
    int to = rowAt(row);
    int high = row / HALF % 2 * 16;
    for (int i = 0; i < columns(); i++) {
      int at = to + wordOf(i);
      int shift = high + i % PER_WORD * 8;
      words[at] = words[at] & ~(0xFF << shift) | (q[i] & 0xFF ^ bias(i)) << shift;
    }
    for (int block = 0; block < blocks; block++) {
      words[to + block * STRIDE + row / HALF % 2 * HALF] =
          Float.floatToRawIntBits(rowScales[block]);
    }
  }

  /** How one row is stored, see {@link #fillRow(int, byte[], float[])}. */
  public void readRow(int row, byte[] q, float[] rowScales) {
    int from = rowAt(row);
    int half = row / HALF % 2;
    for (int i = 0; i < columns(); i++) {
      q[i] = value(words[from + wordOf(i)], half, i);
    }
    for (int block = 0; block < blocks; block++) {
      rowScales[block] = Float.intBitsToFloat(words[from + block * STRIDE + half * HALF]);
    }
  }

  @Override
  public void row(int row, float[] into, int at) {
    int from = rowAt(row);
    int half = row / HALF % 2;
    for (int i = 0; i < columns(); i++) {
      byte q = value(words[from + wordOf(i)], half, i);
      int scale = words[from + i / BLOCK * STRIDE + half * HALF];
      into[at + i] = Float.intBitsToFloat(scale) * q;
    }
  }

  /** The q of a column, which an int has in one of its halves. */
  private static byte value(int word, int half, int column) {
    return (byte) (word >>> half * 16 + column % PER_WORD * 8 ^ bias(column));
  }

  /** The bit that is changed in a column's byte. */
  static int bias(int column) {
    return column % PER_WORD == 0 ? 0x80 : 0;
  }

  /** Index of a panel's first block. */
  int blockAt(int panel) {
    return panel * blocks * STRIDE;
  }

  private int rowAt(int row) {
    return blockAt(row / PANEL) + row % HALF;
  }

  private static int wordOf(int column) {
    return column / BLOCK * STRIDE + CODES + column % BLOCK / PER_WORD * HALF;
  }
}
