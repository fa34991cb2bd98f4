package io.fundamentallm.runtime.cpu.model;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.model.Transformer.OutputAction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Copies the weights of a model's files into the layout of the kernels, once. */
final class WeightPacker {
  private static final int PANEL = PackedWeights.PANEL;

  private final Matrix.@Nullable Format format;
  private final MatrixPacker matrices;

  /**
   * A packer.
   *
   * @param format of all matrices; null to keep each as it is in its file
   * @param parallel reads and packs panels in parallel
   */
  WeightPacker(Matrix.@Nullable Format format, Kernels kernels, Parallel parallel) {
    this.format = format;
    matrices = new MatrixPacker(kernels.product(), parallel);
  }

  /** Counts the arrays that {@link #pack} makes, except norms and biases; reads nothing. */
  HeapRoom room(TransformerConfig config, ModelWeights weights) throws IOException {
    HeapRoom room = new HeapRoom();
    Matrix embedding = weights.embedding();
    Matrix table = weights.positions();
    MatrixPacker.count(embedding, format, room);
    if (table != null) {
      room.add((long) Float.BYTES * table.rows() * table.columns());
    }
    for (int i = 0; i < config.layers(); i++) {
      ModelWeights.Layer layer = weights.outline(i);
      MatrixPacker.count(layer.queryKeyValue().matrix(), format, room);
      MatrixPacker.count(layer.attentionOut().matrix(), format, room);
      for (ModelWeights.Expert expert : layer.feedForward().experts()) {
        count(expert, room);
      }
      ModelWeights.Router router = layer.feedForward().router();
      if (router != null) {
        MatrixPacker.count(router.weights().matrix(), Matrix.Format.F32, room);
      }
      if (router != null && router.shared() != null) {
        count(router.shared(), room);
      }
    }
    Matrix head = weights.head().matrix();
    if (head != embedding) {
      MatrixPacker.count(head, format, room);
    }
    return room;
  }

  private void count(ModelWeights.Expert expert, HeapRoom room) {
    ModelWeights.Linear gate = expert.gate();
    if (gate == null) {
      MatrixPacker.count(expert.up().matrix(), format, room);
    } else {
      MatrixPacker.count(gate.matrix(), expert.up().matrix(), format, room);
    }
    MatrixPacker.count(expert.down().matrix(), sensitive(), room);
  }

  Transformer pack(TransformerConfig config, ModelWeights weights) throws IOException {
    Matrix embedding = weights.embedding();
    PackedWeights packed = matrices.pack(embedding, format);
    Matrix table = weights.positions();
    float[] positions = null;
    if (table != null) {
      positions = new float[Math.multiplyExact(table.rows(), table.columns())];
      table.read(0, table.rows(), positions);
    }
    List<Transformer.Block> blocks = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(pack(config, weights.layer(i)));
    }
    ModelWeights.Linear head = weights.head();
    Transformer.Linear last =
        head.matrix() == embedding
            ? new Transformer.Linear(packed, padded(head.bias()), OutputAction.WRITE)
            : pack(head, OutputAction.WRITE, format);
    Normalization norm = requireNonNull(norm(config, weights.finalNorm()));
    return new Transformer(config, packed, positions, blocks, norm, last);
  }

  private Transformer.Block pack(TransformerConfig config, ModelWeights.Layer layer)
      throws IOException {
    boolean apart = Workspace.apart(config);
    OutputAction out = apart ? OutputAction.WRITE : OutputAction.ADD;
    return new Transformer.Block(
        norm(config, layer.norm1()),
        pack(layer.queryKeyValue(), OutputAction.WRITE, format),
        new Transformer.HeadNorms(
            headNorm(config, layer.queryNorm()), headNorm(config, layer.keyNorm())),
        layer.sinks(),
        pack(layer.attentionOut(), out, format),
        norm(config, layer.after1()),
        norm(config, layer.norm2()),
        pack(layer.feedForward(), out),
        norm(config, layer.after2()));
  }

  private Transformer.FeedForward pack(ModelWeights.FeedForward layer, OutputAction out)
      throws IOException {
    ModelWeights.Router router = layer.router();
    OutputAction action = router == null ? out : OutputAction.WRITE;
    List<Transformer.Expert> experts = new ArrayList<>();
    for (ModelWeights.Expert expert : layer.experts()) {
      experts.add(pack(expert, action));
    }
    if (router == null) {
      return new Transformer.FeedForward(experts, null);
    }
    // few weights, on which much depends
    Matrix.Format exact = Matrix.Format.F32;
    ModelWeights.Expert shared = router.shared();
    ModelWeights.Linear gate = router.sharedGate();
    return new Transformer.FeedForward(
        experts,
        new Transformer.Router(
            pack(router.weights(), OutputAction.WRITE, exact),
            shared == null ? null : pack(shared, action),
            gate == null ? null : pack(gate, OutputAction.WRITE, exact)));
  }

  private Transformer.Expert pack(ModelWeights.Expert expert, OutputAction out) throws IOException {
    ModelWeights.Linear gate = expert.gate();
    return new Transformer.Expert(
        gate == null ? pack(expert.up(), OutputAction.ACTIVATE, format) : pack(gate, expert.up()),
        pack(expert.down(), out, sensitive()));
  }

  private static @Nullable Normalization norm(
      TransformerConfig config, ModelWeights.@Nullable Norm norm) {
    if (norm == null) {
      return null;
    }
    int n = config.hiddenSize();
    int stride = PackedWeights.padded(n);
    float epsilon = config.norms().epsilon();
    return new Normalization(n, stride, epsilon, norm.weight(), 0, norm.bias(), 0);
  }

  private static @Nullable Normalization headNorm(
      TransformerConfig config, float @Nullable [] weight) {
    if (weight == null) {
      return null;
    }
    int d = config.headSize();
    boolean wide = config.attention().norm() == TransformerConfig.QueryKeyNorm.WIDTH;
    int stride = wide ? CachedAttention.columns(config) : d;
    float epsilon = config.norms().epsilon();
    return new Normalization(weight.length, stride, epsilon, weight, 0, null, 0);
  }

  /** The format of the matrices whose rounding costs most. */
  private Matrix.@Nullable Format sensitive() {
    return format == Matrix.Format.INT4 ? Matrix.Format.INT8 : format;
  }

  private Transformer.Linear pack(
      ModelWeights.Linear linear, OutputAction then, Matrix.@Nullable Format as)
      throws IOException {
    return new Transformer.Linear(matrices.pack(linear.matrix(), as), padded(linear.bias()), then);
  }

  private static float @Nullable [] padded(float @Nullable [] bias) {
    return bias == null ? null : Arrays.copyOf(bias, PackedWeights.padded(bias.length));
  }

  /** Alternates panels of a gate and of what it gates. */
  private Transformer.Linear pack(ModelWeights.Linear gate, ModelWeights.Linear up)
      throws IOException {
    int inner = PackedWeights.padded(up.matrix().rows());
    PackedWeights packed = matrices.pack(gate.matrix(), up.matrix(), format);
    if (gate.bias() == null && up.bias() == null) {
      return new Transformer.Linear(packed, null, OutputAction.ACTIVATE);
    }
    float[] bias = new float[2 * inner];
    interleave(gate.bias(), bias, 0);
    interleave(up.bias(), bias, PANEL);
    return new Transformer.Linear(packed, bias, OutputAction.ACTIVATE);
  }

  private static void interleave(float @Nullable [] from, float[] to, int at) {
    for (int i = 0; from != null && i < from.length; i++) {
      to[i / PANEL * 2 * PANEL + at + i % PANEL] = from[i];
    }
  }
}
