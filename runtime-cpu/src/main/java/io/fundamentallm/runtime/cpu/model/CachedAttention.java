package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.PackedWeights;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention of new rows over the blocks of their sessions (Vaswani et al. 2017), with
 * grouped queries (Ainslie et al. 2023) and windows. Letters: D head size, P positions of a block,
 * Q columns of queries, keys and values. Members of a team share one; each has a slot.
 */
final class CachedAttention {
  /** Query rows of one head that one thread computes together, in two parts. */
  static final int TILE = 48;

  /** Rows that see equally many blocks: whole tiles of twelve and of eight. */
  private static final int PART = 24;

  /** Blocks that a kernel gets at a time; narrow ones are widened before. */
  private static final int CHUNK = 8;

  private static final int P = KvBlock.POSITIONS;

  private final TransformerConfig config;
  private final Kernels kernels;
  private final KvCache cache;
  private final @Nullable RotaryTable rotary;
  private final int group; // query heads of one key/value head
  private final float scale;
  private final float[][] scratch; // [slot][Kernels.SCRATCH]
  private final float[][] scores; // [slot][rows][positions, a multiple of P]; grows with sessions
  private final float[][] sums; // [slot][rows][Dv]
  private final float[][][] widened; // [slot][CHUNK][panels of D][P][W]
  private final float[][][] chunks; // [slot][CHUNK] keys or values, those in widened or in blocks

  CachedAttention(
      TransformerConfig config,
      Kernels kernels,
      KvCache cache,
      @Nullable RotaryTable rotary,
      float[][] scratch) {
    this.config = config;
    this.kernels = kernels;
    this.cache = cache;
    this.rotary = rotary;
    this.scratch = scratch;
    group = config.heads() / config.keyValueHeads();
    scale = (float) (1 / Math.sqrt(config.headSize()));
    int slots = scratch.length;
    scores = new float[slots][0];
    sums = new float[slots][Math.max(TILE, group) * cache.valueColumns()];
    widened = new float[slots][CHUNK][cache.scratchSize()];
    chunks = new float[slots][CHUNK][];
  }

  /** Columns of a row of queries, keys and values. */
  static int columns(TransformerConfig config) {
    return PackedWeights.padded((config.heads() + 2 * config.keyValueHeads()) * config.headSize());
  }

  /**
   * Normalises and turns queries of a key/value head's group and its keys, and writes keys and
   * values into the session's block.
   *
   * @param row the first of the rows, which are of one piece and one block
   * @param count how many
   * @param qkv [R][Q]; queries and keys change in place
   */
  void prepare(
      int layer,
      Transformer.Block weights,
      Rows rows,
      int piece,
      int row,
      int count,
      int head,
      float[] qkv) {
    int d = config.headSize();
    int ldq = columns(config);
    int queries = row * ldq + head * group * d;
    int key = row * ldq + (config.heads() + head) * d;
    int value = key + config.keyValueHeads() * d;
    int position = rows.position(row);
    for (int i = 0; i < count; i++) {
      prepare(weights, position + i, queries + i * ldq, key + i * ldq, qkv);
    }
    KvBlock block = rows.session(piece).block(position / P);
    cache.store(block, layer, head, position % P, count, qkv, key, value, ldq);
  }

  private void prepare(Transformer.Block weights, int position, int queries, int key, float[] qkv) {
    int d = config.headSize();
    float epsilon = config.normEpsilon();
    float[] queryNorm = weights.queryNorm();
    if (queryNorm != null) {
      kernels.rmsNorm(group, d, epsilon, qkv, queries, d, queryNorm, 0, qkv, queries, d);
    }
    float[] keyNorm = weights.keyNorm();
    if (keyNorm != null) {
      kernels.rmsNorm(1, d, epsilon, qkv, key, d, keyNorm, 0, qkv, key, d);
    }
    if (rotary != null) {
      int half = rotary.half();
      float[] cosines = rotary.cosines();
      float[] sines = rotary.sines();
      for (int i = 0; i < group; i++) {
        kernels.rotate(half, cosines, sines, position * half, qkv, queries + i * d);
      }
      kernels.rotate(half, cosines, sines, position * half, qkv, key);
    }
  }

