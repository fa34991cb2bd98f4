package io.fundamentallm.runtime.cpu.kernels.product;

import java.util.List;

/**
 * The weights W [rows][columns] of a linear layer {@code y = W·x}, laid out so that a few rows fill
 * the lanes of a SIMD register and the columns follow one another. Decoding a token and prefill
 * both stream them in order.
 *
 * <p>Rows are padded with zeros to panels of {@link #PANEL}. Of some formats, two neighbouring
 * panels share a group, whose elements of one column are side by side. Immutable once filled;
 * filling is safe for threads that fill different panels.
 */
public abstract sealed class PackedWeights
    permits FloatWeights, HalfWeights, Int8Weights, Int4Weights, BlockWeights, MixedWeights {

  /** Rows of a panel: two registers of 512 bits. */
  public static final int PANEL = 32;

  /** Panels of a group, which a matrix-vector product takes at once to hide the adds' latency. */
  static final int GROUP = 2;

  /** Rows in the low halves of the ints of a quantised panel; the others are in the high halves. */
  static final int HALF = PANEL / 2;

  /** Columns that share a scale in the quantised formats. */
  public static final int BLOCK = 32;

  private final int rows;
  private final int columns;
  private final int panels;

  PackedWeights(int rows, int columns) {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "no matrix has " + rows + " rows, " + columns + " columns");
    }
    this.rows = rows;
    this.columns = columns;
    panels = (int) (((long) rows + PANEL - 1) / PANEL);
    if ((long) panels * PANEL * padded(columns) > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a matrix of " + rows + "×" + columns + " weights is too large for one array");
    }
  }

  /** n rounded up to whole panels or blocks, which have the same size. */
  public static int padded(int n) {
    return (n + PANEL - 1) & -PANEL;
  }

  /** Number of outputs. */
  public int rows() {
    return rows;
  }

  /** Number of inputs. */
  public int columns() {
    return columns;
  }

  /** Number of panels. */
  public int panels() {
    return panels;
  }

  /** The format, such as {@code int8}. */
  public abstract String name();

  /** The formats of all parts. */
  public List<String> formats() {
    return List.of(name());
  }

  /** Bytes that the weights take. */
  public abstract long bytes();

  /** Whether products take {@linkplain ProductKernels#prepareRows quantised inputs}. */
  public abstract boolean quantized();

  /**
   * Fills one panel.
   *
   * @param values [PANEL][columns] row-major; rows beyond the last are zeros
   */
  public abstract void fill(ProductKernels kernels, int panel, float[] values);

  /**
   * Writes one row as floats.
   *
   * @param into receives the columns
   * @param at index of the first
   */
  public abstract void row(int row, float[] into, int at);

  /** Panels side by side in the group of a panel: 2, or 1 in a last group of one. */
  final int groupPanels(int panel) {
    return Math.min(GROUP, panels - panel / GROUP * GROUP);
  }

  /**
   * Index of a panel's first element. The next element of the same row is {@code PANEL} times
   * {@link #groupPanels} further on.
   *
   * @param depth elements of a row, which may hold several weights each
   */
  final int at(int panel, int depth) {
    int group = panel / GROUP * GROUP;
    return (group * depth + (panel - group)) * PANEL;
  }
}
