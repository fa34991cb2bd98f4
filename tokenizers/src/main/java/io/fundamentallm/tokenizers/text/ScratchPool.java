package io.fundamentallm.tokenizers.text;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Working memory that threads take for a call and give back. There are a few more slots than
 * processors, so that thousands of virtual threads do not each keep their own; a thread that finds
 * none makes a new one. Thread-safe, without locks.
 *
 * @param <T> the working memory
 */
public final class ScratchPool<T> {
  private static final int SLOTS =
      Integer.highestOneBit(Math.max(1, Runtime.getRuntime().availableProcessors()) * 2 - 1) * 2;

  /** Spaces references by more than a cache line, so threads do not slow each other down. */
  private static final int STRIDE = 32;

  private final AtomicReferenceArray<@Nullable T> slots =
      new AtomicReferenceArray<>(SLOTS * STRIDE);
  private final Supplier<T> supplier;

  /** A pool that gets its first ones, and those beyond its slots, from this supplier. */
  public ScratchPool(Supplier<T> supplier) {
    this.supplier = supplier;
  }

  /** Takes one for this thread alone. */
  public T acquire() {
    int slot = slot();
    for (int i = 0; i < SLOTS; i++) {
      T scratch = slots.getAndSet(((slot + i) & (SLOTS - 1)) * STRIDE, null);
      if (scratch != null) {
        return scratch;
      }
    }
    return supplier.get();
  }

  /** Gives one back; the thread must not touch it any more. */
  public void release(T scratch) {
    int slot = slot();
    for (int i = 0; i < SLOTS; i++) {
      if (slots.compareAndSet(((slot + i) & (SLOTS - 1)) * STRIDE, null, scratch)) {
        return;
      }
    }
  }

  private static int slot() {
    long id = Thread.currentThread().getId();
    return (int) ((id * 0x9E3779B97F4A7C15L) >>> 40) & (SLOTS - 1);
  }
}
