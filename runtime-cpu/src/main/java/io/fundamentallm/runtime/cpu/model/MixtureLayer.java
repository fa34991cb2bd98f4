package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.PackedProduct;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A mixture of experts. The rows of a pass that go to the same expert lie together, so that its
 * weights are read once; each row's results are summed in the order of its own choice. So they do
 * not depend on the other rows.
 */
final class MixtureLayer {
  private static final int TILE = PackedProduct.PREPARED_TILES;

  /** Panels that a member computes at a time. */
  private static final int CHUNK = 8;

  private final TransformerConfig config;
  private final Kernels kernels;
  private final Parallel parallel;
  private final Workspace space;
  private final Rows rows;
  private final LinearLayer linear;
  private final int count; // of experts
  private final int used;
  private final boolean normalized;
  private final int innerSize; // columns inside an expert
  private final float[][] probabilities; // [slot][experts, padded]

  // [R·used], row by row
  private int[] chosen = {};
  private float[] weights = {};
  private int[] places = {}; // row in gathered
  private float[] sharedWeights = {}; // [R]

  // those that have rows, the shared one first
  private final Transformer.Expert[] active;
  private final int[] starts; // rows in gathered, each at the start of a tile
  private final int[] counts;
  private final int[] fill; // [experts]
  private int actives;

  private float[] gathered = {}; // [rows of all experts][c]
  private float[] outputs = {}; // the same
  private float[] inner = {}; // [rows of all experts][inner]
  private float[] sharedInner = {}; // [R][inner of the shared expert]
  private float[] prepared = {}; // inputs of all experts, as their weights need them
  private float[] sharedPrepared = {}; // those of the shared one's second layer, which may be wider

  MixtureLayer(
      TransformerConfig config,
      Kernels kernels,
      Parallel parallel,
      Workspace space,
      Rows rows,
      LinearLayer linear) {
    this.config = config;
    this.kernels = kernels;
    this.parallel = parallel;
    this.space = space;
    this.rows = rows;
    this.linear = linear;
    TransformerConfig.Experts experts = config.feedForward().experts();
    count = experts == null ? 1 : experts.count();
    used = experts == null ? 1 : experts.used();
    normalized = experts != null && experts.normalized();
    innerSize = PackedWeights.padded(config.innerSize());
    probabilities = new float[parallel.slots()][PackedWeights.padded(count)];
    active = new Transformer.Expert[count + 1];
    starts = new int[count + 1];
    counts = new int[count + 1];
    fill = new int[count];
  }

  /** Makes room for this many rows. */
  void grow(int r) {
    TransformerConfig.Experts experts = config.feedForward().experts();
    int all = r * used;
    if (experts == null || chosen.length >= all) {
      return;
    }
    chosen = new int[all];
    weights = new float[all];
    places = new int[all];
    sharedWeights = new float[r];
    int shared = experts.sharedSize() == 0 ? 0 : tiles(r);
    int most = shared + tiles(all) + Math.min(count, all) * TILE;
    gathered = new float[most * space.c];
    outputs = new float[most * space.c];
    inner = new float[most * innerSize];
    int sharedSize = PackedWeights.padded(experts.sharedSize());
    sharedInner = new float[shared * sharedSize];
    if (space.prepared.length > 0) {
      prepared = new float[most * PackedProduct.preparedSize(Math.max(space.c, innerSize))];
      sharedPrepared = new float[shared * PackedProduct.preparedSize(sharedSize)];
    }
  }

  private static int tiles(int r) {
    return (r + TILE - 1) / TILE * TILE;
  }

  /** Adds what the experts make of the residual stream to it. */
  void add(Transformer.Block block, int slot, int members) {
    Transformer.Router router = block.feedForward().router();
    if (router == null) {
      throw new IllegalStateException("there is no router");
    }
    for (int row = slot; row < rows.count(); row += members) {
      normalize(block.norm2(), row);
      route(router, row, slot);
    }
    parallel.barrier();
    if (slot == 0) {
      group(block.feedForward(), router);
    }
    parallel.barrier();
    for (int i = slot; i < rows.count() * used; i += members) {
      System.arraycopy(space.normed, i / used * space.c, gathered, places[i] * space.c, space.c);
    }
    for (int row = slot; router.shared() != null && row < rows.count(); row += members) {
      System.arraycopy(space.normed, row * space.c, gathered, row * space.c, space.c);
    }
    parallel.barrier();
    layer(true, slot);
    layer(false, slot);
    for (int row = slot; row < rows.count(); row += members) {
      sum(row, router.shared() != null);
    }
  }

  private void normalize(@Nullable Normalization norm, int row) {
    int at = row * space.c;
    if (norm == null) {
      System.arraycopy(space.x, at, space.normed, at, space.c);
    } else {
      linear.norm(norm, row, 1, space.normed, at);
    }
  }

