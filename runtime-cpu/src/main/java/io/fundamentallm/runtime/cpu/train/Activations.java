package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;
import java.util.Optional;

/**
 * What a forward pass leaves for the backward pass, and what the backward pass works on: allocated
 * once for the largest number of rows seen, R = B·T.
 */
final class Activations {

  /** What one transformer block keeps. */
  static final class OfBlock {
    final Norm.Statistics statistics1;
    final Norm.Statistics statistics2;
    final float[] normed1; // [R][C]
    final float[] qkv; // [R][Q], turned where positions are rotary
    final float[] logSumExp; // [B][H][T]
    final float[] attended; // [R][C]
    final float[] middle; // [R][C], the residual stream between attention and MLP
    final float[] normed2; // [R][C]
    final float[] hidden; // [R][I], before GELU, then GELU's slope; or gate and up [R][2I]
    final float[] activated; // [R][I]

    OfBlock(TrainableConfig config, int rows) {
      int narrow = rows * config.hiddenSize();
      statistics1 = new Norm.Statistics(rows);
      statistics2 = new Norm.Statistics(rows);
      normed1 = new float[narrow];
      qkv = new float[rows * config.queryKeyValueSize()];
      logSumExp = new float[rows * config.heads()];
      attended = new float[narrow];
      middle = new float[narrow];
      normed2 = new float[narrow];
      hidden = new float[rows * config.upSize()];
      activated = new float[rows * config.innerSize()];
    }
  }

  final int rows;
  final OfBlock[] blocks;
  final float[][]
      stream; // [layers + 1][R][C], the residual stream before each block and at the end
  final float[] normed; // [R][C], after the last norm
  final Norm.Statistics statistics;
  final double[] losses; // [R]
  final boolean[] hits; // [R]

  // Gradients. The residual stream's are three, for the weight gradients of a block need all of
  // them.
  float[] dout; // [R][C], at the end of a block
  final float[] dmiddle; // [R][C], between attention and MLP
  float[] din; // [R][C], at its beginning
  final float[] dfeedForward; // [R][C] before dropout, where there is dropout
  final float[] dattention; // [R][C] the same
  final float[] dnormed1; // [R][C]
  final float[] dnormed2; // [R][C]
  final float[] dattended; // [R][C]
  final float[] deltas; // [R][H], for attention
  final float[] dqkv; // [R][Q]
  final float[] dhidden; // [R][I] or [R][2I]
  final float[] dactivated; // [R][I]; dhidden itself, unless that is wider

  Activations(TrainableConfig config, int rows, boolean dropout) {
    int widest =
        Math.max(config.hiddenSize(), Math.max(config.queryKeyValueSize(), config.upSize()));
    if ((long) rows * widest > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "batch × length is too large: " + rows + " rows of " + widest + " channels");
    }
    int narrow = rows * config.hiddenSize();
    this.rows = rows;
    blocks = new OfBlock[config.layers()];
    stream = new float[config.layers() + 1][narrow];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = new OfBlock(config, rows);
    }
    normed = new float[narrow];
    statistics = new Norm.Statistics(rows);
    losses = new double[rows];
    hits = new boolean[rows];
    dout = new float[narrow];
    dmiddle = new float[narrow];
    din = new float[narrow];
    dfeedForward = new float[dropout ? narrow : 0];
    dattention = new float[dropout ? narrow : 0];
    dnormed1 = new float[narrow];
    dnormed2 = new float[narrow];
    dattended = new float[narrow];
    deltas = new float[rows * config.heads()];
    dqkv = new float[rows * config.queryKeyValueSize()];
    dhidden = new float[rows * config.upSize()];
    dactivated = config.isLlama() ? new float[rows * config.innerSize()] : dhidden;
  }

  /** What these arrays take. */
  static long bytes(TrainableConfig config, int rows, boolean dropout) {
    long c = config.hiddenSize();
    long qkv = config.queryKeyValueSize();
    long up = config.upSize();
    long inner = config.innerSize();
    long block = 4 + 4 * c + qkv + config.heads() + up + inner;
    long gradients =
        (dropout ? 8 : 6) * c + config.heads() + qkv + up + (config.isLlama() ? inner : 0);
    long floats = config.layers() * block + (config.layers() + 1) * c + c + 2 + gradients;
    return rows * (Float.BYTES * floats + Double.BYTES + 1);
  }

  /** The gradient at the beginning of a block becomes the one at the end of the block before. */
  void stepDown() {
    float[] down = din;
    din = dout;
    dout = down;
  }

  /**
   * The first part of the model out of which numbers came that are not finite.
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

  private static boolean finite(Kernels kernels, int size, float[] values) {
    return Double.isFinite(kernels.sumOfSquares(size, values, 0));
  }
}
