package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Kernels that tell the rows of each product with packed weights before they compute it. */
public final class WatchedProduct implements ProductKernels {
  private final ProductKernels kernels;
  private final IntConsumer watcher;

  private WatchedProduct(ProductKernels kernels, IntConsumer watcher) {
    this.kernels = kernels;
    this.watcher = watcher;
  }

  /**
   * The same kernels, watched.
   *
   * @param first to begin with
   * @param watcher called from all threads that compute
   */
  public static Kernels watch(Kernels kernels, @Nullable Kernels first, IntConsumer watcher) {
    return new Kernels(
        kernels.name(),
        kernels.withoutBf16(),
        first,
        new WatchedProduct(kernels.product(), watcher),
        kernels.norm(),
        kernels.attention(),
        kernels.elementwise(),
        kernels.update());
  }

  /** The heights of the packed tiles that so many rows of float weights take; 1 for single rows. */
  public static TreeSet<Integer> packedHeights(int rows) {
    TreeSet<Integer> heights = new TreeSet<>();
    for (int row = 0; row < rows; row += VectorPanelTiles.height(rows - row)) {
      heights.add(rows < VectorFloatTiles.LEAST ? 1 : VectorPanelTiles.height(rows - row));
    }
    return heights;
  }

  /** The same of tiles that read their inputs in place. */
  public static TreeSet<Integer> heightsInPlace(int rows) {
    TreeSet<Integer> heights = new TreeSet<>();
    for (int row = 0; row < rows; row += VectorTiles.ROWS) {
      int left = Math.min(VectorTiles.ROWS, rows - row);
      heights.add(rows < VectorFloatTiles.LEAST ? 1 : VectorTiles.height(left));
    }
    return heights;
  }

  @Override
  public void multiply(PackedProduct product) {
    watcher.accept(product.rows);
    kernels.multiply(product);
  }

  @Override
  public boolean prepares(PackedProduct product) {
    return kernels.prepares(product);
  }

  @Override
  public void prepareRows(PackedProduct product) {
    kernels.prepareRows(product);
  }

  @Override
  public void product(Product product) {
    kernels.product(product);
  }

  @Override
  public float dot(int n, float[] x, int xAt, float[] y, int yAt) {
    return kernels.dot(n, x, xAt, y, yAt);
  }

  @Override
  public void quantize(int n, float[] x, float[] scales, float[] minima) {
    kernels.quantize(n, x, scales, minima);
  }
}
