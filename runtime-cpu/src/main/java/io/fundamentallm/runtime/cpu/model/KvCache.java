package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.math.Half;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.product.ScalarProduct;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The memory for keys and values of all sessions of one model, in blocks, within a budget.
 *
 * <p>For each layer and key/value head a block holds keys [D][P], positions in the SIMD lanes of
 * the products that give attention scores, then values [panels of D][P][W]: D head size, P
 * positions of a block, W columns of a panel, equal to P; the last panel has zeros after column D.
 * Bytes have one scale for the key and one for the value of each position.
 *
 * <p>Any thread may take and give back blocks.
 */
public final class KvCache {
  private static final int P = KvBlock.POSITIONS;
  private static final int W = PackedWeights.PANEL;

  /** Blocks kept for the next session, so that short ones do not allocate. */
  private static final int MAX_SPARE = 16;

  /** How keys and values are held. */
  public enum Format {
    /** 32-bit floats, as they were computed. */
    F32,
    /** 16-bit floats. */
    F16,
    /** 8 bits, with a scale for each position of a head. */
    INT8
  }

  private final Format format;
  private final int keyValueHeads;
  private final int headSize;
  private final int rowSize; // of queries, keys and values
  private final int valueColumns; // D rounded up to whole panels
  private final int elements; // of a block
  private final int heads; // of a block, in all layers
  private final long blockBytes;
  private final LongSupplier budget;
  private final @Nullable HeapShare share;
  private final int switchesAt;
  private final ArrayDeque<KvBlock> spare = new ArrayDeque<>();
  private final List<BooleanSupplier> holders = new CopyOnWriteArrayList<>();
  private int inUse;

  /** Bytes that sessions keep besides their blocks. */
  private long reserved;

  /** Bytes of all that, and of spare blocks; written under the lock. */
  private volatile long held;

  /**
   * An empty cache.
   *
   * @param budget bytes that all blocks together may take
   */
  public KvCache(TransformerConfig config, Format format, long budget) {
    this(config, format, OptionalLong.of(budget), null);
  }

  /**
   * An empty cache of one of several models.
   *
   * @param budget bytes that all blocks together may take; if empty, what the share allows
   * @param share the heap that all have; null if it is of no matter
   */
  KvCache(TransformerConfig config, Format format, OptionalLong budget, @Nullable HeapShare share) {
    this.format = format;
    this.share = share;
    this.budget =
        budget.isPresent() || share == null
            ? () -> budget.orElse(Long.MAX_VALUE)
            : () -> share.budget(this);
    switchesAt = config.switchesAt();
    keyValueHeads = config.keyValueHeads();
    headSize = config.headSize();
    rowSize = CachedAttention.columns(config);
    valueColumns = PackedWeights.padded(headSize);
    heads = Math.multiplyExact(config.layers(), keyValueHeads);
    elements = Math.multiplyExact(heads, P * (headSize + valueColumns));
    blockBytes =
        switch (format) {
          case F32 -> 4L * elements;
          case F16 -> 2L * elements;
          case INT8 -> elements + 8L * P * heads;
        };
  }

  /**
   * A block that belongs to the caller alone.
   *
   * @throws CacheFullException when the budget is spent, and nobody keeps sessions for later
   */
  KvBlock acquire() {
    while (!hasRoom() && reclaim()) {
      // until there is room, or nothing more to be had
    }
    return allocate();
  }

  /** Whether one more block fits, or is ready. */
  private synchronized boolean hasRoom() {
    return !spare.isEmpty() || fits(blockBytes);
  }

  /** Without the lock, which closing a session takes, and which others may wait for meanwhile. */
  private boolean reclaim() {
    if (reclaimOwn()) {
      return true;
    }
    for (KvCache other : share == null ? List.<KvCache>of() : share.besides(this)) {
      if (other.dropSpare() || other.reclaimOwn()) {
        return true;
      }
    }
    return false;
  }

  /** Gives back to the heap what is kept for the next session; whether there was something. */
  private synchronized boolean dropSpare() {
    boolean some = !spare.isEmpty();
    spare.clear();
    hold();
    return some;
  }

