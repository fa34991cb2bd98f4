package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.model.LoadingListener;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes that are read from a model's files, and tells a listener. Thread-safe. */
public final class ReadProgress {
  /** The most calls of a listener. */
  private static final int STEPS = 100;

  private final LoadingListener listener;
  private final long total;
  private final long step;
  private final AtomicLong read = new AtomicLong();
  private final AtomicBoolean reporting = new AtomicBoolean();

  /** How much must have been read for the next call. */
  private volatile long next;

  /**
   * Nothing is read yet.
   *
   * @param total bytes that will be read
   */
  public ReadProgress(LoadingListener listener, long total) {
    this.listener = listener;
    this.total = total;
    step = Math.max(1, (total + STEPS - 1) / STEPS);
    next = step;
  }

  /** How many bytes have been read. */
  public long bytes() {
    return read.get();
  }

  void add(long bytes) {
    if (read.addAndGet(bytes) >= next) {
      report();
    }
  }

  /** Whoever finds another thread telling the listener leaves it to that one, and reads on. */
  private void report() {
    do {
      if (!reporting.compareAndSet(false, true)) {
        return;
      }
      try {
        // a matrix that is converted may be read again where its blocks turn out not to fit
        long now = Math.min(read.get(), total);
        if (now >= next) {
          next = Long.MAX_VALUE; // for good, if the listener throws
          listener.onProgress(now, total);
          next = now == total ? Long.MAX_VALUE : Math.min(total, now + step);
        }
      } finally {
        reporting.set(false);
      }
    } while (read.get() >= next);
  }
}
