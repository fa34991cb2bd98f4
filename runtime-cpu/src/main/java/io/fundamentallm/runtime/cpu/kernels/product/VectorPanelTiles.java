package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

/**
 * Rows by one panel of float weights on AVX-512: {@code y += x·W}, by {@link VectorRegisterTiles}
 * of twelve, eight or four rows.
 *
 * <p>The inputs are packed: four rows side by side [columns][4], so that one address serves four
 * broadcasts, and twelve rows by two registers read fourteen numbers for 24 multiply-adds. In place
 * each row takes an address of its own, of which C2 keeps six in registers and no more.
 */
final class VectorPanelTiles {

  /** Whether these tiles fit the registers: a strip is one. */
  static final boolean FIT = VL == FloatWeights.STRIP;

  /** Rows that are packed side by side. */
  static final int SIDE = QuantizedRows.FOUR;

  /** As in {@link VectorTiles#TERMS}. */
  private static final int TERMS = VectorTiles.TERMS;

  private VectorPanelTiles() {}

  /**
   * Packs some columns of rows.
   *
   * @param x [rows][columns], the rows {@code ldx} apart
   * @param to receives [rows / 4][columns][4], the fours {@code size} apart; missing rows are zeros
   */
  static void pack(
      int rows, int columns, float[] x, int xAt, int ldx, float[] to, int toAt, int size) {
    for (int row = 0; row < rows; row += SIDE) {
      int at = toAt + row / SIDE * size;
      int x0 = xAt + row * ldx;
      if (row + SIDE <= rows) {
        for (int k = 0; k < columns; k++) {
          to[at + k * SIDE] = x[x0 + k];
          to[at + k * SIDE + 1] = x[x0 + ldx + k];
          to[at + k * SIDE + 2] = x[x0 + 2 * ldx + k];
          to[at + k * SIDE + 3] = x[x0 + 3 * ldx + k];
        }
      } else {
        for (int k = 0; k < columns; k++) {
          for (int i = 0; i < SIDE; i++) {
            to[at + k * SIDE + i] = row + i < rows ? x[x0 + i * ldx + k] : 0f;
          }
        }
      }
    }
  }

  /**
   * Adds the product of rows and a panel to y.
   *
   * @param k terms, at most {@link VectorTiles#TERMS}
   * @param x as {@link #pack} writes it
   * @param size between two fours
   * @param w the first strip [k][STRIP], the second {@code strip} further on
   * @param y [rows][PANEL]
   */
  static void multiply(
      int rows,
      int k,
      float[] x,
      int xAt,
      int size,
      float[] w,
      int wAt,
      int strip,
      float[] y,
      int yAt,
      int ldy) {
    if (k > TERMS) {
      throw new IllegalArgumentException(k + " terms; at most " + TERMS);
    }
    for (int row = 0; row < rows; ) {
      int height = height(rows - row);
      int last = rows - row - 1;
      int from = xAt + row / SIDE * size;
      int to = yAt + row * ldy;
      switch (height) {
        case 4 -> VectorRegisterTiles.four(last, k, x, from, w, wAt, wAt + strip, y, to, ldy);
        case 8 ->
            VectorRegisterTiles.eight(last, k, x, from, size, w, wAt, wAt + strip, y, to, ldy);
        default ->
            VectorRegisterTiles.twelve(last, k, x, from, size, w, wAt, wAt + strip, y, to, ldy);
      }
      row += height;
    }
  }

  /** Rows of the next tile when so many rows are left. */
  static int height(int left) {
    if (left <= 4) {
      return 4;
    }
    return left <= 8 || left > 12 && left <= 16 ? 8 : 12;
  }
}
