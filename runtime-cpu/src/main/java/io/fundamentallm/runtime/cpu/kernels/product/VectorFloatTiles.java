package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;

/**
 * Many rows times a panel of float weights, which lie in strips: with packed inputs in {@link
 * VectorPanelTiles} where registers are as wide as a strip, in place otherwise.
 */
final class VectorFloatTiles {

  /**
   * Fewer rows than this read the weights once each: the first from memory, the others from cache.
   */
  static final int LEAST = 3;

  private static final int PANEL = PackedWeights.PANEL;
  private static final int STRIP = FloatWeights.STRIP;

  // Where in scratch rows are packed that were not before, after strips that weights were expanded
  // to, and how many find room there.
  private static final int PACKED = Floats.FRONT + VectorTiles.TERMS * PANEL;
  private static final int ROWS = (Product.SCRATCH - PACKED) / VectorTiles.TERMS / 4 * 4;

  private VectorFloatTiles() {}

  /** Whether {@link #prepare} is of use to products with these weights and so many rows. */
  static boolean prepares(PackedProduct p) {
    if (p.tile != VectorPanelTiles.SIDE) {
      return false;
    }
    return p.weights instanceof HalfWeights
        ? p.all >= VectorHalfTiles.LEAST && (VectorPanelTiles.FIT || p.all <= VectorLinear.FEW_ROWS)
        : VectorPanelTiles.FIT && p.weights instanceof FloatWeights;
  }

  /** Packs the inputs of the product's rows. */
  static void prepare(PackedProduct p) {
    int columns = p.weights.columns();
    VectorPanelTiles.pack(
        p.rows, columns, p.x, p.xAt, p.ldx, p.prepared, p.preparedAt, size(columns));
  }

  /** Floats of packed rows side by side. */
  static int size(int columns) {
    return VectorPanelTiles.SIDE * PackedProduct.preparedSize(columns);
  }

  /**
   * Begins with some columns of the product's rows. As a part of mixed weights, whose inputs are
   * quantised, it packs them itself.
   */
  static void begin(PackedProduct p, int k, int depth) {
    if (!VectorPanelTiles.FIT || prepares(p)) {
      return;
    }
    if (p.rows > ROWS) {
      throw new IllegalArgumentException(p.rows + " rows of mixed weights; at most " + ROWS);
    }
    int size = depth * VectorPanelTiles.SIDE;
    VectorPanelTiles.pack(p.rows, depth, p.x, p.xAt + k, p.ldx, p.floats.scratch, PACKED, size);
  }

  /**
   * Adds to y the product of those columns of the product's rows and a panel.
   *
   * @param k the first of {@code depth} columns, of which there are at most {@link
   *     VectorTiles#TERMS}
   * @param w the panel's first strip from column k on; the second is {@code strip} further on
   */
  static void multiply(
      PackedProduct p, int panel, int k, int depth, float[] w, int wAt, int strip) {
    int to = p.yAt + panel * PANEL;
    if (!VectorPanelTiles.FIT) {
      inPlace(p, k, depth, w, wAt, strip, to);
    } else if (prepares(p)) {
      int from = p.preparedAt + k * VectorPanelTiles.SIDE;
      int size = size(p.weights.columns());
      VectorPanelTiles.multiply(
          p.rows, depth, p.prepared, from, size, w, wAt, strip, p.y, to, p.ldy);
    } else {
      int size = depth * VectorPanelTiles.SIDE;
      VectorPanelTiles.multiply(
          p.rows, depth, p.floats.scratch, PACKED, size, w, wAt, strip, p.y, to, p.ldy);
    }
  }

  /**
   * The same of rows that were {@linkplain #prepare prepared} and weights that come from memory.
   *
   * @param next where in w the strip begins that is read next
   */
  static void multiply(
      PackedProduct p, int panel, int k, int depth, float[] w, int wAt, int strip, int next) {
    int from = p.preparedAt + k * VectorPanelTiles.SIDE;
    int to = p.yAt + panel * PANEL;
    int size = size(p.weights.columns());
    VectorPanelTiles.multiply(
        p.rows, depth, p.prepared, from, size, w, wAt, strip, next, p.y, to, p.ldy);
  }

  private static void inPlace(
      PackedProduct p, int k, int depth, float[] w, int wAt, int strip, int to) {
    Tile t = p.floats.tile;
    t.a = p.x;
    t.rowStep = p.ldx;
    t.kStep = 1;
    t.k = depth;
    t.b = w;
    t.ldb = STRIP;
    t.s = p.y;
    t.lds = p.ldy;
    t.c = p.y;
    t.ldc = p.ldy;
    t.width = VectorTiles.NARROW;
    for (int column = 0; column < PANEL; column += t.width) {
      t.rows = p.rows;
      t.aAt = p.xAt + k;
      t.bAt = wAt + column / STRIP * strip + column % STRIP;
      t.sAt = to + column;
      t.cAt = to + column;
      VectorProduct.rows(t, t.width, p.floats.scratch);
    }
  }
}
