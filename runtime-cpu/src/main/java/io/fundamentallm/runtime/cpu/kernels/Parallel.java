package io.fundamentallm.runtime.cpu.kernels;

import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs numbered pieces of work on the calling thread and on helpers beside it.
 *
 * <p>Pieces are claimed one by one in ascending order, so which thread runs a piece is a matter of
 * chance: whoever wants results that do not depend on the number of threads gives each piece its
 * own output. A piece learns a <em>slot</em>, a number below {@link #slots()} that no other thread
 * has at that time: scratch memory belongs to slots, not to callers.
 *
 * <p>Thread-safe; calls from several threads take turns. If no helper comes, as when an executor is
 * busy, the caller does all the work itself: it never waits for work that has not begun.
 */
public final class Parallel implements AutoCloseable {

  /** One numbered piece of work. */
  @FunctionalInterface
  public interface Piece {
    /**
     * Does the piece.
     *
     * @param index from 0 to the number of pieces − 1
     * @param slot the slot of the thread that runs it
     */
    void run(int index, int slot);
  }

  private final Helper[] helpers;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile @Nullable Region region;
  private boolean closed;

  private Parallel(int threads, @Nullable Executor executor) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be 1 or more, not " + threads);
    }
    helpers = new Helper[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Helper(this, i + 1, executor);
    }
  }

  /**
   * Work on the caller and {@code threads − 1} daemon threads of its own. They start when first
   * needed, wait actively for some microseconds after each piece of work, and then sleep.
   */
  public static Parallel ofThreads(int threads) {
    return new Parallel(threads, null);
  }

  /** Work on the caller and up to {@code threads − 1} tasks at a time of the given executor. */
  public static Parallel on(Executor executor, int threads) {
    return new Parallel(threads, executor);
  }

  /** The number of threads that may work at the same time, the caller included. */
  public int slots() {
    return helpers.length + 1;
  }

  /**
   * Runs all pieces and returns when all are done. What they wrote is then visible to the caller.
   *
   * <p>If a piece throws, no further ones begin, and the exception reaches the caller once those
   * under way have ended.
   *
   * @param pieces how many; none if zero
   * @throws IllegalStateException if called from within a piece on the calling thread
   */
  public void run(int pieces, Piece piece) {
    if (turn.isHeldByCurrentThread()) {
      throw new IllegalStateException("a piece of parallel work may not start parallel work");
    }
    turn.lock();
    try {
      if (pieces <= 1 || helpers.length == 0 || closed) {
        for (int i = 0; i < pieces; i++) {
          piece.run(i, 0);
        }
        return;
      }
      Region current = new Region(pieces, piece);
      region = current;
      for (int i = 0; i < helpers.length && i < pieces - 1; i++) {
        helpers[i].call();
      }
      current.work(0);
      current.awaitHelpers();
      region = null;
      current.rethrow();
    } finally {
      turn.unlock();
    }
  }

  /** The work that is going on, for helpers that have just been called. */
  @Nullable Region region() {
    return region;
  }

  /**
   * Ends the threads of its own; an executor of the application is left alone. Work that comes
   * later runs on its caller.
   */
  @Override
  public void close() {
    turn.lock();
    try {
      closed = true;
      for (Helper helper : helpers) {
        helper.close();
      }
    } finally {
      turn.unlock();
    }
  }
}
