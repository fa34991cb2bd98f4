package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.math.Half;

/**
 * Weights in the blocks of a quantised file: every code, scale and minimum is the file's, in as
 * many bits.
 *
 * <p>A panel is a row of units, see {@link BlockFormat#unitColumns}. A unit has the factors; the
 * minima; the small integers; then the codes, block after block, first their lower bits, then their
 * upper bits: a product reads memory from front to back. Each part is a number of times 16 ints.
 * Int i of 16 has what belongs to row i in its low half and what belongs to row i + 16 in its high
 * half. Within a half, columns follow from the low bits up: four codes of 4 bits, two of 8 bits,
 * the first of these plus 128. Small integers of 8 bits are a pair of neighbouring blocks.
 *
 * <p>Upper bits are stored so that a shift moves those of a word's codes to where the word has
 * their lower bits: of codes with four lower bits, a single upper bit of column c of 16 is bit
 * {@code c%4·4 + c/4} of its half.
 */
public final class BlockWeights extends PackedWeights {

  private final BlockFormat format;
  final int[] words;
  private final int units;

  // Blocks of a unit, a power of two: its logarithm, and what a block's place in its unit has.
  private final int unitShift;
  private final int inUnit;

  // Where the parts of a unit are.
  final int unitInts;
  private final int minima;
  private final int smalls;
  private final int codes;

  /** From a panel to the next one. */
  final int panelStep;

  /** Ints of a block's codes. */
  private final int blockInts;

  /** From a block's codes to those of the next one in the unit; of the next unit if it is alone. */
  final int step;

  /** Zeros, to be filled. */
  public BlockWeights(BlockFormat format, int rows, int columns) {
    super(rows, columns);
    if (columns % BLOCK != 0) {
      throw new IllegalArgumentException(columns + " columns are no whole blocks");
    }
    this.format = format;
    BlockFormat.Scales scales = format.scales;
    unitInts = format.unitInts();
    unitShift = Integer.numberOfTrailingZeros(scales.unit);
    inUnit = scales.unit - 1;
    units = units(format, columns);
    minima = scales.factor() ? HALF : 0;
    smalls = minima + (scales.minimum ? HALF : 0);
    codes = smalls + scales.unit * scales.smallBits;
    blockInts = BLOCK * (format.low + format.high);
    step = scales.unit == 1 ? unitInts : blockInts;
    panelStep = units * unitInts;
    words = new int[Math.multiplyExact(panels(), panelStep)];
  }

  private static int units(BlockFormat format, int columns) {
    return (columns + format.unitColumns() - 1) / format.unitColumns();
  }

  /** Bytes of weights of this size. */
  public static long bytes(BlockFormat format, int rows, int columns) {
    long panels = padded(rows) / PANEL;
    return panels * units(format, columns) * format.unitInts() * Integer.BYTES;
  }

  @Override
  public String name() {
    return format.label();
  }

  /** The format of the blocks. */
  public BlockFormat format() {
    return format;
  }

  @Override
  public long bytes() {
    return 4L * words.length;
  }

  @Override
  public boolean quantized() {
    return true;
  }

  /** Not possible: these weights are a file's own. */
  @Override
  public void fill(ProductKernels kernels, int panel, float[] values) {
    throw new IllegalStateException(format + " is filled row by row");
  }

  /** Fills one row, whose numbers were zeros. */
  public void fillRow(int row, BlockRow from) {
    byte[] codes = from.codes();
    for (int block = 0; block < columns() / BLOCK; block++) {
      pack(codes, block * BLOCK, lowAt(row, block * BLOCK), row);
      if (format.high > 0) {
        packHigh(codes, block * BLOCK, highAt(row, block * BLOCK), row);
      }
    }
    for (int block = 0; block < columns() / BLOCK; block++) {
      int bits = format.scales.smallBits;
      if (bits > 0) {
        set(smallAt(row, block), smallShift(block), bits, from.small()[block], row);
      }
    }
    for (int unit = 0; unit < units; unit++) {
      int at = unitAt(row / PANEL, unit) + row % HALF;
      if (format.scales.factor()) {
        set(at, 0, 16, from.factors()[unit], row);
      }
      if (format.scales.minimum) {
        set(at + minima, 0, 16, from.minima()[unit], row);
      }
    }
  }

  private void pack(byte[] codes, int from, int to, int row) {
    int each = 16 / format.low;
    int mask = (1 << format.low) - 1;
    int shift = row / HALF % 2 * 16;
    for (int word = 0; word < BLOCK / each; word++) {
      int half = 0;
      for (int c = 0; c < each; c++) {
        half |= (codes[from + word * each + c] & mask ^ format.bias(c)) << c * format.low;
      }
      words[to + word * HALF] |= half << shift;
    }
  }

