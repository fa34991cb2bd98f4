package io.fundamentallm.runtime.cpu.kernels;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Whoever works in one slot of a {@link Parallel}: a thread of its own, or a task of an executor.
 */
final class Helper implements Runnable {

  /**
   * How long to wait actively before sleeping. A training step is about a hundred regions of 50 to
   * 500 µs, and waking a sleeping thread takes about 50 µs.
   */
  static final long SPIN_NANOS = 50_000;

  private final Parallel parallel;
  private final int slot;
  private final @Nullable Executor executor;
  private final AtomicBoolean called = new AtomicBoolean();
  private @Nullable Thread thread;
  private volatile boolean sleeping;
  private volatile boolean closed;

  Helper(Parallel parallel, int slot, @Nullable Executor executor) {
    this.parallel = parallel;
    this.slot = slot;
    this.executor = executor;
  }

  /** Asks for help with the current region. Called by one thread at a time. */
  void call() {
    // A task still queued from an earlier region serves this one: an executor that never runs
    // anything does not fill up with dead tasks.
    if (!called.compareAndSet(false, true)) {
      return;
    }
    if (executor != null) {
      try {
        executor.execute(this);
      } catch (RuntimeException | Error e) {
        called.set(false); // this helper does not come, as when the executor is busy
      }
    } else if (thread == null) {
      Thread fresh = new Thread(this::serve, "fundamentallm-cpu-" + slot);
      fresh.setDaemon(true);
      try {
        fresh.start();
        thread = fresh;
      } catch (OutOfMemoryError e) {
        called.set(false); // no more native threads; perhaps next time
      }
    } else if (sleeping) {
      LockSupport.unpark(thread);
    }
  }

  /** Works on the region that is current, if any. */
  @Override
  public void run() {
    Region seen;
    do {
      seen = parallel.region();
      if (seen != null && seen.enter()) {
        seen.work(slot);
        // Before leaving: from then on the caller may start the next region and call again.
        called.set(false);
        seen.leave();
        return;
      }
      called.set(false);
      // A region that began between the look and the line before found this helper still called.
    } while (parallel.region() != seen && called.compareAndSet(false, true));
  }

  private void serve() {
    while (!closed) {
      if (called.get()) {
        run();
      } else {
        await();
      }
    }
  }

  private void await() {
    long deadline = System.nanoTime() + SPIN_NANOS;
    while (System.nanoTime() < deadline) {
      if (called.get() || closed) {
        return;
      }
      Thread.onSpinWait();
    }
    sleeping = true;
    while (!called.get() && !closed) {
      LockSupport.park(this);
    }
    sleeping = false;
  }

  void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
