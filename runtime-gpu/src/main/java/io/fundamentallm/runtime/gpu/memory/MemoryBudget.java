package io.fundamentallm.runtime.gpu.memory;

import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.runtime.gpu.ort.GpuSettings;
import java.util.concurrent.atomic.AtomicLong;

/** A limit on the bytes of one kind that all sessions of a model keep. Thread-safe. */
public final class MemoryBudget {
  private final String what;
  private final long max;
  private final String limit;
  private final AtomicLong used = new AtomicLong();

  /**
   * Allows this many bytes.
   *
   * @param what is kept, in the plural
   * @param limit where the number comes from
   */
  private MemoryBudget(String what, long max, String limit) {
    this.what = what;
    this.max = max;
    this.limit = limit;
  }

  /** The budget of keys and values, which are outside the heap. */
  public static MemoryBudget ofKeysAndValues(GpuSettings settings) {
    return new MemoryBudget("keys and values", settings.memory(), "option memory");
  }

  /**
   * The budget of hidden states. They are in the heap even when keys and values are on a device, so
   * they are limited even when no option says so.
   */
  public static MemoryBudget ofHiddenStates(GpuSettings settings) {
    long part = Runtime.getRuntime().maxMemory() / 4;
    return settings.memory() < part
        ? new MemoryBudget("hidden states", settings.memory(), "option memory")
        : new MemoryBudget("hidden states", part, "a quarter of the heap, which -Xmx sets");
  }

  /** For what another budget counts. */
  static MemoryBudget unlimited() {
    return new MemoryBudget("others", Long.MAX_VALUE, "none");
  }

  /**
   * Counts bytes that are about to be allocated.
   *
   * @return what to call when they are freed
   * @throws CacheFullException when they are too many; then they are not counted
   */
  Runnable reserve(long bytes) {
    add(bytes);
    return () -> add(-bytes);
  }

  /**
   * Changes the count by this many bytes, which may be negative.
   *
   * @throws CacheFullException when they are too many; then they are not counted
   */
  public void add(long bytes) {
    used.updateAndGet(
        before -> {
          if (bytes > max - before) {
            throw new CacheFullException(
                what
                    + " of all sessions take "
                    + megabytes(before)
                    + " and need "
                    + megabytes(bytes)
                    + " more, of at most "
                    + megabytes(max)
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
