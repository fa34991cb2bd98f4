package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.Form;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;

/**
 * Causal attention of new rows over the blocks of their sessions (Vaswani et al. 2017). Letters: D
 * head size, P positions of a block.
 */
final class CachedAttention {
  /** Query rows of one head that one thread computes together. */
  private static final int TILE = 32;

  private static final int P = KvBlock.POSITIONS;

  private final Gpt2Config config;
  private final Kernels kernels;
  private final Parallel parallel;
  private final float scale;
  private final float[][] scratch; // [slot][Kernels.SCRATCH]
  private final float[][] scores; // [slot][TILE][positions, a multiple of P]; grows with sessions

  CachedAttention(Gpt2Config config, Kernels kernels, Parallel parallel, float[][] scratch) {
    this.config = config;
    this.kernels = kernels;
    this.parallel = parallel;
    this.scratch = scratch;
    scale = (float) (1 / Math.sqrt(config.headSize()));
    scores = new float[parallel.slots()][TILE * P];
  }

  /**
   * Writes the rows' keys and values into the blocks, and the heads' outputs.
   *
   * @param qkv [R][3C]
   * @param out [R][C]
   */
  void attend(int layer, Rows rows, float[] qkv, float[] out) {
    for (int piece = 0; piece < rows.pieces(); piece++) {
      store(layer, rows, piece, qkv);
    }
    int heads = config.heads();
    int tiles = 0;
    for (int piece = 0; piece < rows.pieces(); piece++) {
      tiles += tilesOf(rows, piece);
    }
    parallel.run(
        tiles * heads,
        (index, slot) -> attend(layer, index % heads, index / heads, rows, qkv, out, slot));
  }

  private static int tilesOf(Rows rows, int piece) {
    return (rows.rowsOf(piece) + TILE - 1) / TILE;
  }

  private void store(int layer, Rows rows, int piece, float[] qkv) {
    int c = config.hiddenSize();
    int d = config.headSize();
    CpuSession session = rows.session(piece);
    for (int i = 0; i < rows.rowsOf(piece); i++) {
      int row = rows.firstRow(piece) + i;
      int within = rows.position(row) % P;
      float[] block = session.block(rows.position(row) / P).values;
      for (int head = 0; head < config.heads(); head++) {
        int keys = KvBlock.keysAt(config, layer, head);
        int k = row * 3 * c + c + head * d;
        for (int j = 0; j < d; j++) {
          block[keys + j * P + within] = qkv[k + j];
        }
        System.arraycopy(qkv, k + c, block, keys + d * P + within * d, d);
      }
    }
  }

  private void attend(
      int layer, int head, int tile, Rows rows, float[] qkv, float[] out, int slot) {
    int piece = 0;
    while (tile >= tilesOf(rows, piece)) {
      tile -= tilesOf(rows, piece++);
    }
    int first = rows.firstRow(piece) + tile * TILE;
    int m = Math.min(TILE, rows.firstRow(piece) + rows.rowsOf(piece) - first);
    int c = config.hiddenSize();
    int d = config.headSize();
    int keys = KvBlock.keysAt(config, layer, head);
    int start = rows.position(first);
    int length = start + m; // positions that the last row sees
    int blocks = (length + P - 1) / P;
    CpuSession session = rows.session(piece);
    int width = blocks * P;
    if (scores[slot].length < TILE * width) {
      scores[slot] = new float[TILE * Math.max(width, 2 * scores[slot].length / TILE)];
    }
    float[] s = scores[slot];
    for (int b = 0; b < blocks; b++) {
      kernels.product(
          Form.A_B,
          m,
          P,
          d,
          qkv,
          first * 3 * c + head * d,
          3 * c,
          session.block(b).values,
          keys,
          P,
          null,
          0,
          0,
          s,
          b * P,
          width,
          scratch[slot]);
    }
    for (int i = 0; i < m; i++) {
      kernels.softmax(start + i + 1, length, scale, s, i * width);
    }
    int o = first * c + head * d;
    for (int b = 0; b < blocks; b++) {
      kernels.product(
          Form.A_B,
          m,
          d,
          Math.min(P, length - b * P),
          s,
          b * P,
          width,
          session.block(b).values,
          keys + d * P,
          d,
          b == 0 ? null : out,
          o,
          c,
          out,
          o,
          c,
          scratch[slot]);
    }
  }
}
