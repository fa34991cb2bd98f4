package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.attention.BlockProduct;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeMemory;
import io.fundamentallm.runtime.cpu.kernels.product.PackedProduct;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
import org.jspecify.annotations.Nullable;

/**
 * The activations of a pass, grown to the most rows so far, and each team member's own memory.
 * Symbols: R rows of the pass, C hidden size, all padded to whole panels with zeros. One pass at a
 * time.
 */
final class Workspace {
  /**
   * Up to this many rows, every member normalises all of them itself, which costs less than a
   * barrier.
   */
  static final int FEW_ROWS = 4;

  /** Rows and panels that a member computes in its own tile before they go elsewhere. */
  static final int TILE_ROWS = 10 * PackedProduct.PREPARED_TILES;

  static final int TILE_PANELS = 8;

  /**
   * Rows computed together, at most and at least; a prefill in chunks of 512 was slower, in chunks
   * of 96 or 128 no faster.
   */
  private static final int MAX_ROWS = 256;

  private static final int MIN_ROWS = 64;

  /**
   * The memory that activations may take: a fraction of the weights' bytes, so that a model takes
   * little more memory than its weights, but enough for many rows of a small one.
   */
  private static final double PART_OF_WEIGHTS = 0.07;

  private static final long MIN_BYTES = 4L << 20;

  /** Many rows are divided by multiples of this, the tiles of quantised rows. */
  private static final int TILED = PackedProduct.PREPARED_TILES;

  private static final float[] NONE = {};

  final int c; // columns of the residual stream
  final int q; // columns of queries, keys and values
  final int a; // columns of the heads' outputs
  final int inner; // columns of the widest feed-forward layer

  float[] x = NONE; // [R][c] the residual stream
  float[] normed = NONE; // [R][c]
  float[] attended = NONE; // [R][a]; normed, unless both are needed at once
  float[] branch = NONE; // [R][c] what a layer adds to the residual stream; empty if added at once
  float[] wide = NONE; // [R][q] queries, keys and values, then [R][inner]
  float[] prepared = NONE; // [R][inputs of the widest product], prepared for weights that need it

  @Nullable NativeMemory shared; // the same inputs, for kernels outside the heap

  final float[][] ownNormed; // [slot][FEW_ROWS][c]
  final float[][] ownPrepared; // [slot][whole tiles of FEW_ROWS][preparedSize]
  final float[][] tiles; // [slot][TILE_ROWS][TILE_PANELS·PANEL]
  final PackedProduct[] products; // [slot]
  final BlockProduct[] attention; // [slot]

  private final ProductKernels kernels;
  private final int widest; // inputs of a product
  private final boolean parallelResidual;
  private final boolean apart;
  private final int experts; // floats of a row's experts
  private final int preparedSize; // of a row; 0 if no weights need prepared inputs
  private final int maxRows;

  Workspace(Transformer transformer, ProductKernels kernels, int slots) {
    this.kernels = kernels;
    TransformerConfig config = transformer.config();
    parallelResidual = config.norms().parallel();
    apart = apart(config);
    c = PackedWeights.padded(config.hiddenSize());
    q = CachedAttention.columns(config);
    a = PackedWeights.padded(config.heads() * config.headSize());
    int each = PackedWeights.padded(config.innerSize());
    TransformerConfig.Experts mixture = config.feedForward().experts();
    experts = mixture == null ? 0 : mixture.used() * (2 * c + each);
    inner =
        mixture == null || mixture.denseLayers().isEmpty()
            ? each
            : Math.max(each, PackedWeights.padded(mixture.denseSize()));
    widest = Math.max(c, Math.max(a, inner));
    products = new PackedProduct[slots];
    attention = new BlockProduct[slots];
    long weights = transformer.bytes();
    for (int slot = 0; slot < slots; slot++) {
      Product floats = new Product();
      products[slot] = new PackedProduct(floats).reads(weights);
      attention[slot] = new BlockProduct(floats);
    }
    // with so many rows they are prepared by the kernels in Java, whatever others there are
    boolean prepares =
        transformer.anyWeights(of -> kernels.prepares(products[0].weights(of, FEW_ROWS)));
    preparedSize = prepares ? PackedProduct.preparedSize(widest) : 0;
    ownNormed = new float[slots][FEW_ROWS * c];
    ownPrepared = new float[slots][wholeTiles(FEW_ROWS) * preparedSize];
    tiles = new float[slots][TILE_ROWS * TILE_PANELS * PackedWeights.PANEL];
    long bytes = Math.max(MIN_BYTES, (long) (PART_OF_WEIGHTS * transformer.bytes()));
    maxRows = (int) Math.max(MIN_ROWS, Math.min(MAX_ROWS, bytes / (4L * rowSize())));
  }

  /** Whether something is done with a layer's outputs before they join the residual stream. */
  static boolean apart(TransformerConfig config) {
    return config.norms().after() || config.scales().residual() != 1;
  }

  /** Frees what is outside the heap. */
  void close() {
    for (PackedProduct product : products) {
      product.close();
    }
    shared = null;
  }

  /** How many rows a pass may have. */
  int maxRows() {
    return maxRows;
  }

  /** Floats that one row of activations takes. */
  private int rowSize() {
    return experts
        + c
        + (apart ? c : 0)
        + (parallelResidual ? c + a : Math.max(c, a))
        + Math.max(q, inner)
        + preparedSize;
  }

  /** Makes room for this many rows. */
  void grow(int count) {
    if (x.length < count * c) {
      x = new float[count * c];
      // not needed at the same time, except with a parallel residual
      normed = new float[count * (parallelResidual ? c : Math.max(c, a))];
      attended = parallelResidual ? new float[count * a] : normed;
      branch = apart ? new float[count * c] : NONE;
      wide = new float[count * Math.max(q, inner)];
      prepared = new float[wholeTiles(count) * preparedSize];
      shared = count <= FEW_ROWS ? null : kernels.sharedInputs(count, widest);
    }
  }

  /** Where a part of many rows begins: at the start of a tile. */
  static int share(int count, int part, int parts) {
    return Math.min(count, wholeTiles(count) / TILED * part / parts * TILED);
  }

  private static int wholeTiles(int count) {
    return (count + TILED - 1) / TILED * TILED;
  }
}