  /** Chooses a row's experts: the most probable, and of equal ones the first. */
  private void route(Transformer.Router router, int row, int slot) {
    float[] p = probabilities[slot];
    multiply(router.weights(), row, p, slot);
    kernels.attention().softmax(count, count, 1f, p, 0);
    float sum = 0;
    for (int i = row * used; i < (row + 1) * used; i++) {
      int best = 0;
      for (int e = 1; e < count; e++) {
        best = p[e] > p[best] ? e : best;
      }
      chosen[i] = best;
      weights[i] = p[best];
      sum += p[best];
      p[best] = -1;
    }
    for (int i = row * used; normalized && i < (row + 1) * used; i++) {
      weights[i] /= sum;
    }
    if (router.sharedGate() != null) {
      multiply(router.sharedGate(), row, p, slot);
      sharedWeights[row] = (float) (1 / (1 + StrictMath.exp(-p[0])));
    } else {
      sharedWeights[row] = 1;
    }
  }

  /** One row of a small layer that is not quantised. */
  private void multiply(Transformer.Linear layer, int row, float[] y, int slot) {
    float[] bias = layer.bias();
    int n = PackedWeights.padded(layer.weights().rows());
    Arrays.fill(y, 0, n, 0f);
    if (bias != null) {
      System.arraycopy(bias, 0, y, 0, n);
    }
    PackedProduct product = space.products[slot];
    product.weights(layer.weights(), 1).inputs(space.normed, space.c, prepared);
    kernels
        .product()
        .multiply(product.panels(0, layer.weights().panels()).rows(row, 1).addTo(y, 0, n));
  }

  /** Gives each expert that was chosen its rows. */
  private void group(Transformer.FeedForward layer, Transformer.Router router) {
    int all = rows.count() * used;
    Arrays.fill(fill, 0);
    for (int i = 0; i < all; i++) {
      fill[chosen[i]]++;
    }
    actives = 0;
    int at = 0;
    if (router.shared() != null) {
      at = activate(router.shared(), at, rows.count());
    }
    for (int e = 0; e < count; e++) {
      if (fill[e] > 0) {
        int start = at;
        at = activate(layer.experts().get(e), at, fill[e]);
        fill[e] = start; // where its next row goes
      }
    }
    for (int i = 0; i < all; i++) {
      places[i] = fill[chosen[i]]++;
    }
  }

  private int activate(Transformer.Expert expert, int start, int rowCount) {
    active[actives] = expert;
    starts[actives] = start;
    counts[actives++] = rowCount;
    return start + tiles(rowCount);
  }

  /** The first or the second layer of all experts. */
  private void layer(boolean up, int slot) {
    boolean prepares = false;
    for (int i = 0; i < actives; i++) {
      prepare(i, up, slot);
      prepares |= kernels.product().prepares(space.products[slot]);
    }
    if (prepares) {
      for (int i = parallel.claim(); i < actives; i = parallel.claim()) {
        prepare(i, up, slot);
        linear.prepare(starts[i], counts[i], slot);
      }
      parallel.barrier();
    }
    int passed = 0;
    int unit = parallel.claim();
    for (int i = 0; i < actives; i++) {
      Transformer.Linear layer = linear(i, up);
      int panels = layer.weights().panels();
      int chunks = (panels + CHUNK - 1) / CHUNK;
      for (; unit < passed + chunks; unit = parallel.claim()) {
        int from = (unit - passed) * CHUNK;
        prepare(i, up, slot);
        float[] y = !up ? outputs : isShared(i) ? sharedInner : inner;
        linear.panels(layer, from, Math.min(panels, from + CHUNK), starts[i], counts[i], y, slot);
      }
      passed += chunks;
    }
    parallel.barrier();
  }

  private Transformer.Linear linear(int i, boolean up) {
    return up ? active[i].up() : active[i].down();
  }

  private boolean isShared(int i) {
    return i == 0 && sharedInner.length > 0;
  }

  private void prepare(int i, boolean up, int slot) {
    PackedWeights of = linear(i, up).weights();
    float[] x = up ? gathered : isShared(i) ? sharedInner : inner;
    space
        .products[slot]
        .weights(of, counts[i])
        .inputs(
            x, PackedWeights.padded(of.columns()), !up && isShared(i) ? sharedPrepared : prepared);
  }

  /** A row's outputs, in the order in which it chose the experts, the shared one last. */
  private void sum(int row, boolean shared) {
    int n = config.hiddenSize();
    for (int i = row * used; i < (row + 1) * used; i++) {
      add(places[i], weights[i], n, row);
    }
    if (shared) {
      add(row, sharedWeights[row], n, row);
    }
  }

  private void add(int place, float weight, int n, int row) {
    kernels.elementwise().scale(n, weight, outputs, place * space.c);
    kernels.elementwise().add(n, outputs, place * space.c, space.x, row * space.c);
  }
}
