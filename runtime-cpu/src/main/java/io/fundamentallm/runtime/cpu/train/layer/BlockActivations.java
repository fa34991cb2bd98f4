package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.norm.NormStatistics;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one transformer block keeps of a forward pass for its backward pass, R = B·T rows. */
final class BlockActivations {

  /**
   * What a branch keeps of its norms.
   *
   * @param before of the norm before its layer
   * @param normed [R][C], after that norm
   * @param after of the norm after its layer
   * @param out [R][C], before that norm
   */
  record OfBranch(NormStatistics before, Floats normed, NormStatistics after, Floats out) {}

  final OfBranch attention;
  final OfBranch feedForward;
  final Floats qkv; // [R][Q], normalised and rotated where that is done
  final Floats queries; // [R][H·D], before their norms
  final Floats keys;
  final NormStatistics queryStatistics;
  final NormStatistics keyStatistics;
  final float[] logSumExp; // [B][H][T]
  final Floats attended; // [R][H·D]
  final Floats middle; // [R][C], the residual stream between attention and feed-forward layer
  final Floats hidden; // [R][I], the slopes of the activation; or gate and up [R][2I]
  final Floats activated; // [R][I]
  private final @Nullable MixtureActivations mixture;

  BlockActivations(Activations.Kind kind, int layer, int rows) {
    TrainableConfig config = kind.config();
    Arena arena = new Arena(rows, widths(kind, layer));
    Floats normed1 = arena.next();
    qkv = arena.next();
    attended = arena.next();
    middle = arena.next();
    Floats normed2 = arena.next();
    hidden = arena.next();
    activated = arena.next();
    queries = arena.next();
    keys = arena.next();
    boolean after = config.shape().norms().after();
    int afterRows = after ? rows : 0;
    attention =
        new OfBranch(
            new NormStatistics(rows), normed1, new NormStatistics(afterRows), arena.next());
    feedForward =
        new OfBranch(
            new NormStatistics(rows), normed2, new NormStatistics(afterRows), arena.next());
    int heads = kind.headNorms() ? rows * config.heads() : 0;
    queryStatistics = new NormStatistics(heads);
    keyStatistics = new NormStatistics(heads / config.heads() * config.keyValueHeads());
    logSumExp = new float[rows * config.heads()];
    TransformerConfig.Experts experts = config.shape().experts(layer);
    mixture = experts == null ? null : new MixtureActivations(config, experts, rows);
  }

  MixtureActivations mixture() {
    return Objects.requireNonNull(mixture);
  }

  /** Floats of a row of each tensor. */
  private static long[] widths(Activations.Kind kind, int layer) {
    TrainableConfig config = kind.config();
    long c = config.hiddenSize();
    long before = config.shape().norms().before() ? c : 0;
    long after = config.shape().norms().after() ? c : 0;
    boolean dense = config.shape().experts(layer) == null;
    int inner = dense ? config.shape().innerSize(layer) : 0;
    return new long[] {
      before,
      config.queryKeyValueSize(),
      config.querySize(),
      c,
      before,
      config.upSize(inner),
      inner,
      kind.headNorms() ? config.querySize() : 0,
      kind.headNorms() ? config.keySize() : 0,
      after,
      after
    };
  }

  static long bytes(Activations.Kind kind, int layer, int rows) {
    TrainableConfig config = kind.config();
    long statistics = config.shape().norms().after() ? 8 : 4;
    if (kind.headNorms()) {
      statistics += 2L * (config.heads() + config.keyValueHeads());
    }
    long floats = Arena.size(rows, widths(kind, layer)) + (statistics + config.heads()) * rows;
    TransformerConfig.Experts experts = config.shape().experts(layer);
    return Float.BYTES * floats
        + (experts == null ? 0 : MixtureActivations.bytes(config, experts, rows));
  }
}
