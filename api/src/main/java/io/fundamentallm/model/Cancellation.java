package io.fundamentallm.model;

import java.util.concurrent.CancellationException;

/**
 * Long work asks it often whether to stop. Called from any thread, so it must be thread-safe and
 * cheap; once true it stays true. A method reference will do: {@code
 * Thread.currentThread()::isInterrupted}, {@code flag::get}.
 */
@FunctionalInterface
public interface Cancellation {
  /** Whether the work is no longer wanted. */
  boolean isCancelled();

  /** Never cancelled. */
  static Cancellation none() {
    return () -> false;
  }

  /** Cancelled when this or the other is. */
  default Cancellation or(Cancellation other) {
    return () -> isCancelled() || other.isCancelled();
  }

  /**
   * Called by the work where it can stop.
   *
   * @throws CancellationException when cancelled
   */
  default void throwIfCancelled() {
    if (isCancelled()) {
      throw new CancellationException("the work was cancelled by its caller");
    }
  }
}
