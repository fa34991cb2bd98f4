package io.fundamentallm.runtime.gpu;

import io.fundamentallm.CacheFullException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes of keys and values of all sessions of a model, and of what is kept beside them.
 * Thread-safe.
 */
final class Budget {
  private final long most;
  private final AtomicLong used = new AtomicLong();

  /** Allows so many bytes. */
  Budget(long most) {
    this.most = most;
  }

  /**
   * Counts bytes that are about to be allocated.
   *
   * @return to be called when they are freed
   * @throws CacheFullException when they are too many; then they are not counted
   */
  Runnable take(long bytes) {
    add(bytes);
    return () -> add(-bytes);
  }

  /**
   * Counts more bytes than before, or fewer.
   *
   * @throws CacheFullException when they are too many; then they are not counted
   */
  void add(long bytes) {
    used.updateAndGet(
        before -> {
          if (bytes > most - before) {
            throw new CacheFullException(
                "keys and values of all sessions take "
                    + megabytes(before)
                    + " and need "
                    + megabytes(bytes)
                    + " more, of at most "
                    + megabytes(most)
                    + " (option memory); close sessions that are no longer needed, or allow more");
          }
          return before + bytes;
        });
  }

  private static String megabytes(long bytes) {
    return (bytes + ((1 << 20) - 1)) / (1 << 20) + " MB";
  }
}
