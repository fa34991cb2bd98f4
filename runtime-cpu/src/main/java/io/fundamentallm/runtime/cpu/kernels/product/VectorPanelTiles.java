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

  private static final int FOUR = 4;
  private static final int EIGHT = 8;

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

  /**
   * The same where weights come from memory: the first one or two tiles ask for as many lines of
   * two other strips as they read.
   *
   * @param next where in w the first of those begins, and the second {@code strip} further on
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
      int next,
      float[] y,
      int yAt,
      int ldy) {
    if (k > TERMS) {
      throw new IllegalArgumentException(k + " terms; at most " + TERMS);
    }
    int w1 = wAt + strip;
    int next1 = next + strip;
    if (rows <= FOUR) {
      VectorPrefetchTiles.four(rows - 1, k, x, xAt, w, wAt, w1, next, next1, y, yAt, ldy);
      return;
    }
    // of two tiles each asks for one strip
    int other = rows <= EIGHT ? next1 : next;
    VectorPrefetchTiles.eight(rows - 1, k, x, xAt, size, w, wAt, w1, next, other, y, yAt, ldy);
    int from = xAt + EIGHT / SIDE * size;
    int to = yAt + EIGHT * ldy;
    if (rows > EIGHT + FOUR) {
      VectorPrefetchTiles.eight(
          rows - EIGHT - 1, k, x, from, size, w, wAt, w1, next1, next1, y, to, ldy);
      from += EIGHT / SIDE * size;
      to += EIGHT * ldy;
      multiply(rows - 2 * EIGHT, k, x, from, size, w, wAt, strip, y, to, ldy);
    } else if (rows > EIGHT) {
      VectorPrefetchTiles.four(rows - EIGHT - 1, k, x, from, w, wAt, w1, next1, next1, y, to, ldy);
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
