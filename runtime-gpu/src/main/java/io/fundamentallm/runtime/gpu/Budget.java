package io.fundamentallm.runtime.gpu;

import io.fundamentallm.CacheFullException;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes of something that all sessions of a model keep. Thread-safe. */
final class Budget {
  private final String what;
  private final long most;
  private final String limit;
  private final AtomicLong used = new AtomicLong();

  /**
   * Allows so many bytes.
   *
   * @param what is kept, in the plural
   * @param limit where the number comes from
   */
  private Budget(String what, long most, String limit) {
    this.what = what;
    this.most = most;
    this.limit = limit;
  }

  /** Of keys and values, which are outside of the heap. */
  static Budget ofKeysAndValues(Settings settings) {
    return new Budget("keys and values", settings.memory(), "option memory");
  }

  /**
   * Of hidden states. They are in the heap, also where keys and values are on a device, and so have
   * a limit also where no option sets one.
   */
  static Budget ofHiddenStates(Settings settings) {
    long part = Runtime.getRuntime().maxMemory() / 4;
    return settings.memory() < part
        ? new Budget("hidden states", settings.memory(), "option memory")
        : new Budget("hidden states", part, "a quarter of the heap, which -Xmx sets");
  }

  /** Of what is counted by others. */
  static Budget unlimited() {
    return new Budget("others", Long.MAX_VALUE, "none");
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
                what
                    + " of all sessions take "
                    + megabytes(before)
                    + " and need "
                    + megabytes(bytes)
                    + " more, of at most "
                    + megabytes(most)
                    + " ("
                    + limit
                    + "); close sessions that are no longer needed, or allow more");
          }
          return before + bytes;
        });
  }

  private static String megabytes(long bytes) {
    return (bytes + ((1 << 20) - 1)) / (1 << 20) + " MB";
  }
}
