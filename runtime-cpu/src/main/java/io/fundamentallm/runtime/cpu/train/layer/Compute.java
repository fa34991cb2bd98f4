package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import io.fundamentallm.runtime.cpu.kernels.product.RoundedWeights;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the layers compute with: the kernels, the threads, and each thread's scratch memory. */
public final class Compute {

  /** Rows of a piece of work between products. */
  private static final int ROWS = 48;

  private final Kernels kernels;
  private final Parallel parallel;
  private final Floats[] scores;
  private final @Nullable MadeMatrices made;
  private final TeamProduct product;
  private @Nullable RoundedWeights rounded;
  private int steps;

  /**
   * @param scores floats that attention needs for each thread
   */
  Compute(Kernels kernels, Parallel parallel, int scores) {
    this(kernels, parallel, scores, null);
  }

  /**
   * The same for a model whose matrices are not in the flat array.
   *
   * @param made what makes them; null if they are there
   */
  Compute(Kernels kernels, Parallel parallel, int scores, @Nullable MadeMatrices made) {
    this.made = made;
    this.kernels = kernels;
    this.parallel = parallel;
    Arena arena = new Arena(parallel.slots(), (long) parallel.slots() * scores);
    this.scores = new Floats[parallel.slots()];
    Arrays.setAll(this.scores, slot -> arena.floats(scores));
    product = new TeamProduct(kernels.product(), parallel);
  }

  /** Bytes of these arrays. */
  public static long bytes(TrainableConfig config, int threads) {
    long scores = Attention.scores(config.shape().attention(), config.contextLength());
    long rotations =
        config.shape().positions().stream()
            .map(TransformerConfig.Positions::rotary)
            .filter(Objects::nonNull)
            .distinct()
            .mapToLong(rotary -> RotaryPositions.bytes(rotary, config.contextLength()))
            .sum();
    return Float.BYTES * Arena.size(threads, threads * scores)
        + TeamProduct.bytes(threads)
        + LogitScales.bytes(config, threads)
        + rotations;
  }

  /**
   * From now on products may read a copy of these weights in 16 bits, where that is of use. They
   * must not change until {@link #forgetRounded}, or this is called again.
   *
   * <p>The copy is made when this is first called for a second time. All else that a step has
   * outside the heap is then there, so where its limit is reached, only the copy is given up.
   *
   * @param weights always the same
   * @param from the first weight that is multiplied with
   */
  void round(float[] weights, int from) {
    if (steps < 2 && ++steps == 2) {
      rounded = kernels.product().rounded(weights, from, parallel.slots());
    }
    RoundedWeights copy = rounded;
    if (copy != null) {
      split(copy.size(), RoundedWeights.PIECE, copy::round);
      product.rounded(copy);
    }
  }

  /** From now on products read the weights themselves. */
  void forgetRounded() {
    product.rounded(null);
  }

  /** Frees what is outside the heap. */
  void close() {
    rounded = null;
    product.close();
  }

  /** What makes the matrices of the blocks; null where they are in the flat array. */
  @Nullable MadeMatrices made() {
    return made;
  }

  /** How many threads may work at once. */
  int slots() {
    return parallel.slots();
  }

  Kernels kernels() {
    return kernels;
  }

  /** A thread's own product, within work that is divided in another way. */
  Product product(int slot) {
    return product.own(slot);
  }

  /** Attention scores of a thread. */
  Floats scores(int slot) {
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

  /**
   * Splits rows that do not depend on one another, each thread's share in pieces. A thread begins
   * with the rows that it has in products, so it finds in its caches what it wrote.
   */
  void rows(int rows, Range range) {
    int members = parallel.slots();
    int most = 0;
    for (int member = 0; member < members; member++) {
      int begin = Parallel.share(rows, TeamProduct.ROWS, member, members);
      most = Math.max(most, Parallel.share(rows, TeamProduct.ROWS, member + 1, members) - begin);
    }
    int pieces = (most + ROWS - 1) / ROWS;
    parallel.divide(
        members * pieces,
        (i, slot) -> {
          int member = i / pieces;
          int end = Parallel.share(rows, TeamProduct.ROWS, member + 1, members);
          int from = Parallel.share(rows, TeamProduct.ROWS, member, members) + i % pieces * ROWS;
          if (from < end) {
            range.run(from, Math.min(ROWS, end - from), slot);
          }
        });
  }

  /** Pieces of work, each thread's share in order. */
  void each(int pieces, Parallel.Piece piece) {
    parallel.divide(pieces, piece);
  }

  /**
   * Sums over all rows: each piece owns some columns and takes the rows in order.
   *
   * @param count how many columns
   */
  record Columns(int count, Range range) {
    private static final int SIZE = 64;

    private int pieces() {
      return (count + SIZE - 1) / SIZE;
    }
  }

  /** All of these, one numbering of pieces through them. */
  void columns(List<Columns> all) {
    int pieces = 0;
    for (Columns columns : all) {
      pieces += columns.pieces();
    }
    if (pieces > 0) {
      parallel.run(pieces, (i, slot) -> columns(all, i, slot));
    }
  }

  private static void columns(List<Columns> all, int piece, int slot) {
    int before = 0;
    for (Columns columns : all) {
      int from = (piece - before) * Columns.SIZE;
      if (from < columns.count) {
        columns.range.run(from, Math.min(Columns.SIZE, columns.count - from), slot);
        return;
      }
      before += columns.pieces();
    }
  }

  /** Splits n elements into ranges of at most size. */
  void split(int n, int size, Range range) {
    parallel.run(
        (n + size - 1) / size,
        (i, slot) -> range.run(i * size, Math.min(size, n - i * size), slot));
  }
}
