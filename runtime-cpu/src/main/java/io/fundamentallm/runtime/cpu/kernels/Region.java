package io.fundamentallm.runtime.cpu.kernels;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One call of {@link Parallel#run}: the pieces not yet claimed, and the helpers inside. */
final class Region {

  private static final int CLOSED = -1;

  private final int pieces;
  private final Parallel.Piece piece;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile @Nullable Thread waiting;

  Region(int pieces, Parallel.Piece piece) {
    this.pieces = pieces;
    this.piece = piece;
  }

  /** Claims and runs pieces until none is left. */
  void work(int slot) {
    try {
      for (int i = next.getAndIncrement(); i < pieces; i = next.getAndIncrement()) {
        piece.run(i, slot);
      }
    } catch (Throwable t) {
      failure.compareAndSet(null, t);
      next.set(pieces);
    }
  }

  /** Lets a helper in, unless the caller has already gone on. */
  boolean enter() {
    for (int now = inside.get(); now != CLOSED; now = inside.get()) {
      if (inside.compareAndSet(now, now + 1)) {
        return true;
      }
    }
    return false;
  }

  void leave() {
    if (inside.decrementAndGet() == 0) {
      LockSupport.unpark(waiting);
    }
  }

  /** Waits for the helpers inside, and lets no more in. */
  void awaitHelpers() {
    long deadline = System.nanoTime() + Helper.SPIN_NANOS;
    while (!inside.compareAndSet(0, CLOSED)) {
      if (waiting == null && System.nanoTime() > deadline) {
        // Published before the next look at the count, so that the last helper finds it.
        waiting = Thread.currentThread();
      } else if (waiting == null) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
  }

  void rethrow() {
    Throwable t = failure.get();
    if (t instanceof Error error) {
      throw error;
    }
    if (t != null) {
      // A piece declares no checked exception.
      throw (RuntimeException) t;
    }
  }
}
