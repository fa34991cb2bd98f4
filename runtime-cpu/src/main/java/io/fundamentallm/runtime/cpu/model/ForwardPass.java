package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.List;
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
  private final @Nullable RotaryTable rotary;
  private final Parallel.Member member = this::member;

  private final Workspace space;
  private final Rows rows;
  private final Results results;
  private final LinearLayer linear;
  private final AttentionLayer attention;
  private Cancellation cancellation = Cancellation.none();

  ForwardPass(Transformer transformer, Kernels kernels, Parallel parallel, KvCache cache) {
    this.transformer = transformer;
    this.config = transformer.config();
    this.kernels = kernels;
    this.parallel = parallel;
    space = new Workspace(transformer, parallel.slots());
    rows = new Rows(space.maxRows());
    results = new Results(space.maxRows());
    Rotary rule = config.rotary();
    rotary = rule == null ? null : new RotaryTable(rule);
    linear = new LinearLayer(config, kernels, parallel, space, rows);
    CachedAttention cached = new CachedAttention(config, kernels, cache, rotary, space, rows);
    attention = new AttentionLayer(config, parallel, cached, rows);
  }

  /** Computes a checked batch whose sessions have room reserved. */
  void forward(List<Append> batch, Cancellation cancellation) {
    this.cancellation = cancellation;
    rows.begin(batch);
    try {
      while (rows.next()) {
        space.grow(rows.count());
        if (rotary != null) {
          rotary.extendTo(rows.lastPosition() + 1, config.contextLength());
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
      attention.attend(layer, block, slot, members);
      parallel.barrier();
      if (config.parallelResidual()) {
        // reads the block's input, as attention did
        linear.product(block.norm2(), block.up(), space.x, space.wide, slot, members);
        parallel.barrier();
        linear.product(null, block.attentionOut(), space.attended, space.x, slot, members);
      } else {
        linear.product(null, block.attentionOut(), space.attended, space.x, slot, members);
        parallel.barrier();
        linear.product(block.norm2(), block.up(), space.x, space.wide, slot, members);
      }
      parallel.barrier();
      linear.product(null, block.down(), space.wide, space.x, slot, members);
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
      if (table != null) {
        kernels.elementwise().add(n, table, rows.position(row) * n, space.x, row * space.c);
      }
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
    float[] inputs = few ? space.ownQuantized[slot] : space.quantized;
    space.products[slot].weights(head, count).inputs(states, space.c, inputs);
    linear.quantize(head, from, to - from, slot);
    if (!few) {
      parallel.barrier();
    }
    if (results.logitCount() == 0) {
      return;
    }
    int panels = head.panels();
    if (few) {
      int units = (panels + 1) / 2;
      int end = Math.min(panels, units * (slot + 1) / members * 2);
      for (int i = units * slot / members * 2; i < end; i += Workspace.TILE_PANELS) {
        logits(i, Math.min(end, i + Workspace.TILE_PANELS), slot);
      }
      return;
    }
    for (int i = parallel.claim() * Workspace.TILE_PANELS;
        i < panels;
        i = parallel.claim() * Workspace.TILE_PANELS) {
      logits(i, Math.min(panels, i + Workspace.TILE_PANELS), slot);
    }
  }

  /** Logits of the tokens of some panels, into the callers' arrays. */
  private void logits(int from, int to, int slot) {
    Transformer.Linear head = transformer.head();
    int column = from * PANEL;
    int width = (to - from) * PANEL;
    int valid = Math.min(width, config.vocabularySize() - column);
    for (int row = 0; row < results.logitCount(); row += Workspace.TILE_ROWS) {
      int count = Math.min(Workspace.TILE_ROWS, results.logitCount() - row);
      float[] tile = linear.tile(head, from, to, row, count, slot);
      for (int i = 0; i < count; i++) {
        System.arraycopy(tile, i * width, results.logits(row + i), column, valid);
      }
    }
  }
}
