package io.fundamentallm.runtime.cpu.kernels.product;

/**
 * Rows times the weights of a linear layer: what {@link ProductKernels#multiply} and {@link
 * ProductKernels#quantizeRows} compute. Each thread has one of its own and describes its products
 * in it one after the other, so that none costs an allocation.
 */
public final class PackedProduct {

  /** A multiple of the rows of every tile. */
  public static final int QUANTIZED_TILES = 12;

  private static final FloatWeights NONE = new FloatWeights(1, 1);

  final Product floats;

  PackedWeights weights = NONE;
  int tile;
  float[] x = {};
  int ldx;
  float[] quantized = {};
  int fromPanel;
  int toPanel;
  int rows;
  int xAt;
  int quantizedAt;
  float[] y = {};
  int yAt;
  int ldy;

  /** With the scratch of a product that the same thread has. */
  public PackedProduct(Product floats) {
    this.floats = floats;
  }

  /** Floats of a quantised row; rows are counted in whole tiles. */
  public static int quantizedSize(int columns) {
    return PackedWeights.padded(columns) / PackedWeights.BLOCK * QuantizedRows.STRIDE;
  }

  /**
   * Begins products with other weights.
   *
   * @param all rows that are quantised together: few lie alone, more in tiles
   */
  public PackedProduct weights(PackedWeights weights, int all) {
    this.weights = weights;
    tile = QuantizedRows.tile(weights, all);
    return this;
  }

  /**
   * The inputs of all rows, of which {@link #rows} names some.
   *
   * @param x [rows][columns], the rows {@code ld} apart
   * @param quantized the same by {@link ProductKernels#quantizeRows}, where the weights are
   *     quantised; products do not read x then, and else not this
   */
  public PackedProduct inputs(float[] x, int ld, float[] quantized) {
    this.x = x;
    ldx = ld;
    this.quantized = quantized;
    return this;
  }

  /** The rows at hand; where the weights are quantised, the first must be that of a tile. */
  public PackedProduct rows(int from, int count) {
    rows = count;
    xAt = from * ldx;
    quantizedAt = from * quantizedSize(weights.columns());
    return this;
  }

  /** The panels of weights at hand. */
  public PackedProduct panels(int from, int to) {
    fromPanel = from;
    toPanel = to;
    return this;
  }

  /**
   * What the product is added to.
   *
   * @param y [rows][padded rows of W]; its column n is element n of a row, whatever panels are
   *     wanted
   */
  public PackedProduct addTo(float[] y, int at, int ld) {
    this.y = y;
    yAt = at;
    ldy = ld;
    return this;
  }

  /** Blocks of a row of weights. */
  int blocks() {
    return PackedWeights.padded(weights.columns()) / PackedWeights.BLOCK;
  }
}
