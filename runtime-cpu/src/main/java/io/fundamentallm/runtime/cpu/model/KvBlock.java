package io.fundamentallm.runtime.cpu.model;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of {@link #POSITIONS} consecutive positions, in all layers. Shared, with a count,
 * by the sessions that have the same past there. {@link KvCache} knows the layout of its arrays.
 */
final class KvBlock {
  /** Two vectors of 512 bits. */
  static final int POSITIONS = 32;

  // One of these, and scales beside bytes.
  final float @Nullable [] floats;
  final short @Nullable [] halves;
  final byte @Nullable [] bytes;
  final float @Nullable [] scales;

  private final AtomicInteger sharers = new AtomicInteger(1);

  /**
   * Positions that some sharer has written; guarded by the model's lock. A sharer whose past ends
   * here may continue in place; the others never read beyond their own length.
   */
  int written;

  KvBlock(
      float @Nullable [] floats,
      short @Nullable [] halves,
      byte @Nullable [] bytes,
      float @Nullable [] scales) {
    this.floats = floats;
    this.halves = halves;
    this.bytes = bytes;
    this.scales = scales;
  }

  void share() {
    sharers.incrementAndGet();
  }

  /** Whether this was the last share. */
  boolean release() {
    return sharers.decrementAndGet() == 0;
  }

  /** Resets a block for its next session. */
  void reset() {
    sharers.set(1);
    written = 0;
  }

  /** Whether a session with this past may write from a position of the block on. */
  boolean writableFrom(int position) {
    return sharers.get() == 1 || written == position;
  }

  /** Copies all of another block; what is in it counts up to a position. */
  void copy(KvBlock from, int positions) {
    if (floats != null && from.floats != null) {
      System.arraycopy(from.floats, 0, floats, 0, floats.length);
    }
    if (halves != null && from.halves != null) {
      System.arraycopy(from.halves, 0, halves, 0, halves.length);
    }
    if (bytes != null && from.bytes != null) {
      System.arraycopy(from.bytes, 0, bytes, 0, bytes.length);
    }
    if (scales != null && from.scales != null) {
      System.arraycopy(from.scales, 0, scales, 0, scales.length);
    }
    written = positions;
  }
}
