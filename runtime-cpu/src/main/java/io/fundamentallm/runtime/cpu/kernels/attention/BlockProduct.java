package io.fundamentallm.runtime.cpu.kernels.attention;

import io.fundamentallm.runtime.cpu.kernels.product.Product;

/**
 * Rows times keys or values in blocks of 32 positions: what {@link AttentionKernels#scores} and
 * {@link AttentionKernels#output} compute. Each thread has its own and reuses it for one product
 * after another, so that none needs an allocation.
 */
public final class BlockProduct {
  final Product floats;

  int rows;
  int columns;
  int terms;
  float[] x = {};
  int xAt;
  int ldx;
  float[][] blocks = {};
  int blocksAt;
  float[] y = {};
  int yAt;
  int ldy;

  /** Shares the scratch of a product of the same thread. */
  public BlockProduct(Product floats) {
    this.floats = floats;
  }

  /**
   * Starts another product.
   *
   * @param rows of x and y
   * @param columns of y; scores have whole blocks of them
   * @param terms of each sum, the columns of x
   */
  public BlockProduct shape(int rows, int columns, int terms) {
    this.rows = rows;
    this.columns = columns;
    this.terms = terms;
    return this;
  }

  /** Queries or probabilities, [rows][terms]. */
  public BlockProduct left(float[] x, int at, int ld) {
    this.x = x;
    xAt = at;
    ldx = ld;
    return this;
  }

  /** Keys or values, at the same index in each of these arrays. */
  public BlockProduct blocks(float[][] blocks, int at) {
    this.blocks = blocks;
    blocksAt = at;
    return this;
  }

  /** y [rows][columns]. */
  public BlockProduct into(float[] y, int at, int ld) {
    this.y = y;
    yAt = at;
    ldy = ld;
    return this;
  }
}
