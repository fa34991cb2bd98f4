package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.QueryKeyNorm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass over new tokens, with the keys and values of the old ones in blocks. Each row's
 * results do not depend on the rows that are computed with it.
 *
 * <p>The whole pass is one job for the team: its members go through the layers side by side and
 * meet at barriers, five in a layer when there are few rows. Symbols: R rows of the pass, C hidden
 * size, V vocabulary, all padded to whole panels with zeros. One pass at a time.
 */
final class ForwardPass {
  private static final int PANEL = PackedWeights.PANEL;

  private final TransformerConfig config;
  private final Transformer transformer;
  private final Kernels kernels;
  private final Parallel parallel;
  private final Map<Rotary, RotaryTable> tables = new LinkedHashMap<>();
  private final Parallel.Member member = this::member;

  private final Workspace space;
  private final Rows rows;
  private final Results results;
  private final LinearLayer linear;
  private final AttentionLayer attention;
  private final @Nullable MixtureLayer mixture; // of the layers that have experts
  private Cancellation cancellation = Cancellation.none();

  ForwardPass(Transformer transformer, Kernels kernels, Parallel parallel, KvCache cache) {
    this.transformer = transformer;
    this.config = transformer.config();
    this.kernels = kernels;
    this.parallel = parallel;
    space = new Workspace(transformer, kernels.product(), parallel.slots());
    rows = new Rows(space.maxRows());
    results = new Results(space.maxRows());
    List<@Nullable RotaryTable> rotary = new ArrayList<>(); // of each layer
    for (TransformerConfig.Positions layer : config.positions()) {
      Rotary rule = layer.rotary();
      rotary.add(rule == null ? null : tables.computeIfAbsent(rule, RotaryTable::new));
    }
    linear = new LinearLayer(config, kernels, parallel, space, rows);
    List<float @Nullable []> sinks = new ArrayList<>();
    for (Transformer.Block block : transformer.blocks()) {
      sinks.add(block.sinks());
    }
    CachedAttention cached =
        new CachedAttention(config, kernels, cache, rotary, sinks, space, rows);
    mixture =
        config.feedForward().experts() == null
            ? null
            : new MixtureLayer(config, kernels, parallel, space, rows, linear);
    attention = new AttentionLayer(config, parallel, cached, rows);
  }

  /** Computes a checked batch whose sessions have room reserved. */
  void forward(List<Append> batch, Cancellation cancellation) {
    this.cancellation = cancellation;
    rows.begin(batch);
    try {
      while (rows.next()) {
        space.grow(rows.count());
        if (mixture != null) {
          mixture.grow(rows.count());
        }
        for (RotaryTable table : tables.values()) {
          table.extendTo(rows.lastPosition() + 1, config.contextLength());
        }
        results.collect(rows);
        parallel.together(member);
      }
    } finally {
      rows.end();
      results.end();
      this.cancellation = Cancellation.none();
    }
  }

  /** Frees what is outside the heap. */
  void close() {
    space.close();
  }

  /** What each member of the team does, from the embedding to the logits. */
  private void member(int slot, int members) {
    embed(slot, members);
    parallel.barrier();
    for (int layer = 0; layer < config.layers(); layer++) {
      if (slot == 0) {
        cancellation.throwIfCancelled();
      }
      Transformer.Block block = transformer.blocks().get(layer);
      linear.product(block.norm1(), block.queryKeyValue(), space.x, space.wide, slot, members);
      parallel.barrier();
      normalize(block.headNorms(), slot, members);
      attention.attend(layer, block, slot, members);
      parallel.barrier();
      if (config.norms().parallel()) {
        // reads the block's input, as attention did
        linear.product(block.norm2(), block.up(), space.x, space.wide, slot, members);
        parallel.barrier();
        linear.product(null, block.attentionOut(), space.attended, space.x, slot, members);
      } else {
        add(block.attentionOut(), space.attended, block.after1(), slot, members);
        parallel.barrier();
        if (mixture != null && block.feedForward().router() != null) {
          mixture.add(block, slot, members);
          parallel.barrier();
          continue;
        }
        linear.product(block.norm2(), block.up(), space.x, space.wide, slot, members);
      }
      parallel.barrier();
      add(block.down(), space.wide, block.after2(), slot, members);
      parallel.barrier();
    }
    if (results.count() > 0) {
      results(slot, members);
    }
  }

  private void embed(int slot, int members) {
    float[] table = transformer.positions();
    int n = config.hiddenSize();
    for (int row = slot; row < rows.count(); row += members) {
      transformer.embedding().row(rows.token(row), space.x, row * space.c);
      if (config.scales().embedding() != 1) {
        kernels.elementwise().scale(n, config.scales().embedding(), space.x, row * space.c);
      }
      if (table != null) {
        kernels.elementwise().add(n, table, rows.position(row) * n, space.x, row * space.c);
      }
    }
  }

