package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.Append;
import io.fundamentallm.Cancellation;
import io.fundamentallm.runtime.cpu.kernels.Activation;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass over new tokens, with the keys and values of the old ones in blocks. Each row's
 * results are the same whatever rows are computed beside it.
 *
 * <p>The whole pass is one work of the team: its members go through the layers side by side and
 * meet at barriers, five in a layer when there are few rows. Letters: R rows of the pass, C hidden
 * size, V vocabulary, all padded to whole panels with zeros. One pass at a time.
 */
final class ForwardPass {
  /**
   * Rows computed together, at most and at least; a prefill by 512 was slower, by 96 or 128 no
   * faster.
   */
  private static final int MOST_ROWS = 256;

  private static final int LEAST_ROWS = 64;

  /**
   * What the activations may take: a part of the weights' bytes, so that a model takes little more
   * memory than its weights, but enough for a good many rows of a small one.
   */
  private static final double PART_OF_WEIGHTS = 0.07;

  private static final long LEAST_BYTES = 4L << 20;

  /** Many rows are divided by multiples of this, the tiles of quantised rows. */
  private static final int TILED = Kernels.QUANTIZED_TILES;

  /** Up to so many rows every member normalises all by itself, which costs less than a barrier. */
  private static final int FEW_ROWS = 4;

  /** Rows and panels that a member computes in a tile of its own before they go elsewhere. */
  private static final int TILE_ROWS = 10 * Kernels.QUANTIZED_TILES;

  private static final int TILE_PANELS = 8;

  /** Rows of the parts into which many rows are divided, at least. */
  private static final int PART_ROWS = 48;

  private static final int PANEL = PackedWeights.PANEL;
  private static final float[] NONE = {};

  private final TransformerConfig config;
  private final Transformer transformer;
  private final Kernels kernels;
  private final Parallel parallel;
  private final @Nullable RotaryTable rotary;
  private final CachedAttention attention;
  private final Parallel.Member member = this::member;

  private final int c; // columns of the residual stream
  private final int q; // columns of queries, keys and values
  private final int a; // columns of the heads' outputs
  private final int inner; // columns of the feed-forward layer

  // Grown to the rows that came so far.
  private float[] x = NONE; // [R][c] the residual stream
  private float[] normed = NONE; // [R][c]
  private float[] attended = NONE; // [R][a]; normed, unless both are needed at a time
  private float[] wide = NONE; // [R][q] queries, keys and values, then [R][inner]
  private float[] quantized = NONE; // [R][inputs of the widest product], for quantised weights

  private final int quantizedSize; // of a row; 0 if no weights are quantised
  private final float[][] ownNormed; // [slot][FEW_ROWS][c]
  private final float[][] ownQuantized; // [slot][whole tiles of FEW_ROWS][quantizedSize]
  private final float[][] tiles; // [slot][TILE_ROWS][TILE_PANELS·PANEL]
  private final float[][] scratch; // [slot][Kernels.SCRATCH]
  private final float[][] means; // [slot][MOST_ROWS]
  private final float[][] deviations; // [slot][MOST_ROWS]

  private final Rows rows;
  private final Results results;
  private Cancellation cancellation = Cancellation.none();

  ForwardPass(Transformer transformer, Kernels kernels, Parallel parallel, KvCache cache) {
    this.transformer = transformer;
    this.config = transformer.config();
    this.kernels = kernels;
    this.parallel = parallel;
    c = PackedWeights.padded(config.hiddenSize());
    q = CachedAttention.columns(config);
    a = PackedWeights.padded(config.heads() * config.headSize());
    inner = PackedWeights.padded(config.innerSize());
    int widest = Math.max(c, Math.max(a, inner));
    quantizedSize = transformer.quantized() ? Kernels.quantizedSize(widest) : 0;
    int slots = parallel.slots();
    scratch = new float[slots][Kernels.SCRATCH];
    ownNormed = new float[slots][FEW_ROWS * c];
    ownQuantized = new float[slots][wholeTiles(FEW_ROWS) * quantizedSize];
    tiles = new float[slots][TILE_ROWS * TILE_PANELS * PANEL];
    means = new float[slots][MOST_ROWS];
    deviations = new float[slots][MOST_ROWS];
    int most = mostRows();
    rows = new Rows(most);
    results = new Results(most);
    Rotary rule = config.rotary();
    rotary = rule == null ? null : new RotaryTable(rule);
    attention = new CachedAttention(config, kernels, cache, rotary, scratch);
  }