  private boolean reclaimOwn() {
    for (BooleanSupplier holder : holders) {
      if (holder.getAsBoolean()) {
        return true;
      }
    }
    return false;
  }

  /** See {@link io.fundamentallm.model.LanguageModel#onCacheFull}. */
  Runnable onFull(BooleanSupplier holder) {
    holders.add(holder);
    return () -> holders.remove(holder);
  }

  private synchronized KvBlock allocate() {
    KvBlock block = spare.poll();
    if (block == null) {
      long most = budget.getAsLong();
      if ((inUse + 1) * blockBytes > most - reserved) {
        throw new CacheFullException(
            "the key/value cache is full: sessions hold "
                + inUse
                + " blocks of "
                + blockBytes
                + " bytes, "
                + P
                + " tokens each, "
                + (reserved == 0 ? "" : "and " + reserved + " bytes of hidden states, ")
                + "and the budget is "
                + most
                + " bytes; close sessions, or load the model with a larger cache-memory");
      }
      block =
          switch (format) {
            case F32 -> new KvBlock(new float[Floats.FRONT + elements], null, null, null);
            case F16 -> new KvBlock(null, new short[elements], null, null);
            case INT8 -> new KvBlock(null, null, new byte[elements], new float[2 * P * heads]);
          };
    } else {
      block.reset();
    }
    inUse++;
    hold();
    return block;
  }

  /** Gives one share of a block back. */
  void release(KvBlock block) {
    if (block.release()) {
      recycle(block);
    }
  }

  private synchronized void recycle(KvBlock block) {
    inUse--;
    long most = budget.getAsLong();
    if (spare.size() < MAX_SPARE && (inUse + spare.size() + 1) * blockBytes <= most - reserved) {
      spare.push(block);
    }
    hold();
  }

  /**
   * Counts bytes that a session keeps besides its blocks.
   *
   * @param more than before; negative to give back
   * @throws CacheFullException when the budget is spent; then they are not counted
   */
  void reserve(long more) {
    while (more > 0 && !fits(more) && reclaim()) {
      // until there is room, or nothing more to be had
    }
    count(more);
  }

  private synchronized boolean fits(long more) {
    return more <= budget.getAsLong() - reserved - inUse * blockBytes;
  }

  private synchronized void count(long more) {
    long most = budget.getAsLong();
    long left = most - reserved - inUse * blockBytes;
    if (more > 0 && more > left) {
      throw new CacheFullException(
          "the key/value cache is full: of the budget of "
              + most
              + " bytes "
              + left
              + " are left, and "
              + more
              + " more are needed for hidden states; close sessions, or load the model with a"
              + " larger cache-memory");
    }
    reserved += more;
    while (!spare.isEmpty() && (inUse + spare.size()) * blockBytes > most - reserved) {
      spare.pop();
    }
    hold();
  }

  /** Called under the lock. */
  private void hold() {
    held = (inUse + spare.size()) * blockBytes + reserved;
  }

  /** Bytes that are taken from the heap now. Takes no lock: other models ask. */
  long bytesHeld() {
    return held;
  }

  /** The model is closed: its memory is for others. */
  void close() {
    if (share != null) {
      share.leave(this);
    }
  }

  /** Bytes that sessions keep besides their blocks. */
  public synchronized long bytesReserved() {
    return reserved;
  }

  /** What a block takes. */
  long bytesOfBlock() {
    return blockBytes;
  }

  /** Blocks that sessions hold. */
  public synchronized int blocksInUse() {
    return inUse;
  }

  /** The length beyond which the keys of a sequence are rotated by other divisors. */
  int switchesAt() {
    return switchesAt;
  }

  /** Columns of the values that {@link #values} gives. */
  int valueColumns() {
    return valueColumns;
  }

  /** Floats of scratch that {@link #keys} and {@link #values} need; none where floats are held. */
  int scratchSize() {
    return format == Format.F32 ? 0 : P * valueColumns;
  }

  private int at(int layer, int head) {
    return (layer * keyValueHeads + head) * P * (headSize + valueColumns);
  }

  private int scaleAt(int layer, int head) {
    return (layer * keyValueHeads + head) * 2 * P;
  }

