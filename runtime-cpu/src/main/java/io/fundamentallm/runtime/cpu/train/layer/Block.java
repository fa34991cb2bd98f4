package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.norm.NormKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.train.layer.Dropout.Place;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One transformer block: {@code m = x + attention(norm1(x))}, {@code y = m + mlp(norm2(m))}.
 *
 * <p>All threads together compute each product; between products they divide the rows.
 */
final class Block {

  /** Columns whose sums are one piece of work. */
  private static final int COLUMNS = 64;

  private final Compute compute;
  private final int layer;
  private final int channels;
  private final Norm norm1;
  private final Linear attentionIn;
  private final Attention attention;
  private final Linear attentionOut;
  private final Norm norm2;
  private final FeedForward mlp;
  private final @Nullable RotaryPositions rotary;
  private Set<Linear> frozen = Set.of();

  /**
   * @param rotary null where positions are added to the embeddings
   */
  Block(
      Compute compute,
      TrainableConfig config,
      int layer,
      ParameterLayout.Block at,
      @Nullable RotaryPositions rotary) {
    int c = config.hiddenSize();
    float epsilon = config.normEpsilon();
    this.compute = compute;
    this.layer = layer;
    channels = c;
    norm1 = new Norm(c, epsilon, at.norm1().weight(), at.norm1().bias());
    boolean llama = config.isLlama();
    attentionIn =
        new Linear(
            c, config.queryKeyValueSize(), at.attention().weight(), at.attention().bias(), llama);
    attention =
        new Attention(
            compute,
            layer,
            config.heads(),
            config.keyValueHeads(),
            config.headSize(),
            config.contextLength());
    attentionOut = new Linear(c, c, at.attentionOut().weight(), at.attentionOut().bias(), llama);
    norm2 = new Norm(c, epsilon, at.norm2().weight(), at.norm2().bias());
    mlp = FeedForward.of(config, at);
    this.rotary = rotary;
  }

  /** From now on skips the gradients of matrices that are entirely frozen. */
  void freezeAllBut(TrainedTensors trained) {
    frozen =
        Stream.of(mlp.down(), mlp.up(), attentionOut, attentionIn)
            .filter(layer -> !trained.touch(layer.weight(), layer.inputs() * layer.outputs()))
            .collect(Collectors.toSet());
  }

  /**
   * @param x [B·T][C]
   * @param y [B·T][C]
   */
  void forward(float[] parameters, Pass pass, Floats x, Activations.OfBlock a, Floats y) {
    NormKernels norms = compute.kernels().norm();
    ElementwiseKernels elements = compute.kernels().elementwise();
    AttentionKernels rotations = compute.kernels().attention();
    Normalization first = norm1.in(parameters);
    Normalization second = norm2.in(parameters);
    TeamProduct product = compute.product();
    Dropout dropout = pass.dropout();
    int all = pass.rows();
    compute.rows(
        all, (from, rows, slot) -> norms.forward(first, from, rows, x, a.normed1, a.statistics1));
    attentionIn.forward(product, parameters, all, a.normed1, a.qkv);
    if (rotary != null) {
      compute.rows(all, (from, rows, slot) -> rotary.forward(rotations, pass, from, rows, a.qkv));
    }
    attention.forward(pass, a.qkv, a.attended, a.logSumExp);
    attentionOut.forward(product, parameters, all, a.attended, a.middle);
    compute.rows(
        all,
        (from, rows, slot) -> {
          int at = from * channels;
          dropout.rows(elements, Place.ATTENTION, layer, from, rows, channels, a.middle);
          elements.add(rows * channels, x.array(), x.at(at), a.middle.array(), a.middle.at(at));
          norms.forward(second, from, rows, a.middle, a.normed2, a.statistics2);
        });
    mlp.up().forward(product, parameters, all, a.normed2, a.hidden);
    compute.rows(all, (from, rows, slot) -> mlp.activate(elements, from, rows, a));
    mlp.down().forward(product, parameters, all, a.activated, y);
    compute.rows(
        all,
        (from, rows, slot) -> {
          dropout.rows(elements, Place.FEED_FORWARD, layer, from, rows, channels, y);
          int at = from * channels;
          elements.add(rows * channels, a.middle.array(), a.middle.at(at), y.array(), y.at(at));
        });
  }

