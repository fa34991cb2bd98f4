package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.team.Parallel;

/** Divides the attention of a pass among the members of the team. */
final class AttentionLayer {
  private final Parallel parallel;
  private final CachedAttention attention;
  private final Rows rows;
  private final int heads; // of keys and values

  AttentionLayer(
      TransformerConfig config, Parallel parallel, CachedAttention attention, Rows rows) {
    this.parallel = parallel;
    this.attention = attention;
    this.rows = rows;
    heads = config.keyValueHeads();
  }

  /** Computes {@code attended} from queries, keys and values in {@code wide}. */
  void attend(int layer, Transformer.Block block, int slot, int members) {
    int pieces = rows.pieces();
    if (pieces == rows.count()) {
      // one row each: the member that has a head of it prepares and attends
      int units = pieces * heads;
      int each = (units + members - 1) / members;
      for (int i = parallel.take(slot, each); i >= 0; i = parallel.take(slot, each)) {
        int unit = Parallel.share(units, 1, i / each, members) + i % each;
        if (unit < Parallel.share(units, 1, i / each + 1, members)) {
          int piece = unit / heads;
          attention.prepare(layer, block, piece, piece, 1, unit % heads);
          attention.attend(layer, piece, piece, 1, unit % heads, slot);
        }
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
          attention.prepare(layer, block, piece, row, count, head);
        }
        row += count;
      }
    }
    parallel.barrier();
    int tiles = 0;
    for (int piece = 0; piece < pieces; piece++) {
      tiles += tilesOf(piece);
    }
    // head by head, so that its keys and values stay in the second-level cache; the last tile of
    // each comes first: later rows see more, and the short ones fill the gaps at the end
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
    attention.attend(layer, piece, first, m, head, slot);
  }
}