  /** Index of a head's keys in the array that {@link #keys} gives. */
  int keysAt(int layer, int head) {
    return format == Format.F32 ? Floats.FRONT + at(layer, head) : 0;
  }

  /** Index of a head's values in the array that {@link #values} gives. */
  int valuesAt(int layer, int head) {
    return format == Format.F32 ? Floats.FRONT + at(layer, head) + P * headSize : 0;
  }

  /** The keys [D][P] of a head, in the block itself or in scratch. */
  float[] keys(AttentionKernels kernels, KvBlock block, int layer, int head, float[] scratch) {
    int n = P * headSize;
    int at = at(layer, head);
    if (block.floats != null) {
      return block.floats;
    } else if (block.halves != null) {
      kernels.dequantize(n, block.halves, at, scratch, 0);
    } else if (block.bytes != null && block.scales != null) {
      int scales = scaleAt(layer, head);
      kernels.dequantizeKeys(n, block.bytes, at, block.scales, scales, scratch, 0);
    }
    return scratch;
  }

  /** The values [panels of D][P][W] of a head, in the block itself or in scratch. */
  float[] values(AttentionKernels kernels, KvBlock block, int layer, int head, float[] scratch) {
    int n = P * valueColumns;
    int at = at(layer, head) + P * headSize;
    if (block.floats != null) {
      return block.floats;
    } else if (block.halves != null) {
      kernels.dequantize(n, block.halves, at, scratch, 0);
    } else if (block.bytes != null && block.scales != null) {
      int scales = scaleAt(layer, head) + P;
      for (int i = 0; i < n; i += P * W) {
        kernels.dequantizeValues(P * W, block.bytes, at + i, block.scales, scales, scratch, i);
      }
    }
    return scratch;
  }

  /**
   * Writes keys and values of neighbouring positions of a block.
   *
   * @param position the first, within the block
   * @param count how many
   * @param qkv rows of queries, keys and values
   * @param keyAt index of the head's key in the first row
   */
  void store(KvBlock block, int layer, int head, int position, int count, float[] qkv, int keyAt) {
    int valueAt = keyAt + keyValueHeads * headSize;
    int start = at(layer, head) + (format == Format.F32 ? Floats.FRONT : 0);
    int keys = start + position;
    int values = start + P * headSize + position * W;
    if (block.floats != null) {
      ScalarProduct.transpose(count, headSize, qkv, keyAt, rowSize, block.floats, keys, P);
    }
    for (int i = 0; i < count; i++) {
      int key = keyAt + i * rowSize;
      int value = valueAt + i * rowSize;
      int to = values + i * W;
      if (block.floats != null) {
        for (int j = 0; j < headSize; j += W) {
          System.arraycopy(qkv, value + j, block.floats, to + j * P, Math.min(W, headSize - j));
        }
      } else if (block.halves != null) {
        for (int j = 0; j < headSize; j++) {
          block.halves[keys + i + j * P] = Half.fromFloat(qkv[key + j]);
          block.halves[to + j % W + j / W * W * P] = Half.fromFloat(qkv[value + j]);
        }
      } else if (block.bytes != null && block.scales != null) {
        int scales = scaleAt(layer, head) + position + i;
        block.scales[scales] = quantize(headSize, qkv, key, block.bytes, keys + i, P);
        block.scales[scales + P] = quantize(headSize, qkv, value, block.bytes, to, 1);
      }
    }
  }

  /** The step is P between channels of a key, and 1 between those of a value within a panel. */
  private static float quantize(int n, float[] x, int at, byte[] q, int qAt, int step) {
    float largest = 0;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, Math.abs(x[at + i]));
    }
    float inverse = largest == 0 ? 0 : 127 / largest;
    for (int i = 0; i < n; i++) {
      q[qAt + i % W * step + i / W * W * P] = (byte) Math.round(x[at + i] * inverse);
    }
    return largest / 127;
  }

  /** Blocks as bytes in a file. */
  BlockBytes blockBytes() {
    int start = format == Format.F32 ? Floats.FRONT : 0;
    return new BlockBytes(format, heads, headSize, valueColumns, start);
  }
}
