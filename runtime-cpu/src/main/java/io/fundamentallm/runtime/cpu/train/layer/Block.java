package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.train.parameter.BlockLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import org.jspecify.annotations.Nullable;

/**
 * One transformer block: two branches of the residual stream, attention and the feed-forward layer
 * or the experts.
 *
 * <p>All threads together compute each product; between products they divide the rows.
 */
final class Block {
  private final Branch attention;
  private final Branch feedForward;
  private final @Nullable Mixture mixture;

  /**
   * @param rotary null where positions are not rotated
   */
  Block(
      Compute compute,
      TrainableConfig config,
      int layer,
      BlockLayout at,
      @Nullable RotaryPositions rotary) {
    attention =
        new Branch(
            compute,
            config,
            Dropout.Place.ATTENTION,
            layer,
            Norm.of(config, at.norm1()),
            new SelfAttention(compute, config, layer, at, rotary),
            Norm.of(config, at.after1()));
    BranchLayer second = feedForward(compute, config, layer, at);
    mixture = second instanceof Mixture experts ? experts : null;
    feedForward =
        new Branch(
            compute,
            config,
            Dropout.Place.FEED_FORWARD,
            layer,
            Norm.of(config, at.norm2()),
            second,
            Norm.of(config, at.after2()));
  }

  private static BranchLayer feedForward(
      Compute compute, TrainableConfig config, int layer, BlockLayout at) {
    return at.router() == null
        ? new FeedForward(compute, config, at.experts().get(0), config.shape().innerSize(layer))
        : new Mixture(compute, config, layer, at);
  }

  /** From now on skips the gradients of parameters that are frozen. */
  void freezeAllBut(TrainedTensors trained) {
    attention.freezeAllBut(trained);
    feedForward.freezeAllBut(trained);
  }

  /**
   * @param x [B·T][C]
   * @param y [B·T][C]
   */
  void forward(float[] parameters, Pass pass, Floats x, BlockActivations a, Floats y) {
    attention.forward(parameters, pass, x, a.attention, a, a.middle);
    feedForward.forward(parameters, pass, a.middle, a.feedForward, a, y);
  }

  /** Counts how rows chose among experts, if there are any. */
  void count(BlockActivations a, Pass pass, Activations all) {
    if (mixture != null) {
      mixture.count(a, pass, all.mixture());
    }
  }

  /** Computes again what {@link #forward} left in the activations, but not y. */
  void again(float[] parameters, Pass pass, Floats x, BlockActivations a) {
    attention.forward(parameters, pass, x, a.attention, a, a.middle);
    feedForward.again(parameters, pass, a.middle, a.feedForward, a);
  }

  /**
   * Goes from {@code all.dout}, the gradient with respect to y, to {@code all.din}, that with
   * respect to x. Adds the gradients of the block's parameters.
   */
  void backward(Backward b, Floats x, BlockActivations a, Activations all) {
    feedForward.backward(b, a.middle, a.feedForward, a, all.dout, all.dmiddle, all);
    attention.backward(b, x, a.attention, a, all.dmiddle, all.din, all);
  }
}
