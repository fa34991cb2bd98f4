package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.PackedProduct;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.model.Transformer.OutputAction;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Divides the products of a pass among the members of the team, with the norms before them. */
final class LinearLayer {
  /** The fewest rows of a part when many rows are divided; so many are not. */
  private static final int PART_ROWS = 48;

  /** From so many rows on parts are of fewer panels: M's prefill is 6 % faster for it on Zen 5. */
  private static final int MANY_ROWS = 64;

  /** Rows of each member from which quantised weights are unpacked by each. */
  private static final int OWN_ROWS = 128;

  /**
   * The panels of a part where few rows are computed: some ten to a hundred microseconds. In parts
   * of 8 an int8 model of 110M parameters decoded at two thirds of this speed on Zen 5.
   */
  static final int PART_PANELS = 8 * Workspace.TILE_PANELS;

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

  /**
   * A linear layer, after a norm if one is given: {@code W·norm(in) + bias} becomes y, is added to
   * it, or is activated first.
   *
   * @param in [R][columns of W, padded]
   * @param y [R][rows of W, padded; half of them where gated]
   */
  void product(
      @Nullable Normalization norm,
      Transformer.Linear linear,
      float[] in,
      float[] y,
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
      norm(norm, from, to - from, input, from * space.c);
    }
    float[] inputs = few ? space.ownPrepared[slot] : space.prepared;
    space
        .products[slot]
        .weights(weights, count)
        .inputs(input, PackedWeights.padded(weights.columns()), inputs)
        .shared(few ? null : space.shared);
    boolean prepared = prepare(from, to - from, slot);
    if (!few && (norm != null || prepared)) {
      parallel.barrier();
    }
    int panels = weights.panels();
    if (count <= PART_ROWS) {
      boolean pairs =
          linear.then() == OutputAction.ACTIVATE && config.feedForward().gated()
              || panels >= 8 * members;
      int unit = few && !pairs ? 1 : 2;
      int most = few ? PART_PANELS : chunk(panels, 4 * members);
      int each = parts(panels, unit, members, most);
      for (int i = parallel.take(slot, each); i >= 0; i = parallel.take(slot, each)) {
        int first = Parallel.share(panels, unit, i / each, members) + i % each * most;
        int end = Parallel.share(panels, unit, i / each + 1, members);
        panels(linear, first, Math.min(end, first + most), 0, count, y, slot);
      }
      return;
    }
    if (space.shared == null && weights.quantized() && count >= OWN_ROWS * members) {
      ownRows(linear, count, y, slot, members);
      return;
    }
    // of many rows, what a part reads and writes again and again stays in the second-level cache;
    // kernels outside the heap see to that themselves
    int chunk = chunk(panels, (count < MANY_ROWS || space.shared != null ? 4 : 12) * members);
    // few panels would leave members idle at the end, so the rows are divided too
    int across = (panels + chunk - 1) / chunk;
    int parts = across < 4 * members ? Math.min(4, (count + PART_ROWS - 1) / PART_ROWS) : 1;
    for (int i = parallel.claim(); i < across * parts; i = parallel.claim()) {
      int start = Workspace.share(count, i / across, parts);
      int rowEnd = Workspace.share(count, i / across + 1, parts);
      int panel = i % across * chunk;
      int end = Math.min(panels, panel + chunk);
      panels(linear, panel, end, start, rowEnd - start, y, slot);
    }
  }

  /**
   * All panels for the rows that the member prepared, then what others have not begun. Each member
   * unpacks the weights, and has its inputs in its own cache: on Zen 5, where two processors may
   * not share one, a prefill of S is 2 to 12 % faster for it. Floats gain nothing.
   */
  private void ownRows(Transformer.Linear linear, int count, float[] y, int slot, int members) {
    int panels = linear.weights().panels();
    int chunk = chunk(panels, 6 * members);
    int each = (panels + chunk - 1) / chunk;
    for (int i = parallel.take(slot, each); i >= 0; i = parallel.take(slot, each)) {
      int start = Workspace.share(count, i / each, members);
      int end = Workspace.share(count, i / each + 1, members);
      int panel = i % each * chunk;
      panels(linear, panel, Math.min(panels, panel + chunk), start, end - start, y, slot);
    }
  }

  /** Panels of a part when there are so many parts, in pairs. */
  private static int chunk(int panels, int parts) {
    return Math.max(2, panels / parts & -2);
  }

  /** Parts of at most so many panels in the largest share of a member. */
  static int parts(int panels, int unit, int members, int most) {
    int units = (panels + unit - 1) / unit;
    int largest = (units + members - 1) / members * unit;
    return (largest + most - 1) / most;
  }

  /**
   * Prepares some rows of the current inputs as the weights need them.
   *
   * @return false if they need nothing
   */
  boolean prepare(int row, int count, int slot) {
    boolean needed = kernels.product().prepares(space.products[slot]);
    if (needed) {
      kernels.product().prepareRows(space.products[slot].rows(row, count));
    }
    return needed;
  }

  /** Normalises rows of the residual stream. */
  void norm(Normalization norm, int row, int count, float[] y, int yAt) {
    int c = space.c;
    kernels.norm().forward(norm, count, space.x, row * c, y, yAt);
    for (int i = 0; i < count; i++) {
      // attention outputs may have been left here
      Arrays.fill(y, yAt + i * c + norm.size(), yAt + (i + 1) * c, 0f);
    }
  }

  /** The columns of some panels, for some rows, with the inputs that {@code slot} has. */
  void panels(
      Transformer.Linear linear, int from, int to, int row, int count, float[] y, int slot) {
    if (from >= to) {
      return; // a share that is smaller than others
    }
    if (linear.then() == OutputAction.ACTIVATE) {
      for (int panel = from; panel < to; panel += Workspace.TILE_PANELS) {
        int end = Math.min(to, panel + Workspace.TILE_PANELS);
        for (int r = row; r < row + count; r += Workspace.TILE_ROWS) {
          int part = Math.min(Workspace.TILE_ROWS, row + count - r);
          activate(linear, panel, end, r, part, y, slot);
        }
      }
      return;
    }
    float[] bias = linear.bias();
    int ldy = PackedWeights.padded(linear.weights().rows());
    int column = from * PANEL;
    int width = (to - from) * PANEL;
    int at = row * ldy + column;
    if (linear.then() == OutputAction.WRITE) {
      start(bias, count, column, width, y, at, ldy);
    }
    PackedProduct product = space.products[slot];
    kernels.product().multiply(product.panels(from, to).rows(row, count).addTo(y, row * ldy, ldy));
    for (int i = 0; linear.then() == OutputAction.ADD && bias != null && i < count; i++) {
      kernels.elementwise().add(width, bias, column, y, at + i * ldy);
    }
  }

  /** A tile of a layer's outputs, in {@link Workspace#tiles}: [rows][panels·PANEL]. */
  float[] tile(Transformer.Linear linear, int from, int to, int row, int count, int slot) {
    int column = from * PANEL;
    int width = (to - from) * PANEL;
    float[] tile = space.tiles[slot];
    start(linear.bias(), count, column, width, tile, 0, width);
    PackedProduct product = space.products[slot];
    kernels
        .product()
        .multiply(product.panels(from, to).rows(row, count).addTo(tile, -column, width));
    return tile;
  }

  /** A tile of the feed-forward layer, with the activation applied. */
  private void activate(
      Transformer.Linear linear, int from, int to, int row, int count, float[] y, int slot) {
    float[] tile = tile(linear, from, to, row, count, slot);
    int column = from * PANEL;
    int width = (to - from) * PANEL;
    Activation f = config.feedForward().activation();
    int all = PackedWeights.padded(linear.weights().rows());
    int inner = config.feedForward().gated() ? all / 2 : all;
    ElementwiseKernels elements = kernels.elementwise();
    for (int i = 0; i < count; i++) {
      int at = (row + i) * inner;
      float limit = config.feedForward().limit();
      if (limit > 0) {
        elements.limitedGate(limit, width / (2 * PANEL), tile, i * width, y, at + column / 2);
      } else if (config.feedForward().gated()) {
        elements.gate(f, width / (2 * PANEL), tile, i * width, y, at + column / 2);
      } else {
        elements.activate(f, width, tile, i * width, y, at + column);
      }
    }
  }

  /** What products are added to: the bias or zeros. */
  private static void start(
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
