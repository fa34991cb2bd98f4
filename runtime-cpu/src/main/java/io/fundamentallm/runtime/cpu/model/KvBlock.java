package io.fundamentallm.runtime.cpu.model;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keys and values of {@link #POSITIONS} consecutive positions, in all layers. Shared by the
 * sessions whose pasts agree there, with a count of them.
 *
 * <p>For each layer and head: keys [headDim][POSITIONS], positions in the SIMD lanes of the
 * products that give attention scores; then values [POSITIONS][headDim].
 */
final class KvBlock {
  /** Two vectors of 512 bits. */
  static final int POSITIONS = 32;

  final float[] values;
  private final AtomicInteger sharers = new AtomicInteger(1);

  /**
   * Positions that some sharer has written; guarded by the model's lock. A sharer whose past ends
   * here may write on in place, and the others never read what lies beyond their own length.
   */
  int written;

  KvBlock(int size) {
    values = new float[size];
  }

  /** Floats of one block. */
  static int size(Gpt2Config config) {
    return Math.multiplyExact(2 * POSITIONS * config.layers(), config.hiddenSize());
  }

  /** Index of the keys of a layer's head; its values follow {@code headDim·POSITIONS} later. */
  static int keysAt(Gpt2Config config, int layer, int head) {
    return 2 * POSITIONS * (layer * config.hiddenSize() + head * config.headSize());
  }

  void share() {
    sharers.incrementAndGet();
  }

  void release() {
    sharers.decrementAndGet();
  }

  boolean isShared() {
    return sharers.get() > 1;
  }

  /** Whether a session of this past may write from a position of the block on. */
  boolean writableFrom(int position) {
    return !isShared() || written == position;
  }

  /** A block of its own for one sharer, which gives up its share of this one. */
  KvBlock copyFor(int positions) {
    KvBlock copy = new KvBlock(values.length);
    System.arraycopy(values, 0, copy.values, 0, values.length);
    copy.written = positions;
    release();
    return copy;
  }
}
