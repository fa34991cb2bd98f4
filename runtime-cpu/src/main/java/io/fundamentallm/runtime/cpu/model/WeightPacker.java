package io.fundamentallm.runtime.cpu.model;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.FloatWeights;
import io.fundamentallm.runtime.cpu.kernels.product.Int4Weights;
import io.fundamentallm.runtime.cpu.kernels.product.Int8Weights;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
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

  /** Weights read before the team packs them: 32 MiB of floats. */
  private static final int MAX_READ = 1 << 23;

  private final Matrix.@Nullable Format format;
  private final ProductKernels kernels;
  private final Parallel parallel;
  private float[] read = {};

  /**
   * A packer.
   *
   * @param format of all matrices; null for the format that each has in its file
   * @param parallel packs panels in parallel
   */
  WeightPacker(Matrix.@Nullable Format format, Kernels kernels, Parallel parallel) {
    this.format = format;
    this.kernels = kernels.product();
    this.parallel = parallel;
  }

  /** Bytes of what {@link #pack} makes, except norms and biases; reads no matrix. */
  long bytes(TransformerConfig config, ModelWeights weights) throws IOException {
    Matrix embedding = weights.embedding();
    Matrix table = weights.positions();
    long bytes = bytes(embedding, format);
    bytes += table == null ? 0 : (long) Float.BYTES * table.rows() * table.columns();
    for (int i = 0; i < config.layers(); i++) {
      ModelWeights.Layer layer = weights.layer(i);
      bytes += bytes(layer.queryKeyValue().matrix(), format);
      bytes += bytes(layer.attentionOut().matrix(), format);
      for (ModelWeights.Expert expert : layer.feedForward().experts()) {
        bytes += bytes(expert);
      }
      ModelWeights.Router router = layer.feedForward().router();
      bytes += router == null || router.shared() == null ? 0 : bytes(router.shared());
    }
    Matrix head = weights.head().matrix();
    return head == embedding ? bytes : bytes + bytes(head, format);
  }

  private long bytes(ModelWeights.Expert expert) {
    ModelWeights.Linear gate = expert.gate();
    return bytes(expert.up().matrix(), format)
        + (gate == null ? 0 : bytes(gate.matrix(), format))
        + bytes(expert.down().matrix(), sensitive());
  }

  private static long bytes(Matrix matrix, Matrix.@Nullable Format as) {
    int rows = PackedWeights.padded(matrix.rows());
    int columns = matrix.columns();
    return switch (as == null ? matrix.format() : as) {
      case F32 -> FloatWeights.bytes(rows, columns);
      case INT8 -> Int8Weights.bytes(rows, columns);
      case INT4 -> Int4Weights.bytes(rows, columns);
    };
  }

  Transformer pack(TransformerConfig config, ModelWeights weights) throws IOException {
    Matrix embedding = weights.embedding();
    PackedWeights packed = pack(embedding, format);
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
    return new Transformer.Linear(pack(linear.matrix(), as), padded(linear.bias()), then);
  }

  private static float @Nullable [] padded(float @Nullable [] bias) {
    return bias == null ? null : Arrays.copyOf(bias, PackedWeights.padded(bias.length));
  }

  private PackedWeights pack(Matrix matrix, Matrix.@Nullable Format as) throws IOException {
    PackedWeights packed =
        allocate(as == null ? matrix.format() : as, matrix.rows(), matrix.columns());
    fill(packed, matrix, 0, 1);
    return packed;
  }

  /** Alternates panels of a gate and of what it gates. */
  private Transformer.Linear pack(ModelWeights.Linear gate, ModelWeights.Linear up)
      throws IOException {
    int inner = PackedWeights.padded(up.matrix().rows());
    Matrix.Format finest =
        gate.matrix().format().compareTo(up.matrix().format()) < 0
            ? gate.matrix().format()
            : up.matrix().format();
    PackedWeights packed =
        allocate(format == null ? finest : format, 2 * inner, up.matrix().columns());
    fill(packed, gate.matrix(), 0, 2);
    fill(packed, up.matrix(), 1, 2);
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

  private static PackedWeights allocate(Matrix.Format format, int rows, int columns) {
    return switch (format) {
      case F32 -> new FloatWeights(rows, columns);
      case INT8 -> new Int8Weights(rows, columns);
      case INT4 -> new Int4Weights(rows, columns);
    };
  }

  /** Fills every {@code step}-th panel from {@code first} on with the panels of a matrix. */
  private void fill(PackedWeights packed, Matrix matrix, int first, int step) throws IOException {
    if (fillBlocks(packed, matrix, first, step)) {
      return;
    }
    int columns = matrix.columns();
    int panels = (matrix.rows() + PANEL - 1) / PANEL;
    int batch = (int) Math.max(1, Math.min(panels, MAX_READ / ((long) PANEL * columns)));
    if (read.length < batch * PANEL * columns) {
      read = new float[batch * PANEL * columns];
    }
    float[][] panelOf = new float[parallel.slots()][PANEL * columns];
    for (int panel = 0; panel < panels; panel += batch) {
      int from = panel;
      int rows = Math.min(batch * PANEL, matrix.rows() - from * PANEL);
      matrix.read(from * PANEL, rows, read);
      parallel.run(
          (rows + PANEL - 1) / PANEL,
          (i, slot) -> {
            float[] values = panelOf[slot];
            int count = Math.min(PANEL, rows - i * PANEL) * columns;
            System.arraycopy(read, i * PANEL * columns, values, 0, count);
            Arrays.fill(values, count, values.length, 0f);
            packed.fill(kernels, first + (from + i) * step, values);
          });
    }
  }

  /** The same with the file's own blocks, where the kernels take such blocks. */
  private static boolean fillBlocks(PackedWeights packed, Matrix matrix, int first, int step)
      throws IOException {
    boolean bytes = packed instanceof Int8Weights && matrix.format() == Matrix.Format.INT8;
    boolean nibbles = packed instanceof Int4Weights && matrix.format() == Matrix.Format.INT4;
    if (!bytes && !nibbles || matrix.columns() % Matrix.BLOCK != 0) {
      return false;
    }
    byte[] q = new byte[matrix.columns()];
    float[] scales = new float[matrix.columns() / Matrix.BLOCK];
    float[] minima = new float[scales.length];
    float[] values = new float[matrix.columns()];
    for (int row = 0; row < matrix.rows(); row++) {
      int to = (first + row / PANEL * step) * PANEL + row % PANEL;
      boolean own = matrix.readBlocks(row, q, scales, minima);
      if (own && packed instanceof Int8Weights weights) {
        weights.fillRow(to, q, scales);
      } else if (own && packed instanceof Int4Weights weights) {
        weights.fillRow(to, q, scales, minima);
      } else if (packed instanceof Int8Weights weights) {
        matrix.read(row, 1, values);
        weights.fillRow(to, values, 0);
      } else {
        return false;
      }
    }
    return true;
  }
}