  /**
   * Goes from {@code all.dout}, the gradient with respect to y, to {@code all.din}, that with
   * respect to x. Adds the gradients of the block's parameters.
   *
   * @param fresh whether the gradients of matrices are written instead of added
   */
  void backward(
      float[] parameters,
      float[] gradients,
      boolean fresh,
      Pass pass,
      Floats x,
      Activations.OfBlock a,
      Activations all) {
    NormKernels norms = compute.kernels().norm();
    ElementwiseKernels elements = compute.kernels().elementwise();
    AttentionKernels rotations = compute.kernels().attention();
    Normalization first = norm1.in(parameters);
    Normalization second = norm2.in(parameters);
    TeamProduct product = compute.product();
    Dropout dropout = pass.dropout();
    Floats dfeedForward = dropout.isNone() ? all.dout : all.dfeedForward;
    Floats dattention = dropout.isNone() ? all.dmiddle : all.dattention;
    int count = pass.rows();
    if (!dropout.isNone()) {
      compute.rows(
          count,
          (from, rows, slot) ->
              dropped(dropout, Place.FEED_FORWARD, from, rows, all.dout, dfeedForward));
    }
    mlp.down().backward(product, parameters, count, dfeedForward, all.dactivated);
    compute.rows(count, (from, rows, slot) -> mlp.activateBackward(elements, from, rows, a, all));
    mlp.up().backward(product, parameters, count, all.dhidden, all.dnormed2);
    compute.rows(
        count,
        (from, rows, slot) -> {
          all.dout.copy(from * channels, rows * channels, all.dmiddle);
          norms.backward(second, from, rows, all.dnormed2, a.middle, a.statistics2, all.dmiddle);
          dropped(dropout, Place.ATTENTION, from, rows, all.dmiddle, dattention);
        });
    attentionOut.backward(product, parameters, count, dattention, all.dattended);
    attention.backward(pass, a.qkv, a.attended, a.logSumExp, all.dattended, all.deltas, all.dqkv);
    if (rotary != null) {
      compute.rows(
          count, (from, rows, slot) -> rotary.backward(rotations, pass, from, rows, all.dqkv));
    }
    attentionIn.backward(product, parameters, count, all.dqkv, all.dnormed1);
    compute.rows(
        count,
        (from, rows, slot) -> {
          all.dmiddle.copy(from * channels, rows * channels, all.din);
          norms.backward(first, from, rows, all.dnormed1, x, a.statistics1, all.din);
        });
    matrixGradients(mlp.down(), gradients, fresh, count, a.activated, dfeedForward);
    matrixGradients(mlp.up(), gradients, fresh, count, a.normed2, all.dhidden);
    matrixGradients(attentionOut, gradients, fresh, count, a.attended, dattention);
    matrixGradients(attentionIn, gradients, fresh, count, a.normed1, all.dqkv);
    vectorGradients(gradients, count, x, a, all, dfeedForward, dattention);
  }

  /** The gradient before dropout, dx, from that after it; the same array if there is none. */
  private void dropped(Dropout dropout, Place place, int from, int rows, Floats dy, Floats dx) {
    if (!dropout.isNone()) {
      dy.copy(from * channels, rows * channels, dx);
      dropout.rows(compute.kernels().elementwise(), place, layer, from, rows, channels, dx);
    }
  }

  private void matrixGradients(
      Linear layer, float[] gradients, boolean fresh, int rows, Floats x, Floats dy) {
    if (!frozen.contains(layer)) {
      layer.gradients(compute.product(), gradients, fresh, rows, x, dy);
    }
  }

  /**
   * The gradients of biases and norms: each piece owns some columns and sums over all rows in
   * order.
   */
  private void vectorGradients(
      float[] gradients,
      int rows,
      Floats x,
      Activations.OfBlock a,
      Activations all,
      Floats dfeedForward,
      Floats dattention) {
    NormKernels norms = compute.kernels().norm();
    Normalization dfirst = norm1.in(gradients);
    Normalization dsecond = norm2.in(gradients);
    // One numbering of columns through the four biases and the two norms, each starting with a new
    // piece.
    int narrow = pieces(channels);
    int toUp = narrow;
    int toIn = toUp + pieces(mlp.up().outputs());
    int toOut = toIn + pieces(attentionIn.outputs());
    int toNorms = toOut + narrow;
    compute.run(
        toNorms + narrow,
        (i, slot) -> {
          if (i < toUp) {
            bias(mlp.down(), gradients, rows, i, dfeedForward);
          } else if (i < toIn) {
            bias(mlp.up(), gradients, rows, i - toUp, all.dhidden);
          } else if (i < toOut) {
            bias(attentionIn, gradients, rows, i - toIn, all.dqkv);
          } else if (i < toNorms) {
            bias(attentionOut, gradients, rows, i - toOut, dattention);
          } else {
            int from = (i - toNorms) * COLUMNS;
            int columns = Math.min(COLUMNS, channels - from);
            norms.parameterGradients(dfirst, rows, from, columns, all.dnormed1, x, a.statistics1);
            norms.parameterGradients(
                dsecond, rows, from, columns, all.dnormed2, a.middle, a.statistics2);
          }
        });
  }

  private void bias(Linear layer, float[] gradients, int rows, int piece, Floats dy) {
    if (layer.bias() >= 0) {
      int from = piece * COLUMNS;
      int columns = Math.min(COLUMNS, layer.outputs() - from);
      compute
          .kernels()
          .elementwise()
          .addColumnSums(
              rows,
              columns,
              dy.array(),
              dy.at(from),
              layer.outputs(),
              gradients,
              layer.bias() + from);
    }
  }

  private static int pieces(int columns) {
    return (columns + COLUMNS - 1) / COLUMNS;
  }
}
