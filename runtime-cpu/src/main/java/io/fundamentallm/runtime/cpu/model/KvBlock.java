package io.fundamentallm.runtime.cpu.model;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of {@link #POSITIONS} consecutive positions, in all layers. Shared by the
 * sessions whose pasts agree there, with a count of them. What its arrays hold where, {@link
 * KvCache} knows.
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
   * here may write on in place, and the others never read what lies beyond their own length.
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

  /** For the one that a block is handed to anew. */
  void takeAgain() {
    sharers.set(1);
    written = 0;
  }

  /** Whether a session of this past may write from a position of the block on. */
  boolean writableFrom(int position) {
    return sharers.get() == 1 || written == position;
  }

  /** Takes over all that another block holds, which counts up to a position. */
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