  /** Computes a checked batch whose sessions have room reserved. */
  void forward(List<Append> batch, Cancellation cancellation) {
    this.cancellation = cancellation;
    rows.begin(batch);
    try {
      while (rows.next()) {
        grow(rows.count());
        if (rotary != null) {
          rotary.reach(rows.lastPosition() + 1, config.contextLength());
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

  /** Floats that one row of activations takes. */
  private int rowSize() {
    return c
        + (config.parallelResidual() ? c + a : Math.max(c, a))
        + Math.max(q, inner)
        + quantizedSize;
  }

  private int mostRows() {
    long bytes = Math.max(LEAST_BYTES, (long) (PART_OF_WEIGHTS * transformer.bytes()));
    return (int) Math.max(LEAST_ROWS, Math.min(MOST_ROWS, bytes / (4L * rowSize())));
  }

  private void grow(int count) {
    if (x.length < count * c) {
      x = new float[count * c];
      // not needed at the same time, but for a parallel residual
      normed = new float[count * (config.parallelResidual() ? c : Math.max(c, a))];
      attended = config.parallelResidual() ? new float[count * a] : normed;
      wide = new float[count * Math.max(q, inner)];
      quantized = new float[wholeTiles(count) * quantizedSize];
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
      product(Then.WRITE, block.norm1(), block.queryKeyValue(), x, c, wide, q, slot, members);
      parallel.barrier();
      attend(layer, block, slot, members);
      parallel.barrier();
      if (config.parallelResidual()) {
        // reads the block's input, as attention did
        feedForward(block, slot, members);
        parallel.barrier();
        product(Then.ADD, null, block.attentionOut(), attended, a, x, c, slot, members);
      } else {
        product(Then.ADD, null, block.attentionOut(), attended, a, x, c, slot, members);
        parallel.barrier();
        feedForward(block, slot, members);
      }
      parallel.barrier();
      product(Then.ADD, null, block.down(), wide, inner, x, c, slot, members);
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
      transformer.embedding().row(rows.token(row), x, row * c);
      if (table != null) {
        kernels.add(n, table, rows.position(row) * n, x, row * c);
      }
    }
  }

  private void feedForward(Transformer.Block block, int slot, int members) {
    product(Then.ACTIVATE, block.norm2(), block.up(), x, c, wide, inner, slot, members);
  }

  private void attend(int layer, Transformer.Block block, int slot, int members) {
    int heads = config.keyValueHeads();
    int pieces = rows.pieces();
    if (pieces == rows.count()) {
      // one row each: whoever has a head of it prepares and attends
      int units = pieces * heads;
      boolean divided = pieces <= FEW_ROWS;
      int first = divided ? units * slot / members : parallel.claim();
      int end = divided ? units * (slot + 1) / members : units;
      for (int unit = first; unit < end; unit = divided ? unit + 1 : parallel.claim()) {
        int piece = unit / heads;
        attention.prepare(layer, block, rows, piece, piece, 1, unit % heads, wide);
        attention.attend(layer, rows, piece, piece, 1, unit % heads, wide, attended, a, slot);
      }
      return;
    }
    int run = 0;
    for (int piece = 0; piece < pieces; piece++) {
      int end = rows.firstRow(piece) + rows.rowsOf(piece);
      for (int row = rows.firstRow(piece); row < end; run++) {
        // rows of one block of the cache
        int count = KvBlock.POSITIONS - rows.position(row) % KvBlock.POSITIONS;
        count = Math.min(count, end - row);
        for (int head = 0; run % members == slot && head < heads; head++) {
          attention.prepare(layer, block, rows, piece, row, count, head, wide);
        }
        row += count;
      }
    }
    parallel.barrier();
    int tiles = 0;
    for (int piece = 0; piece < pieces; piece++) {
      tiles += tilesOf(piece);
    }
    // head by head, whose keys and values then stay in the second-level cache; of each the last
    // tile first: later rows see more, and the short ones fill the gaps at the end
    for (int i = parallel.claim(); i < tiles * heads; i = parallel.claim()) {
      attendTile(layer, tiles - 1 - i % tiles, i / tiles, slot);
    }
  }

  private int tilesOf(int piece) {
    return (rows.rowsOf(piece) + CachedAttention.TILE - 1) / CachedAttention.TILE;
  }

  private void attendTile(int layer, int index, int head, int slot) {
    int piece = 0;
    int tile = index;
    while (tile >= tilesOf(piece)) {
      tile -= tilesOf(piece++);
    }
    int first = rows.firstRow(piece) + tile * CachedAttention.TILE;
    int end = rows.firstRow(piece) + rows.rowsOf(piece);
    int m = Math.min(CachedAttention.TILE, end - first);
    attention.attend(layer, rows, piece, first, m, head, wide, attended, a, slot);
  }

  private enum Then {
    WRITE,
    ADD,
    ACTIVATE
  }

  /**
   * A linear layer, after a norm where one is given: {@code y = W·norm(in) + bias}; or added to y,
   * or activated.
   */
  private void product(
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
    boolean few = count <= FEW_ROWS;
    int from = few ? 0 : share(count, slot, members);
    int to = few ? count : share(count, slot + 1, members);
    PackedWeights weights = linear.weights();
    float[] input = in;
    if (norm != null) {
      input = few ? ownNormed[slot] : normed;
      norm(norm, from, to - from, input, from * c, slot);
    }
    float[] inputs = few ? ownQuantized[slot] : quantized;
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
      int start = share(count, i / across, parts);
      int rowEnd = share(count, i / across + 1, parts);
      int panel = i % across * chunk;
      int end = Math.min(panels, panel + chunk);
      panels(then, linear, panel, end, start, rowEnd - start, input, ldIn, inputs, y, ldy, slot);
    }
  }

  /** Inputs of some rows as the weights take them, of all that are computed together. */
  private void quantize(
      PackedWeights weights, int row, int count, int all, float[] in, int ldIn, float[] to) {
    if (weights.quantized()) {
      int tile = Kernels.quantizedTile(weights, all);
      int at = row * Kernels.quantizedSize(weights.columns());
      kernels.quantizeRows(weights, count, tile, in, row * ldIn, ldIn, to, at);
    }
  }

  /** Where a part of many rows begins: with a whole tile. */
  private static int share(int count, int part, int parts) {
    return Math.min(count, wholeTiles(count) / TILED * part / parts * TILED);
  }

  private static int wholeTiles(int count) {
    return (count + TILED - 1) / TILED * TILED;
  }

  private void norm(ModelWeights.Norm norm, int row, int count, float[] y, int yAt, int slot) {
    int n = config.hiddenSize();
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
          means[slot],
          deviations[slot],
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
      for (int r = row; r < row + count; r += TILE_ROWS) {
        int part = Math.min(TILE_ROWS, row + count - r);
        for (int panel = from; panel < to; panel += TILE_PANELS) {
          int end = Math.min(to, panel + TILE_PANELS);
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
        scratch[slot]);
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
    float[] tile = tiles[slot];
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
        scratch[slot]);
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

  /** The last norm, and the logits and hidden states asked for. */
  private void results(int slot, int members) {
    int count = results.count();
    int n = config.hiddenSize();
    boolean few = count <= FEW_ROWS;
    int from = few ? 0 : share(count, slot, members);
    int to = few ? count : share(count, slot + 1, members);
    float[] states = few ? ownNormed[slot] : normed;
    for (int i = from; i < to; i++) {
      norm(transformer.finalNorm(), results.row(i), 1, states, i * c, slot);
      if (results.hidden(i).length > 0 && (slot == 0 || !few)) {
        System.arraycopy(states, i * c, results.hidden(i), 0, n);
      }
    }
    PackedWeights head = transformer.head().weights();
    float[] inputs = few ? ownQuantized[slot] : quantized;
    quantize(head, from, to - from, count, states, c, inputs);
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
      for (int i = units * slot / members * 2; i < end; i += TILE_PANELS) {
        logits(i, Math.min(end, i + TILE_PANELS), states, inputs, slot);
      }
      return;
    }
    for (int i = parallel.claim() * TILE_PANELS; i < panels; i = parallel.claim() * TILE_PANELS) {
      logits(i, Math.min(panels, i + TILE_PANELS), states, inputs, slot);
    }
  }

  /** Logits of the tokens of some panels, into the callers' arrays. */
  private void logits(int from, int to, float[] states, float[] inputs, int slot) {
    Transformer.Linear head = transformer.head();
    int column = from * PANEL;
    int width = (to - from) * PANEL;
    int valid = Math.min(width, config.vocabularySize() - column);
    float[] tile = tiles[slot];
    for (int row = 0; row < results.logitCount(); row += TILE_ROWS) {
      int count = Math.min(TILE_ROWS, results.logitCount() - row);
      start(head.bias(), count, column, width, tile, 0, width);
      kernels.multiply(
          head.weights(),
          from,
          to,
          count,
          states,
          row * c,
          c,
          inputs,
          row * Kernels.quantizedSize(config.hiddenSize()),
          Kernels.quantizedTile(head.weights(), results.count()),
          tile,
          -column,
          width,
          scratch[slot]);
      for (int i = 0; i < count; i++) {
        System.arraycopy(tile, i * width, results.logits(row + i), column, valid);
      }
    }
  }
}
