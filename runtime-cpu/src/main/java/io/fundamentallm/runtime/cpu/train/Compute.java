package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Panels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import io.fundamentallm.runtime.cpu.kernels.TeamProduct;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;

/** What the layers compute with: the kernels, the threads, and each thread's scratch memory. */
final class Compute {

  /** Rows that a piece of work takes through a chain of layers, at most: sixteen tiles of rows. */
  private static final int ROWS = 192;

  /** Rows of the kernels' highest tile, of which a piece has a multiple. */
  private static final int TILE = 12;

  private final Kernels kernels;
  private final Parallel parallel;
  private final float[][] scratch;
  private final float[][] scores;
  private final TeamProduct product;
  private final Panels[] panels;

  /**
   * @param scores floats that attention needs for each thread
   */
  Compute(Kernels kernels, Parallel parallel, int scores) {
    this.kernels = kernels;
    this.parallel = parallel;
    this.scratch = new float[parallel.slots()][Kernels.SCRATCH];
    this.scores = new float[parallel.slots()][scores];
    product = kernels.teamProduct(parallel);
    panels = new Panels[] {kernels.panels(), kernels.panels(), kernels.panels(), kernels.panels()};
  }

  /** What these arrays take. */
  static long bytes(TrainableConfig config, Kernels kernels, int threads) {
    int c = config.hiddenSize();
    long panels =
        panels(kernels, c, config.queryKeyValueSize())
            + panels(kernels, c, c)
            + panels(kernels, c, config.upSize())
            + panels(kernels, config.innerSize(), c);
    long own = Kernels.SCRATCH + (long) Attention.scores(config.contextLength());
    return Float.BYTES * (panels + threads * own) + TeamProduct.bytes(threads);
  }

  /** Of a linear layer, forward and backward. */
  private static long panels(Kernels kernels, int inputs, int outputs) {
    return Math.max(kernels.panels().size(outputs, inputs), kernels.panels().size(inputs, outputs));
  }

  Kernels kernels() {
    return kernels;
  }

  /** Scratch for kernels, [{@link Kernels#SCRATCH}]. */
  float[] scratch(int slot) {
    return scratch[slot];
  }

  /** Attention scores of a thread. */
  float[] scores(int slot) {
    return scores[slot];
  }

  void run(int pieces, Parallel.Piece piece) {
    parallel.run(pieces, piece);
  }

  /** Work on a range of rows or columns. */
  @FunctionalInterface
  interface Range {
    void run(int from, int count, int slot);
  }

  /** Products that all threads compute together; not from within other work. */
  TeamProduct product() {
    return product;
  }

  /** Memory for the weights of one of the four linear layers of a block, which all blocks share. */
  Panels panels(int layer) {
    return panels[layer];
  }

  /** Copies the weights that some layers took up. */
  void copy(Linear... layers) {
    int all = 0;
    for (Linear layer : layers) {
      all += layer.panels().pieces();
    }
    parallel.run(
        all,
        (i, slot) -> {
          int piece = i;
          for (Linear layer : layers) {
            int pieces = layer.panels().pieces();
            if (piece < pieces) {
              layer.panels().copy(piece);
              return;
            }
            piece -= pieces;
          }
        });
  }

  /** Splits rows that do not depend on one another, into pieces of about the same size. */
  void rows(int rows, Range range) {
    int pieces = (rows + ROWS - 1) / ROWS;
    int even = (pieces + parallel.slots() - 1) / parallel.slots() * parallel.slots();
    split(rows, (rows + even * TILE - 1) / (even * TILE) * TILE, range);
  }

  /** Splits n elements into ranges of at most size. */
  void split(int n, int size, Range range) {
    parallel.run(
        (n + size - 1) / size,
        (i, slot) -> range.run(i * size, Math.min(size, n - i * size), slot));
  }
}
