package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.norm.NormStatistics;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a forward pass leaves for the backward pass, and what the backward pass works on: allocated
 * once for the largest number of rows seen, R = B·T.
 */
public final class Activations {

  /** What one transformer block keeps. */
  static final class OfBlock {
    private static final int TENSORS = 7;

    final NormStatistics statistics1;
    final NormStatistics statistics2;
    final Floats normed1; // [R][C]
    final Floats qkv; // [R][Q], rotated where positions are rotary
    final float[] logSumExp; // [B][H][T]
    final Floats attended; // [R][C]
    final Floats middle; // [R][C], the residual stream between attention and MLP
    final Floats normed2; // [R][C]
    final Floats hidden; // [R][I], before GELU, then GELU's slope; or gate and up [R][2I]
    final Floats activated; // [R][I]

    OfBlock(TrainableConfig config, int rows) {
      int narrow = rows * config.hiddenSize();
      Arena arena = new Arena(TENSORS, rows * floats(config));
      statistics1 = new NormStatistics(rows);
      statistics2 = new NormStatistics(rows);
      normed1 = arena.floats(narrow);
      qkv = arena.floats(rows * config.queryKeyValueSize());
      logSumExp = new float[rows * config.heads()];
      attended = arena.floats(narrow);
      middle = arena.floats(narrow);
      normed2 = arena.floats(narrow);
      hidden = arena.floats(rows * config.upSize());
      activated = arena.floats(rows * config.innerSize());
    }

    /** Floats of all its tensors for one row. */
    private static long floats(TrainableConfig config) {
      return 4L * config.hiddenSize()
          + config.queryKeyValueSize()
          + config.upSize()
          + config.innerSize();
    }

    public static long bytes(TrainableConfig config, int rows) {
      long statistics = (4L + config.heads()) * rows;
      return Float.BYTES * (Arena.size(TENSORS, rows * floats(config)) + statistics);
    }
  }

  final int rows;
  final OfBlock[] blocks;
  final Floats[] stream; // [layers + 1][R][C], the residual stream before each block and at the end
  final Floats normed; // [R][C], after the last norm
  final NormStatistics statistics;
  final double[] losses; // [R]
  final boolean[] hits; // [R]

  // Gradients. The residual stream has three, because the weight gradients of a block need all of
  // them.
  Floats dout; // [R][C], at the end of a block
  final Floats dmiddle; // [R][C], between attention and MLP
  Floats din; // [R][C], at its beginning
  final Floats dfeedForward; // [R][C] before dropout, where there is dropout
  final Floats dattention; // [R][C] the same
  final Floats dnormed1; // [R][C]
  final Floats dnormed2; // [R][C]
  final Floats dattended; // [R][C]
  final float[] deltas; // [R][H], for attention
  final Floats dqkv; // [R][Q]
  final Floats dhidden; // [R][I] or [R][2I]
  final Floats dactivated; // [R][I]; dhidden itself, unless that is wider

  Activations(TrainableConfig config, int rows, boolean dropout) {
    int narrow = rows * config.hiddenSize();
    this.rows = rows;
    // the larger one first: if there is no array for it, nothing else has been allocated
    Arena arena = new Arena(tensors(config), rows * floats(config, dropout));
    blocks = new OfBlock[config.layers()];
    Arrays.setAll(blocks, i -> new OfBlock(config, rows));
    stream = new Floats[config.layers() + 1];
    Arrays.setAll(stream, i -> arena.floats(narrow));
    normed = arena.floats(narrow);
    statistics = new NormStatistics(rows);
    losses = new double[rows];
    hits = new boolean[rows];
    dout = arena.floats(narrow);
    dmiddle = arena.floats(narrow);
    din = arena.floats(narrow);
    dfeedForward = arena.floats(dropout ? narrow : 0);
    dattention = arena.floats(dropout ? narrow : 0);
    dnormed1 = arena.floats(narrow);
    dnormed2 = arena.floats(narrow);
    dattended = arena.floats(narrow);
    deltas = new float[rows * config.heads()];
    dqkv = arena.floats(rows * config.queryKeyValueSize());
    dhidden = arena.floats(rows * config.upSize());
    dactivated = config.isLlama() ? arena.floats(rows * config.innerSize()) : dhidden;
  }

  /** The number of tensors besides those of blocks. */
  private static int tensors(TrainableConfig config) {
    return config.layers() + 1 + 12;
  }

  /** Floats of them for one row. */
  private static long floats(TrainableConfig config, boolean dropout) {
    long narrow = config.layers() + 1 + 1 + (dropout ? 8 : 6);
    return narrow * config.hiddenSize()
        + config.queryKeyValueSize()
        + config.upSize()
        + (config.isLlama() ? config.innerSize() : 0);
  }

  /** Bytes of these arrays. */
  public static long bytes(TrainableConfig config, int rows, boolean dropout) {
    long shared = Arena.size(tensors(config), rows * floats(config, dropout));
    long statistics = (2L + config.heads()) * rows;
    return config.layers() * OfBlock.bytes(config, rows)
        + Float.BYTES * (shared + statistics)
        + rows * (Double.BYTES + 1L);
  }

  /** The gradient at the beginning of a block becomes the one at the end of the block before. */
  void stepDown() {
    Floats down = din;
    din = dout;
    dout = down;
  }

  /**
   * The first part of the model that gave numbers that are not finite.
   *
   * @param size floats of a residual stream that are in use
   */
  Optional<String> firstNotFinite(Kernels kernels, int size) {
    if (!finite(kernels, size, stream[0])) {
      return Optional.of("the embeddings");
    }
    for (int i = 0; i < blocks.length; i++) {
      if (!finite(kernels, size, blocks[i].middle)) {
        return Optional.of("the attention of layer " + i);
      }
      if (!finite(kernels, size, stream[i + 1])) {
        return Optional.of("the feed-forward part of layer " + i);
      }
    }
    return Optional.of(finite(kernels, size, normed) ? "the head" : "the last norm");
  }

  private static boolean finite(Kernels kernels, int size, Floats values) {
    return Double.isFinite(kernels.update().sumOfSquares(size, values.array(), values.at()));
  }
}