  /**
   * Attention of consecutive rows of one piece, for one key/value head and its group of queries.
   *
   * @param first first row
   * @param m number of rows
   * @param qkv [R][Q]
   * @param out [R][ldo], the heads' outputs side by side
   */
  void attend(
      int layer,
      Rows rows,
      int piece,
      int first,
      int m,
      int head,
      float[] qkv,
      float[] out,
      int ldo,
      int slot) {
    int d = config.headSize();
    int ldq = columns(config);
    int queries = first * ldq + head * group * d;
    int to = first * ldo + head * group * d;
    int end = config.heads() * d;
    for (int row = first; head == config.keyValueHeads() - 1 && row < first + m; row++) {
      Arrays.fill(out, row * ldo + end, (row + 1) * ldo, 0f); // other numbers may have been here
    }
    if (m == 1) {
      // the group's queries lie side by side: they are rows of one product
      attend(layer, rows, piece, first, 1, group, head, qkv, queries, d, out, to, d, slot);
      return;
    }
    for (int i = 0; i < group; i++) {
      attend(
          layer,
          rows,
          piece,
          first,
          m,
          1,
          head,
          qkv,
          queries + i * d,
          ldq,
          out,
          to + i * d,
          ldo,
          slot);
    }
  }

  private void attend(
      int layer,
      Rows rows,
      int piece,
      int first,
      int m,
      int perRow,
      int head,
      float[] qkv,
      int q,
      int ldq,
      float[] out,
      int o,
      int ldo,
      int slot) {
    int d = config.headSize();
    int dv = cache.valueColumns();
    int count = m * perRow;
    int start = rows.position(first);
    int window = config.windows().get(layer);
    int firstBlock = window == 0 ? 0 : Math.max(0, start - window + 1) / P;
    int hidden = firstBlock * P; // positions before those of the scores
    int blocks = (start + m + P - 1) / P - firstBlock;
    int width = blocks * P;
    CpuSession session = rows.session(piece);
    float[] s = scores(slot, count * width);
    float[][] chunk = chunks[slot];
    for (int b = 0; b < blocks; b += CHUNK) {
      int n = Math.min(CHUNK, blocks - b);
      for (int i = 0; i < n; i++) {
        KvBlock block = session.block(firstBlock + b + i);
        chunk[i] = cache.keys(kernels, block, layer, head, widened[slot][i]);
      }
      int at = cache.keysAt(layer, head);
      for (int i = 0; i < count; i += PART) {
        int part = Math.min(PART, count - i);
        int seen = (start + (i + part - 1) / perRow) / P + 1 - firstBlock;
        int to = i * width + b * P;
        kernels.scores(
            part,
            d,
            qkv,
            q + i * ldq,
            ldq,
            Math.min(n, seen - b),
            chunk,
            at,
            s,
            to,
            width,
            scratch[slot]);
      }
    }
    for (int i = 0; i < count; i++) {
      int position = start + i / perRow;
      int from = window == 0 ? 0 : Math.max(0, position - window + 1);
      kernels.probabilities(from - hidden, position + 1 - hidden, width, scale, s, i * width);
    }
    float[] sum = sums[slot];
    Arrays.fill(sum, 0, count * dv, 0f);
    for (int b = 0; b < blocks; b += CHUNK) {
      int n = Math.min(CHUNK, blocks - b);
      for (int i = 0; i < n; i++) {
        KvBlock block = session.block(firstBlock + b + i);
        chunk[i] = cache.values(kernels, block, layer, head, widened[slot][i]);
      }
      int at = cache.valuesAt(layer, head);
      for (int i = 0; i < count; i += PART) {
        int part = Math.min(PART, count - i);
        int seen = start + (i + part - 1) / perRow + 1 - hidden;
        int k = Math.min(n * P, seen - b * P);
        kernels.attentionOutput(
            part, d, k, s, i * width + b * P, width, chunk, at, sum, i * dv, dv, scratch[slot]);
      }
    }
    for (int i = 0; i < count; i++) {
      System.arraycopy(sum, i * dv, out, o + i * ldo, d);
    }
  }

  private float[] scores(int slot, int size) {
    if (scores[slot].length < size) {
      scores[slot] = new float[Math.max(size, 2 * scores[slot].length)];
    }
    return scores[slot];
  }
}
