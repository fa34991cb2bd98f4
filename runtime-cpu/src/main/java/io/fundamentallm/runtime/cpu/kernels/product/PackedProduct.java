package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.onednn.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * Rows times the weights of a linear layer: what {@link ProductKernels#multiply} and {@link
 * ProductKernels#prepareRows} compute. Each thread has its own and reuses it for one product after
 * another, so that none needs an allocation.
 */
public final class PackedProduct {

  /** A multiple of the rows of every tile; as many as single rows and their copies, or more. */
  public static final int PREPARED_TILES = 12;

  private static final FloatWeights NONE = new FloatWeights(1, 1);

  final Product floats;

  long reads;
  PackedWeights weights = NONE;
  int all;
  int tile;
  float[] x = {};
  int ldx;
  float[] prepared = {};
  int fromPanel;
  int toPanel;
  @Nullable NativeMemory shared;
  int row;
  int rows;
  int xAt;
  int preparedAt;
  float[] y = {};
  int yAt;
  int ldy;

  // The lines that blocks prefetch: where those of the first begin, and how many each has.
  int next;
  int lines;

  /** Ints from one line that blocks of two panels ask for to the next; 0 if they ask for none. */
  int apart;

  /** Of what was read ahead; means nothing. */
  int touched;

  /** Shares the scratch of a product of the same thread. */
  public PackedProduct(Product floats) {
    this.floats = floats;
  }

  /**
   * The bytes of all weights that a pass reads. More than caches hold are read from memory each
   * time: it decides in which order and whether they are read ahead, and not what is computed.
   */
  public PackedProduct reads(long bytes) {
    reads = bytes;
    return this;
  }

  /** Floats of a prepared row; rows are counted in whole tiles. */
  public static int preparedSize(int columns) {
    return PackedWeights.padded(columns) / PackedWeights.BLOCK * QuantizedRows.STRIDE;
  }

  /**
   * Starts products with other weights.
   *
   * @param all rows that are prepared together: a few singly, more in tiles
   */
  public PackedProduct weights(PackedWeights weights, int all) {
    this.weights = weights;
    this.all = all;
    shared = null;
    tile = QuantizedRows.tile(weights, all);
    return this;
  }

  /**
   * The inputs of all rows, of which {@link #rows} selects some.
   *
   * @param x [rows][columns], the rows {@code ld} apart
   * @param prepared the same by {@link ProductKernels#prepareRows}, if the product {@linkplain
   *     ProductKernels#prepares needs} that; it then reads this, and x where few rows are computed,
   *     otherwise only x
   */
  public PackedProduct inputs(float[] x, int ld, float[] prepared) {
    this.x = x;
    ldx = ld;
    this.prepared = prepared;
    return this;
  }

  /**
   * Memory outside the heap for the inputs of all rows, for kernels that need it.
   *
   * @param memory {@link ProductKernels#sharedInputs}; null if each product is to copy what it
   *     needs
   */
  public PackedProduct shared(@Nullable NativeMemory memory) {
    shared = memory;
    return this;
  }

  /** The rows to compute; if they are prepared, the first must be the first of a tile. */
  public PackedProduct rows(int from, int count) {
    row = from;
    rows = count;
    xAt = from * ldx;
    preparedAt = from * preparedSize(weights.columns());
    return this;
  }

  /** The panels of weights to compute with. */
  public PackedProduct panels(int from, int to) {
    fromPanel = from;
    toPanel = to;
    return this;
  }

  /**
   * What the product is added to.
   *
   * @param y [rows][padded rows of W]; its column n is element n of a row, whichever panels are
   *     computed
   */
  public PackedProduct addTo(float[] y, int at, int ld) {
    this.y = y;
    yAt = at;
    ldy = ld;
    return this;
  }

  /** {@link Product#close}. */
  public void close() {
    floats.close();
  }

  /** Blocks of a row of weights. */
  int blocks() {
    return PackedWeights.padded(weights.columns()) / PackedWeights.BLOCK;
  }
}
