package io.fundamentallm.runtime.gpu.cache;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The first tokens of a sequence, as a strategy keeps them. It never changes. Sessions, forks and
 * passes under way share it by reference count; it is freed when the last one releases it.
 * Thread-safe.
 */
public abstract class Past {
  private final int length;
  private final AtomicInteger holders = new AtomicInteger(1);

  /** Held once, by the caller. */
  Past(int length) {
    this.length = length;
  }

  /** How many tokens. */
  public final int length() {
    return length;
  }

  /** Holds it once more. */
  public final void retain() {
    if (holders.getAndIncrement() <= 0) {
      throw new IllegalStateException("the keys and values of this past were freed already");
    }
  }

  /** Releases it once. */
  public final void release() {
    if (holders.decrementAndGet() == 0) {
      free();
    }
  }

  abstract void free();
}
