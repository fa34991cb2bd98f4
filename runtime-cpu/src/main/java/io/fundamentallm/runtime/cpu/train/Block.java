package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;
import org.jspecify.annotations.Nullable;

/**
 * One transformer block: {@code m = x + attention(norm1(x))}, {@code y = m + mlp(norm2(m))}.
 *
 * <p>Everything but attention looks at one row alone, so a range of rows goes through a chain of
 * layers in one piece of work, while it stays in the cache.
 */
final class Block {

  /** Columns of a weight matrix whose gradient is one piece of work. */
  private static final int COLUMNS = 64;

  private final Compute compute;
  private final int channels;
  private final Norm norm1;
  private final Linear attentionIn;
  private final Attention attention;
  private final Linear attentionOut;
  private final Norm norm2;
  private final FeedForward mlp;
  private final @Nullable RotaryPositions rotary;

  /**
   * @param rotary null where positions are added to the embeddings
   */
  Block(
      Compute compute,
      TrainableConfig config,
      ParameterLayout.Block at,
      @Nullable RotaryPositions rotary) {
    int c = config.hiddenSize();
    float epsilon = config.normEpsilon();
    this.compute = compute;
    channels = c;
    norm1 = new Norm(c, epsilon, at.norm1Weight(), at.norm1Bias());
    boolean llama = config.isLlama();
    attentionIn =
        new Linear(c, config.queryKeyValueSize(), at.attentionWeight(), at.attentionBias(), llama);
    attention =
        new Attention(
            compute,
            config.heads(),
            config.keyValueHeads(),
            config.headSize(),
            config.contextLength());
    attentionOut = new Linear(c, c, at.attentionOutWeight(), at.attentionOutBias(), llama);
    norm2 = new Norm(c, epsilon, at.norm2Weight(), at.norm2Bias());
    mlp = FeedForward.of(config, at);
    this.rotary = rotary;
  }

  /**
   * @param batch B
   * @param steps T
   * @param x [B·T][C]
   * @param y [B·T][C]
   */
  void forward(
      float[] parameters, int batch, int steps, float[] x, Activations.OfBlock a, float[] y) {
    Kernels kernels = compute.kernels();
    int all = batch * steps;
    compute.rows(
        all,
        (from, rows, slot) -> {
          float[] scratch = compute.scratch(slot);
          norm1.forward(kernels, parameters, from, rows, x, a.normed1, a.statistics1);
          attentionIn.forward(kernels, parameters, from, rows, a.normed1, a.qkv, scratch);
          if (rotary != null) {
            rotary.forward(kernels, steps, from, rows, a.qkv);
          }
        });
    attention.forward(batch, steps, a.qkv, a.attended, a.logSumExp);
    compute.rows(
        all,
        (from, rows, slot) -> {
          float[] scratch = compute.scratch(slot);
          int at = from * channels;
          int size = rows * channels;
          attentionOut.forward(kernels, parameters, from, rows, a.attended, a.middle, scratch);
          kernels.add(size, x, at, a.middle, at);
          norm2.forward(kernels, parameters, from, rows, a.middle, a.normed2, a.statistics2);
          mlp.forward(kernels, parameters, from, rows, a.normed2, a, y, scratch);
          kernels.add(size, a.middle, at, y, at);
        });
  }

  /**
   * From {@code all.dout}, the gradient with respect to y, to {@code all.din}, that with respect to
   * x, and the gradients of the block's parameters, which are added.
   */
  void backward(
      float[] parameters,
      float[] gradients,
      int batch,
      int steps,
      float[] x,
      Activations.OfBlock a,
      Activations all) {
    Kernels kernels = compute.kernels();
    int count = batch * steps;
    compute.rows(
        count,
        (from, rows, slot) -> {
          float[] scratch = compute.scratch(slot);
          int at = from * channels;
          int size = rows * channels;
          mlp.backward(kernels, parameters, from, rows, a, all, all.dout, all.dnormed2, scratch);
          System.arraycopy(all.dout, at, all.dmiddle, at, size);
          norm2.backward(
              kernels, parameters, from, rows, all.dnormed2, a.middle, a.statistics2, all.dmiddle);
          attentionOut.backward(
              kernels, parameters, from, rows, all.dmiddle, all.dattended, scratch);
        });
    attention.backward(batch, steps, a.qkv, a.attended, a.logSumExp, all.dattended, all.dqkv);
    compute.rows(
        count,
        (from, rows, slot) -> {
          int at = from * channels;
          if (rotary != null) {
            rotary.backward(kernels, steps, from, rows, all.dqkv);
          }
          attentionIn.backward(
              kernels, parameters, from, rows, all.dqkv, all.dnormed1, compute.scratch(slot));
          System.arraycopy(all.dmiddle, at, all.din, at, rows * channels);
          norm1.backward(kernels, parameters, from, rows, all.dnormed1, x, a.statistics1, all.din);
        });
    parameterGradients(gradients, count, x, a, all);
  }

  /** Each piece owns some columns and sums over all rows in ascending order. */
  private void parameterGradients(
      float[] gradients, int rows, float[] x, Activations.OfBlock a, Activations all) {
    Kernels kernels = compute.kernels();
    // One numbering of columns through the four matrices, and last through the two norms. Each
    // layer
    // begins on a piece of its own.
    int narrow = pieces(channels);
    int toMlpIn = narrow;
    int toAttentionIn = toMlpIn + pieces(mlp.up().outputs());
    int toAttentionOut = toAttentionIn + pieces(attentionIn.outputs());
    int toNorms = toAttentionOut + narrow;
    compute.run(
        toNorms + narrow,
        (i, slot) -> {
          float[] scratch = compute.scratch(slot);
          if (i < toMlpIn) {
            gradients(mlp.down(), gradients, rows, i, a.activated, all.dout, scratch);
          } else if (i < toAttentionIn) {
            gradients(mlp.up(), gradients, rows, i - toMlpIn, a.normed2, all.dhidden, scratch);
          } else if (i < toAttentionOut) {
            gradients(
                attentionIn, gradients, rows, i - toAttentionIn, a.normed1, all.dqkv, scratch);
          } else if (i < toNorms) {
            gradients(
                attentionOut,
                gradients,
                rows,
                i - toAttentionOut,
                a.attended,
                all.dmiddle,
                scratch);
          } else {
            int from = (i - toNorms) * COLUMNS;
            int columns = Math.min(COLUMNS, channels - from);
            norm1.gradients(
                kernels, gradients, rows, from, columns, all.dnormed1, x, a.statistics1);
            norm2.gradients(
                kernels, gradients, rows, from, columns, all.dnormed2, a.middle, a.statistics2);
          }
        });
  }

  private void gradients(
      Linear layer,
      float[] gradients,
      int rows,
      int piece,
      float[] x,
      float[] dy,
      float[] scratch) {
    int from = piece * COLUMNS;
    int columns = Math.min(COLUMNS, layer.outputs() - from);
    layer.gradients(compute.kernels(), gradients, rows, from, columns, x, dy, scratch);
  }

  private static int pieces(int columns) {
    return (columns + COLUMNS - 1) / COLUMNS;
  }
}