  private void packHigh(byte[] codes, int from, int to, int row) {
    int each = 16 / format.high;
    int shift = row / HALF % 2 * 16;
    for (int word = 0; word < BLOCK / each; word++) {
      int half = 0;
      for (int c = 0; c < each; c++) {
        half |= (codes[from + word * each + c] & 0xFF) >> format.low << highShift(c);
      }
      words[to + word * HALF] |= half << shift;
    }
  }

  private void set(int at, int shift, int bits, int value, int row) {
    words[at] |= (value & (1 << bits) - 1) << shift + row / HALF % 2 * 16;
  }

  private int get(int at, int shift, int bits, int row) {
    return words[at] >>> shift + row / HALF % 2 * 16 & (1 << bits) - 1;
  }

  @Override
  public void row(int row, float[] into, int at) {
    int span = format.span();
    for (int from = 0; from < columns(); from += span) {
      float scale = scale(row, from);
      float minimum = minimum(row, from);
      for (int i = from; i < from + span; i++) {
        into[at + i] = scale * value(row, i) - minimum;
      }
    }
  }

  /** The number of a weight before it is scaled. */
  int value(int row, int column) {
    int code = get(lowAt(row, column), lowShift(column), format.low, row) ^ format.bias(column);
    if (format.high > 0) {
      code |= get(highAt(row, column), highShift(column), format.high, row) << format.low;
    }
    return format.value(code);
  }

  /** The scale of the columns from one on. */
  float scale(int row, int column) {
    int block = column / BLOCK;
    int small = small(row, block);
    int second = column % BLOCK / format.span();
    float factor = format.scales.factor() ? factor(row, block, 0) : 0;
    return switch (format.scales) {
      case FACTOR, FACTOR_AND_MINIMUM -> factor;
      case BYTE_AND_MINIMUM -> factor * (small & 0xFF);
      case TWO_BYTES -> factor * (byte) (small >> 8 * second);
      case FOUR_BITS_AND_MINIMUM -> factor * (small >> 8 * second & 15);
      case BYTE -> factor * (byte) small;
      case EXPONENT -> BlockFormat.power(small);
    };
  }

  /** What is subtracted from the columns from one on. */
  float minimum(int row, int column) {
    int block = column / BLOCK;
    int small = small(row, block);
    int second = column % BLOCK / format.span();
    float factor = format.scales.minimum ? factor(row, block, minima) : 0;
    return switch (format.scales) {
      case FACTOR_AND_MINIMUM -> factor;
      case BYTE_AND_MINIMUM -> factor * (small >> 8);
      case FOUR_BITS_AND_MINIMUM -> factor * (small >> 8 * second + 4 & 15);
      default -> 0;
    };
  }

  private int small(int row, int block) {
    int bits = format.scales.smallBits;
    return bits == 0 ? 0 : get(smallAt(row, block), smallShift(block), bits, row);
  }

  private float factor(int row, int block, int part) {
    int at = unitAt(row / PANEL, block >> unitShift) + part + row % HALF;
    return Half.toFloat((short) get(at, 0, 16, row));
  }

  /** Index of the unit of a panel that holds a block. */
  int unit(int panel, int block) {
    return unitAt(panel, block >> unitShift);
  }

  /** Index of a unit of a panel. */
  private int unitAt(int panel, int unit) {
    return (panel * units + unit) * unitInts;
  }

  private int unitOf(int row, int block) {
    return unitAt(row / PANEL, block >> unitShift) + row % HALF;
  }

  private int lowAt(int row, int column) {
    int block = column / BLOCK;
    int word = column % BLOCK / (16 / format.low);
    return unitOf(row, block) + codes + (block & inUnit) * blockInts + word * HALF;
  }

  private int lowShift(int column) {
    return column % (16 / format.low) * format.low;
  }

  private int highAt(int row, int column) {
    int block = column / BLOCK;
    int word = 2 * format.low + column % BLOCK / (16 / format.high);
    return unitOf(row, block) + codes + (block & inUnit) * blockInts + word * HALF;
  }

  /** Where the upper bits of a column are in a half of their int. */
  int highShift(int column) {
    int c = column % (16 / format.high);
    int codes = 16 / format.low;
    return c % codes * format.low + c / codes * format.high;
  }

  private int smallAt(int row, int block) {
    int word = (block & inUnit) * format.scales.smallBits / 16;
    return unitOf(row, block) + smalls + word * HALF;
  }

  private int smallShift(int block) {
    return format.scales.smallBits == 8 ? block % 2 * 8 : 0;
  }

  /** Index of the lower bits of a block's codes. */
  int lowsAt(int panel, int block) {
    return unitAt(panel, block >> unitShift) + codes + (block & inUnit) * blockInts;
  }

  /** Index of their upper bits. */
  int highsAt(int panel, int block) {
    return lowsAt(panel, block) + BLOCK * format.low;
  }

  /** Index of a block's small integers. */
  int smallsAt(int panel, int block) {
    return smallAt(panel * PANEL, block);
  }

  /** Index of a block's factors; its minima, if it has any, are the next 16. */
  int factorsAt(int panel, int block) {
    return unitAt(panel, block >> unitShift);
  }
}