  /** Normalises queries and keys over all heads together, where that is done. */
  private void normalize(Transformer.HeadNorms norms, int slot, int members) {
    Normalization queries = norms.queries();
    Normalization keys = norms.keys();
    if (config.attention().norm() != QueryKeyNorm.WIDTH || queries == null || keys == null) {
      return;
    }
    int keysAt = config.heads() * config.headSize();
    for (int row = slot; row < rows.count(); row += members) {
      int at = row * space.q;
      kernels.norm().forward(queries, 1, space.wide, at, space.wide, at);
      kernels.norm().forward(keys, 1, space.wide, at + keysAt, space.wide, at + keysAt);
    }
    parallel.barrier();
  }

  /**
   * Adds a layer's outputs to the residual stream.
   *
   * @param after the norm that comes before
   */
  private void add(
      Transformer.Linear layer, float[] in, @Nullable Normalization after, int slot, int members) {
    if (layer.then() == Transformer.OutputAction.ADD) {
      linear.product(null, layer, in, space.x, slot, members);
      return;
    }
    linear.product(null, layer, in, space.branch, slot, members);
    parallel.barrier();
    int n = config.hiddenSize();
    for (int row = slot; row < rows.count(); row += members) {
      int at = row * space.c;
      if (after != null) {
        kernels.norm().forward(after, 1, space.branch, at, space.branch, at);
      }
      if (config.scales().residual() != 1) {
        kernels.elementwise().scale(n, config.scales().residual(), space.branch, at);
      }
      kernels.elementwise().add(n, space.branch, at, space.x, at);
    }
  }

  /** The last norm, and the logits and hidden states asked for. */
  private void results(int slot, int members) {
    int count = results.count();
    int n = config.hiddenSize();
    boolean few = count <= Workspace.FEW_ROWS;
    int from = few ? 0 : Workspace.share(count, slot, members);
    int to = few ? count : Workspace.share(count, slot + 1, members);
    float[] states = few ? space.ownNormed[slot] : space.normed;
    for (int i = from; i < to; i++) {
      linear.norm(transformer.finalNorm(), results.row(i), 1, states, i * space.c);
      if (results.hidden(i).length > 0 && (slot == 0 || !few)) {
        System.arraycopy(states, i * space.c, results.hidden(i), 0, n);
      }
    }
    PackedWeights head = transformer.head().weights();
    float[] inputs = few ? space.ownPrepared[slot] : space.prepared;
    space
        .products[slot]
        .weights(head, count)
        .inputs(states, space.c, inputs)
        .shared(few ? null : space.shared);
    linear.prepare(from, to - from, slot);
    if (!few) {
      parallel.barrier();
    }
    if (results.logitCount() == 0) {
      return;
    }
    int panels = head.panels();
    int most = few ? LinearLayer.PART_PANELS : Workspace.TILE_PANELS;
    int each = LinearLayer.parts(panels, 2, members, most);
    for (int i = parallel.take(slot, each); i >= 0; i = parallel.take(slot, each)) {
      int first = Parallel.share(panels, 2, i / each, members) + i % each * most;
      int end = Parallel.share(panels, 2, i / each + 1, members);
      logits(first, Math.min(end, first + most), slot);
    }
  }

  private void scale(int n, float[] logits, int at) {
    TransformerConfig.Scales scales = config.scales();
    if (scales.logitCap() > 0) {
      kernels.elementwise().cap(n, scales.logits(), scales.logitCap(), logits, at);
    } else if (scales.logits() != 1) {
      kernels.elementwise().scale(n, scales.logits(), logits, at);
    }
  }

  /** Logits of the tokens of some panels, into the callers' arrays. */
  private void logits(int from, int to, int slot) {
    if (from >= to) {
      return; // a share that is smaller than others
    }
    Transformer.Linear head = transformer.head();
    int column = from * PANEL;
    int width = (to - from) * PANEL;
    int valid = Math.min(width, config.vocabularySize() - column);
    for (int row = 0; row < results.logitCount(); row += Workspace.TILE_ROWS) {
      int count = Math.min(Workspace.TILE_ROWS, results.logitCount() - row);
      float[] tile = linear.tile(head, from, to, row, count, slot);
      for (int i = 0; i < count; i++) {
        scale(width, tile, i * width);
        System.arraycopy(tile, i * width, results.logits(row + i), column, valid);
      }
    }
  }
}
