package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;

/**
 * What a mixture of experts keeps for its backward pass. The rows of an expert lie together: K = R
 * times the experts of a token, S inner channels of the expert for all tokens.
 */
final class MixtureActivations {
  final Floats probabilities; // [R][E]
  final Floats gathered; // [K][C]
  final Floats hidden; // [K][2I]
  final Floats activated; // [K][I]
  final Floats outputs; // [K][C]
  final Floats sharedHidden; // [R][2S]
  final Floats sharedActivated; // [R][S]
  final Floats sharedOutputs; // [R][C]
  final Floats sharedWeights; // [R]
  final int[] chosen; // [K], row by row
  final int[] places; // [K], row by row: where in gathered
  final float[] weights; // [K], row by row
  final int[] starts; // [E + 1], of the rows of each expert in gathered

  MixtureActivations(TrainableConfig config, TransformerConfig.Experts experts, int rows) {
    Arena arena = new Arena(rows, widths(config, experts));
    probabilities = arena.next();
    gathered = arena.next();
    hidden = arena.next();
    activated = arena.next();
    outputs = arena.next();
    sharedHidden = arena.next();
    sharedActivated = arena.next();
    sharedOutputs = arena.next();
    sharedWeights = arena.next();
    int all = rows * experts.used();
    chosen = new int[all];
    places = new int[all];
    weights = new float[all];
    starts = new int[experts.count() + 1];
  }

  private static long[] widths(TrainableConfig config, TransformerConfig.Experts experts) {
    long k = experts.used();
    long inner = config.innerSize();
    long c = config.hiddenSize();
    long shared = experts.sharedSize();
    return new long[] {
      experts.count(),
      k * c,
      2 * k * inner,
      k * inner,
      k * c,
      2 * shared,
      shared,
      shared == 0 ? 0 : c,
      shared == 0 ? 0 : 1
    };
  }

  static long bytes(TrainableConfig config, TransformerConfig.Experts experts, int rows) {
    long routes = 3L * rows * experts.used();
    return Float.BYTES * (Arena.size(rows, widths(config, experts)) + routes);
  }

  /** What the backward pass of any layer's mixture works on, by the same letters. */
  static final class Gradients {
    final Floats dprobabilities; // [R][E]
    final Floats doutputs; // [K][C]
    final Floats dgathered; // [K][C]
    final Floats dhidden; // [K][2I]
    final Floats dactivated; // [K][I]
    final Floats dsharedHidden; // [R][2S]
    final Floats dsharedActivated; // [R][S]
    final Floats dsharedOutputs; // [R][C]
    final Floats dshared; // [R][C]
    final Floats dsharedWeights; // [R]
    final float[] dweights; // [K], row by row

    // Of the balance of all layers in this pass.
    final double[] counts; // [E], how many rows chose each
    final double[] sums; // [E], of probabilities
    final float[] slopes; // [E], of the loss with respect to each probability
    int layers;

    Gradients(TrainableConfig config, TransformerConfig.Experts experts, int rows) {
      Arena arena = new Arena(rows, gradientWidths(config, experts));
      dprobabilities = arena.next();
      doutputs = arena.next();
      dgathered = arena.next();
      dhidden = arena.next();
      dactivated = arena.next();
      dsharedHidden = arena.next();
      dsharedActivated = arena.next();
      dsharedOutputs = arena.next();
      dshared = arena.next();
      dsharedWeights = arena.next();
      dweights = new float[rows * experts.used()];
      counts = new double[experts.count()];
      sums = new double[experts.count()];
      slopes = new float[experts.count()];
    }

    private static long[] gradientWidths(
        TrainableConfig config, TransformerConfig.Experts experts) {
      long k = experts.used();
      long inner = config.innerSize();
      long c = config.hiddenSize();
      long shared = experts.sharedSize();
      return new long[] {
        experts.count(),
        k * c,
        k * c,
        2 * k * inner,
        k * inner,
        2 * shared,
        shared,
        shared == 0 ? 0 : c,
        shared == 0 ? 0 : c,
        shared == 0 ? 0 : 1
      };
    }

    static long bytes(TrainableConfig config, TransformerConfig.Experts experts, int rows) {
      long weights = (long) rows * experts.used();
      return Float.BYTES * (Arena.size(rows, gradientWidths(config, experts)) + weights);
    }
  }
}
