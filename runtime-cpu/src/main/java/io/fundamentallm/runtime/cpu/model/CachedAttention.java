package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.NormKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention of new rows over the blocks of their sessions (Vaswani et al. 2017), with
 * grouped queries (Ainslie et al. 2023) and windows. Symbols: D head size, P positions of a block,
 * Q columns of queries, keys and values. Members of a team share one instance; each has a slot.
 */
final class CachedAttention {
  /** Query rows of one head that one thread computes together, in two parts. */
  static final int TILE = 48;

  /** Rows that see equally many blocks: whole tiles of twelve and of eight. */
  private static final int PART = 24;

  /** Blocks that a kernel gets at a time; narrow ones are dequantized first. */
  private static final int CHUNK = 8;

  private static final int P = KvBlock.POSITIONS;

  private final TransformerConfig config;
  private final AttentionKernels kernels;
  private final NormKernels norms;
  private final ElementwiseKernels elements;
  private final KvCache cache;
  private final List<@Nullable RotaryTable> rotary; // of each layer
  private final List<float @Nullable []> sinks; // of each layer, one for each head
  private final int group; // query heads of one key/value head
  private final float scale;
  private final Workspace space;
  private final Rows rows;
  private final float[][] scores; // [slot][rows][positions, a multiple of P]; grows with sessions
  private final float[][] sums; // [slot][rows][Dv]
  private final float[][][] dequantized; // [slot][CHUNK][panels of D][P][W]
  private final float[][][]
      chunks; // [slot][CHUNK] keys or values, those in dequantized or in blocks

  CachedAttention(
      TransformerConfig config,
      Kernels kernels,
      KvCache cache,
      List<@Nullable RotaryTable> rotary,
      List<float @Nullable []> sinks,
      Workspace space,
      Rows rows) {
    this.config = config;
    this.kernels = kernels.attention();
    norms = kernels.norm();
    elements = kernels.elementwise();
    this.cache = cache;
    this.rotary = rotary;
    this.sinks = sinks;
    this.space = space;
    this.rows = rows;
    group = config.heads() / config.keyValueHeads();
    scale = config.attention().scale();
    int slots = space.attention.length;
    scores = new float[slots][0];
    sums = new float[slots][Math.max(TILE, group) * cache.valueColumns()];
    dequantized = new float[slots][CHUNK][cache.scratchSize()];
    chunks = new float[slots][CHUNK][];
  }

  /** Columns of a row of queries, keys and values. */
  static int columns(TransformerConfig config) {
    return PackedWeights.padded((config.heads() + 2 * config.keyValueHeads()) * config.headSize());
  }

  /**
   * Normalises and rotates the queries of a key/value head's group and its keys, and writes keys
   * and values into the session's block.
   *
   * @param row the first of the rows, all in one piece and one block
   * @param count how many
   */
  void prepare(int layer, Transformer.Block weights, int piece, int row, int count, int head) {
    int d = config.headSize();
    int ldq = space.q;
    int queries = row * ldq + head * group * d;
    int key = row * ldq + (config.heads() + head) * d;
    int position = rows.position(row);
    RotaryTable usual = rotary.get(layer);
    RotaryTable table = usual == null ? null : usual.of(rows.beyond(piece));
    for (int i = 0; i < count; i++) {
      normalize(weights, queries + i * ldq, key + i * ldq);
      rotate(table, position + i, queries + i * ldq, key + i * ldq);
    }
    KvBlock block = rows.session(piece).block(position / P);
    cache.store(block, layer, head, position % P, count, space.wide, key);
  }

  private void normalize(Transformer.Block weights, int queries, int key) {
    if (config.attention().norm() == TransformerConfig.QueryKeyNorm.WIDTH) {
      return; // has been done for all heads together
    }
    float[] qkv = space.wide;
    Normalization queryNorm = weights.headNorms().queries();
    if (queryNorm != null) {
      norms.forward(queryNorm, group, qkv, queries, qkv, queries);
    }
    Normalization keyNorm = weights.headNorms().keys();
    if (keyNorm != null) {
      norms.forward(keyNorm, 1, qkv, key, qkv, key);
    }
  }

  private void rotate(@Nullable RotaryTable table, int position, int queries, int key) {
    if (table == null) {
      return;
    }
    int half = table.half();
    float[] cosines = table.cosines();
    float[] sines = table.sines();
    for (int i = 0; i < group; i++) {
      int query = queries + i * config.headSize();
      kernels.rotate(half, cosines, sines, position * half, space.wide, query);
    }
    kernels.rotate(half, cosines, sines, position * half, space.wide, key);
  }

