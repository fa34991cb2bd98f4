package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.Activation;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Divides the products of a pass among the members of the team, with the norms before them. */
final class LinearLayer {
  /** Rows of the parts into which many rows are divided, at least. */
  private static final int PART_ROWS = 48;

  private static final int PANEL = PackedWeights.PANEL;

  private final TransformerConfig config;
  private final Kernels kernels;
  private final Parallel parallel;
  private final Workspace space;
  private final Rows rows;

  LinearLayer(
      TransformerConfig config, Kernels kernels, Parallel parallel, Workspace space, Rows rows) {
    this.config = config;
    this.kernels = kernels;
    this.parallel = parallel;
    this.space = space;
    this.rows = rows;
  }

  /** What becomes of a product. */
  enum Then {
    WRITE,
    ADD,
    ACTIVATE
  }

  /**
   * A linear layer, after a norm where one is given: {@code y = W·norm(in) + bias}; or added to y,
   * or activated.
   */
  void product(
      Then then,
      ModelWeights.@Nullable Norm norm,
      Transformer.Linear linear,
      float[] in,
      int ldIn,
      float[] y,
      int ldy,
      int slot,
      int members) {
    int count = rows.count();
    boolean few = count <= Workspace.FEW_ROWS;
    int from = few ? 0 : Workspace.share(count, slot, members);
    int to = few ? count : Workspace.share(count, slot + 1, members);
    PackedWeights weights = linear.weights();
    float[] input = in;
    if (norm != null) {
      input = few ? space.ownNormed[slot] : space.normed;
      norm(norm, from, to - from, input, from * space.c, slot);
    }
    float[] inputs = few ? space.ownQuantized[slot] : space.quantized;
    quantize(weights, from, to - from, count, input, ldIn, inputs);
    if (!few && (norm != null || weights.quantized())) {
      parallel.barrier();
    }
    int panels = weights.panels();
    if (few) {
      boolean pairs = then == Then.ACTIVATE && config.gated() || panels >= 8 * members;
      int unit = pairs ? 2 : 1;
      int units = (panels + unit - 1) / unit;
      int first = units * slot / members * unit;
      int end = Math.min(panels, units * (slot + 1) / members * unit);
      panels(then, linear, first, end, 0, count, input, ldIn, inputs, y, ldy, slot);
      return;
    }
    // few panels would leave members idle at the end: then the rows are divided too
    int chunk = Math.max(2, panels / (4 * members) & -2);
    int across = (panels + chunk - 1) / chunk;
    int parts = across < 4 * members ? Math.min(4, (count + PART_ROWS - 1) / PART_ROWS) : 1;
    for (int i = parallel.claim(); i < across * parts; i = parallel.claim()) {
      int start = Workspace.share(count, i / across, parts);
      int rowEnd = Workspace.share(count, i / across + 1, parts);
      int panel = i % across * chunk;
      int end = Math.min(panels, panel + chunk);
      panels(then, linear, panel, end, start, rowEnd - start, input, ldIn, inputs, y, ldy, slot);
    }
  }

  /** Inputs of some rows as the weights take them, of all that are computed together. */
  void quantize(
      PackedWeights weights, int row, int count, int all, float[] in, int ldIn, float[] to) {
    if (weights.quantized()) {
      int tile = Kernels.quantizedTile(weights, all);
      int at = row * Kernels.quantizedSize(weights.columns());
      kernels.quantizeRows(weights, count, tile, in, row * ldIn, ldIn, to, at);
    }
  }

  /** Normalises rows of the residual stream. */
  void norm(ModelWeights.Norm norm, int row, int count, float[] y, int yAt, int slot) {
    int n = config.hiddenSize();
    int c = space.c;
    float[] x = space.x;
    float epsilon = config.normEpsilon();
    float[] bias = norm.bias();
    if (bias == null) {
      kernels.rmsNorm(count, n, epsilon, x, row * c, c, norm.weight(), 0, y, yAt, c);
    } else {
      kernels.layerNorm(
          count,
          n,
          epsilon,
          x,
          row * c,
          c,
          norm.weight(),
          0,
          bias,
          0,
          y,
          yAt,
          c,
          space.means[slot],
          space.deviations[slot],
          0);
    }
    for (int i = 0; i < count; i++) {
      Arrays.fill(
          y, yAt + i * c + n, yAt + (i + 1) * c, 0f); // attention's outputs may have been here
    }
  }

  /** The columns of some panels, for some rows. */
  private void panels(
      Then then,
      Transformer.Linear linear,
      int from,
      int to,
      int row,
      int count,
      float[] in,
      int ldIn,
      float[] inputs,
      float[] y,
      int ldy,
      int slot) {
    if (then == Then.ACTIVATE) {
      for (int r = row; r < row + count; r += Workspace.TILE_ROWS) {
        int part = Math.min(Workspace.TILE_ROWS, row + count - r);
        for (int panel = from; panel < to; panel += Workspace.TILE_PANELS) {
          int end = Math.min(to, panel + Workspace.TILE_PANELS);
          activate(linear, panel, end, r, part, in, ldIn, inputs, y, ldy, slot);
        }
      }
      return;
    }
    PackedWeights weights = linear.weights();
    float[] bias = linear.bias();
    int column = from * PANEL;
    int width = (to - from) * PANEL;
    int at = row * ldy + column;
    if (then == Then.WRITE) {
      start(bias, count, column, width, y, at, ldy);
    }
    kernels.multiply(
        weights,
        from,
        to,
        count,
        in,
        row * ldIn,
        ldIn,
        inputs,
        row * Kernels.quantizedSize(weights.columns()),
        Kernels.quantizedTile(weights, rows.count()),
        y,
        row * ldy,
        ldy,
        space.scratch[slot]);
    for (int i = 0; then == Then.ADD && bias != null && i < count; i++) {
      kernels.add(width, bias, column, y, at + i * ldy);
    }
  }

  /**
   * A tile of the feed-forward layer before its activation, and what the activation makes of it.
   */
  private void activate(
      Transformer.Linear linear,
      int from,
      int to,
      int row,
      int count,
      float[] in,
      int ldIn,
      float[] inputs,
      float[] y,
      int ldy,
      int slot) {
    PackedWeights weights = linear.weights();
    int column = from * PANEL;
    int width = (to - from) * PANEL;
    float[] tile = space.tiles[slot];
    start(linear.bias(), count, column, width, tile, 0, width);
    kernels.multiply(
        weights,
        from,
        to,
        count,
        in,
        row * ldIn,
        ldIn,
        inputs,
        row * Kernels.quantizedSize(weights.columns()),
        Kernels.quantizedTile(weights, rows.count()),
        tile,
        -column,
        width,
        space.scratch[slot]);
    Activation f = config.activation();
    if (config.gated()) {
      int at = row * ldy + column / 2;
      kernels.gate(f, count, width / (2 * PANEL), tile, 0, width, y, at, ldy);
      return;
    }
    for (int i = 0; i < count; i++) {
      kernels.activate(f, width, tile, i * width, y, (row + i) * ldy + column);
    }
  }

  /** What products are added to: the bias or zeros. */
  static void start(
      float @Nullable [] bias, int count, int column, int width, float[] y, int yAt, int ldy) {
    for (int row = 0; row < count; row++) {
      int at = yAt + row * ldy;
      if (bias == null) {
        Arrays.fill(y, at, at + width, 0f);
      } else {
        System.arraycopy(bias, column, y, at, width);
      }
    }
  }
}
