package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.norm.NormStatistics;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.QueryKeyNorm;
import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.training.TrainingPlan;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a forward pass leaves for the backward pass, and what the backward pass works on: allocated
 * once for the largest number of rows seen, R = B·T.
 */
public final class Activations {

  /**
   * What decides which of them there are.
   *
   * @param config the model's shape
   * @param dropout whether there is any
   * @param again whether blocks are computed again in the backward pass, so that all blocks of a
   *     kind share theirs (Chen et al. 2016)
   */
  public record Kind(TrainableConfig config, boolean dropout, boolean again) {

    /**
     * That of a plan's model, whose {@code memory} is {@code full} or {@code low}.
     *
     * @throws IllegalArgumentException for another one
     */
    public static Kind of(TrainingPlan plan, TrainableConfig config) {
      return new Kind(config, plan.objective().dropout() > 0, again(plan));
    }

    /** Whether a plan computes blocks again. */
    public static boolean again(TrainingPlan plan) {
      return Recipe.resolve(
          "memory", plan.memory(), Map.of("full", options -> false, "low", options -> true));
    }

    /** Whether something comes between a layer and the residual stream. */
    private boolean apart() {
      TransformerConfig shape = config.shape();
      return dropout || shape.norms().after() || shape.scales().residual() != 1;
    }

    /** Whether queries and keys have norms. */
    boolean headNorms() {
      return config.shape().attention().norm() != QueryKeyNorm.NONE;
    }

    /** The experts of any layer; null if none has some. */
    private TransformerConfig.@Nullable Experts experts() {
      return config.shape().feedForward().experts();
    }

    /** The layer whose activations a layer uses. */
    private int owner(int layer) {
      for (int i = 0; again && i < layer; i++) {
        if (Objects.equals(config.shape().experts(i), config.shape().experts(layer))) {
          return i;
        }
      }
      return layer;
    }
  }

  final int rows;
  final BlockActivations[] blocks; // some of which are the same, where blocks are computed again
  final Floats[] stream; // [layers + 1][R][C], the residual stream before each block and at the end
  final Floats normed; // [R][C], after the last norm
  final NormStatistics statistics;
  final double[] losses; // [R]
  final boolean[] hits; // [R]
  double margins; // the sum of the pairs'

  // Gradients. The residual stream has three, because the weight gradients of a block need all of
  // them.
  Floats dout; // [R][C], at the end of a block
  final Floats dmiddle; // [R][C], between attention and feed-forward layer
  Floats din; // [R][C], at its beginning
  final Floats dbranch; // [R][C], of a layer where dropout, a norm or a factor comes after it
  final Floats dnormed; // [R][C]
  final Floats dattended; // [R][H·D]
  final float[] deltas; // [R][H], for attention
  final Floats dqkv; // [R][Q]
  final Floats dhidden; // [R][I] or [R][2I]
  final Floats dactivated; // [R][I]; dhidden itself, unless that is wider
  final Floats dnormedQueries; // [R][H·D]
  final Floats dnormedKeys;
  final Floats dqueries; // [R][H·D]
  final Floats dkeys;
  private final MixtureActivations.@Nullable Gradients mixture;

  Activations(Kind kind, int rows) {
    this.rows = rows;
    TrainableConfig config = kind.config;
    // the larger one first: if there is no array for it, nothing else has been allocated
    Arena arena = new Arena(rows, widths(kind));
    blocks = new BlockActivations[config.layers()];
    for (int i = 0; i < blocks.length; i++) {
      int owner = kind.owner(i);
      blocks[i] = owner == i ? new BlockActivations(kind, i, rows) : blocks[owner];
    }
    stream = new Floats[config.layers() + 1];
    Arrays.setAll(stream, i -> arena.next());
    normed = arena.next();
    statistics = new NormStatistics(rows);
    losses = new double[rows];
    hits = new boolean[rows];
    dout = arena.next();
    dmiddle = arena.next();
    din = arena.next();
    dbranch = arena.next();
    dnormed = arena.next();
    dattended = arena.next();
    deltas = new float[rows * config.heads()];
    dqkv = arena.next();
    dhidden = arena.next();
    Floats narrow = arena.next();
    dactivated = config.gated() ? narrow : dhidden;
    dnormedQueries = arena.next();
    dnormedKeys = arena.next();
    dqueries = arena.next();
    dkeys = arena.next();
    TransformerConfig.Experts experts = kind.experts();
    mixture = experts == null ? null : new MixtureActivations.Gradients(config, experts, rows);
  }

  /** Those of mixtures; null if no layer has experts. */
  MixtureActivations.@Nullable Gradients mixtures() {
    return mixture;
  }

  MixtureActivations.Gradients mixture() {
    return Objects.requireNonNull(mixture);
  }

  /** Floats of a row of each tensor besides those of blocks. */
  private static long[] widths(Kind kind) {
    TrainableConfig config = kind.config;
    int streams = config.layers() + 1;
    long c = config.hiddenSize();
    long inner = 0;
    for (int i = 0; i < config.layers(); i++) {
      if (config.shape().experts(i) == null) {
        inner = Math.max(inner, config.shape().innerSize(i));
      }
    }
    long queries = kind.headNorms() ? config.querySize() : 0;
    long keys = kind.headNorms() ? config.keySize() : 0;
    long[] gradients = {
      c, // after the last norm
      c,
      c,
      c,
      kind.apart() ? c : 0,
      c,
      config.querySize(),
      config.queryKeyValueSize(),
      config.upSize((int) inner),
      config.gated() ? inner : 0,
      queries,
      keys,
      queries,
      keys
    };
    long[] widths = new long[streams + gradients.length];
    Arrays.fill(widths, 0, streams, c);
    System.arraycopy(gradients, 0, widths, streams, gradients.length);
    return widths;
  }

  /** Bytes of these arrays. */
  public static long bytes(Kind kind, int rows) {
    TrainableConfig config = kind.config;
    long bytes = Float.BYTES * (Arena.size(rows, widths(kind)) + (2L + config.heads()) * rows);
    for (int i = 0; i < config.layers(); i++) {
      bytes += kind.owner(i) == i ? BlockActivations.bytes(kind, i, rows) : 0;
    }
    TransformerConfig.Experts experts = kind.experts();
    if (experts != null) {
      bytes += MixtureActivations.Gradients.bytes(config, experts, rows);
    }
    return bytes + rows * (Double.BYTES + 1L);
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
      boolean own = lastUser(i);
      if (own && !finite(kernels, size, blocks[i].middle)) {
        return Optional.of("the attention of layer " + i);
      }
      if (!finite(kernels, size, stream[i + 1])) {
        return Optional.of((own ? "the feed-forward part of layer " : "layer ") + i);
      }
    }
    return Optional.of(finite(kernels, size, normed) ? "the head" : "the last norm");
  }

  /** Whether a block's activations are still its own after a pass. */
  boolean lastUser(int layer) {
    for (int i = layer + 1; i < blocks.length; i++) {
      if (blocks[i] == blocks[layer]) {
        return false;
      }
    }
    return true;
  }

  private static boolean finite(Kernels kernels, int size, Floats values) {
    return Double.isFinite(kernels.update().sumOfSquares(size, values.array(), values.at()));
  }
}
