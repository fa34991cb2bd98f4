package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;

/** What the layers compute with: the kernels, the threads, and each thread's scratch memory. */
final class Compute {

  /** Rows that a piece of work takes through a chain of layers: sixteen tiles of twelve rows. */
  private static final int ROWS = 192;

  private final Kernels kernels;
  private final Parallel parallel;
  private final float[][] scratch;
  private final float[][] scores;

  /**
   * @param scores floats that attention needs for each thread
   */
  Compute(Kernels kernels, Parallel parallel, int scores) {
    this.kernels = kernels;
    this.parallel = parallel;
    this.scratch = new float[parallel.slots()][Kernels.SCRATCH];
    this.scores = new float[parallel.slots()][scores];
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

  /** Splits rows that do not depend on one another. */
  void rows(int rows, Range range) {
    split(rows, ROWS, range);
  }

  /** Splits n elements into ranges of at most size. */
  void split(int n, int size, Range range) {
    parallel.run(
        (n + size - 1) / size,
        (i, slot) -> range.run(i * size, Math.min(size, n - i * size), slot));
  }
}
