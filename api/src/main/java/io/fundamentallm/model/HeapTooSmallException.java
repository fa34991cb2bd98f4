package io.fundamentallm.model;

import org.jspecify.annotations.Nullable;

/**
 * A model's weights take more memory than the JVM may have. Known before they are loaded, or seen
 * while they are. The message says how many MiB they take, how many the heap has, and which {@code
 * -Xmx} to start the JVM with.
 */
public final class HeapTooSmallException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * With a message that says all of it.
   *
   * @param cause what it was seen by; null where it was known before
   */
  public HeapTooSmallException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
