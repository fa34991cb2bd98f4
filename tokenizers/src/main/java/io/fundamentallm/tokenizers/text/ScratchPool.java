package io.fundamentallm.tokenizers.text;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Working memory that threads take for a call and give back. There are a few more slots than
 * processors, so that virtual threads, which come by the thousand, do not each keep their own; who
 * finds none makes a new one. Thread-safe, without locks.
 *
 * @param <T> the working memory
 */
public final class ScratchPool<T> {
  private static final int SLOTS =
      Integer.highestOneBit(Math.max(1, Runtime.getRuntime().availableProcessors()) * 2 - 1) * 2;

  /** References apart by more than a cache line, so that threads do not slow each other down. */
  private static final int STRIDE = 32;

  private final AtomicReferenceArray<@Nullable T> slots =
      new AtomicReferenceArray<>(SLOTS * STRIDE);
  private final Supplier<T> supplier;

  /** A pool that makes its first ones, and those beyond its slots, like this. */
  public ScratchPool(Supplier<T> supplier) {
    this.supplier = supplier;
  }

  /** Takes one for this thread alone. */
  public T take() {
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
  public void give(T scratch) {
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