  /**
   * Attention of consecutive rows of one piece, for one key/value head and its group of queries.
   *
   * @param first first row
   * @param m number of rows
   */
  void attend(int layer, int piece, int first, int m, int head, int slot) {
    int end = config.heads() * config.headSize();
    for (int row = first; head == config.keyValueHeads() - 1 && row < first + m; row++) {
      // other numbers may have been left here
      Arrays.fill(space.attended, row * space.a + end, (row + 1) * space.a, 0f);
    }
    int queries = head * group;
    if (m == 1) {
      // the group's queries are side by side: they are rows of one product
      attend(layer, piece, first, 1, queries, group, slot);
      return;
    }
    for (int i = 0; i < group; i++) {
      attend(layer, piece, first, m, queries + i, 1, slot);
    }
  }

  /** The same for one query head, or for several in one row. */
  private void attend(int layer, int piece, int first, int m, int query, int perRow, int slot) {
    int d = config.headSize();
    int head = query / group;
    float[] qkv = space.wide;
    int q = first * space.q + query * d;
    int ldq = m == 1 ? d : space.q;
    int dv = cache.valueColumns();
    int count = m * perRow;
    int start = rows.position(first);
    int window = config.positions().get(layer).window();
    int firstBlock = window == 0 ? 0 : Math.max(0, start - window + 1) / P;
    int hidden = firstBlock * P; // positions before those of the scores
    int blocks = (start + m + P - 1) / P - firstBlock;
    float[] sink = sinks.get(layer);
    // a sink takes the place of one more position
    int width = sink == null ? blocks * P : (blocks + 1) * P;
    CpuSession session = rows.session(piece);
    float[] s = scores(slot, count * width);
    float[][] chunk = chunks[slot];
    for (int b = 0; b < blocks; b += CHUNK) {
      int n = Math.min(CHUNK, blocks - b);
      for (int i = 0; i < n; i++) {
        KvBlock block = session.block(firstBlock + b + i);
        chunk[i] = cache.keys(kernels, block, layer, head, dequantized[slot][i]);
      }
      int at = cache.keysAt(layer, head);
      for (int i = 0; i < count; i += PART) {
        int part = Math.min(PART, count - i);
        int seen = (start + (i + part - 1) / perRow) / P + 1 - firstBlock;
        int to = i * width + b * P;
        kernels.scores(
            space
                .attention[slot]
                .shape(part, Math.min(n, seen - b) * P, d)
                .left(qkv, q + i * ldq, ldq)
                .blocks(chunk, at)
                .into(s, to, width));
      }
    }
    for (int i = 0; i < count; i++) {
      int position = start + i / perRow;
      int from = window == 0 ? 0 : Math.max(0, position - window + 1);
      float factor = scale;
      if (config.attention().softCap() > 0) {
        int at = i * width + from - hidden;
        elements.cap(position + 1 - from, scale, config.attention().softCap(), s, at);
        factor = 1;
      }
      int end = position + 1 - hidden;
      if (sink == null) {
        kernels.probabilities(from - hidden, end, width, factor, s, i * width);
      } else {
        s[i * width + end] = sink[query + i % perRow] / factor;
        kernels.probabilities(from - hidden, end + 1, width, factor, s, i * width);
        s[i * width + end] = 0;
      }
    }
    float[] sum = sums[slot];
    Arrays.fill(sum, 0, count * dv, 0f);
    for (int b = 0; b < blocks; b += CHUNK) {
      int n = Math.min(CHUNK, blocks - b);
      for (int i = 0; i < n; i++) {
        KvBlock block = session.block(firstBlock + b + i);
        chunk[i] = cache.values(kernels, block, layer, head, dequantized[slot][i]);
      }
      int at = cache.valuesAt(layer, head);
      for (int i = 0; i < count; i += PART) {
        int part = Math.min(PART, count - i);
        int seen = start + (i + part - 1) / perRow + 1 - hidden;
        int k = Math.min(n * P, seen - b * P);
        kernels.output(
            space
                .attention[slot]
                .shape(part, d, k)
                .left(s, i * width + b * P, width)
                .blocks(chunk, at)
                .into(sum, i * dv, dv));
      }
    }
    int o = first * space.a + query * d;
    int ldo = m == 1 ? d : space.a;
    for (int i = 0; i < count; i++) {
      System.arraycopy(sum, i * dv, space.attended, o + i * ldo, d);
    }
  }

  private float[] scores(int slot, int size) {
    if (scores[slot].length < size) {
      scores[slot] = new float[Math.max(size, 2 * scores[slot].length)];
    }
    return scores[slot];
  }
}
