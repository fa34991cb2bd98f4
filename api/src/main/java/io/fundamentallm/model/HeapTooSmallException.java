package io.fundamentallm.model;

import org.jspecify.annotations.Nullable;

/**
 * A model's weights, or a training, take more memory than the JVM may use. Detected before or while
 * they are loaded, or the training's size is chosen. The message says how many MiB the heap has; of
 * weights also how many they take, and which {@code -Xmx} to start the JVM with.
 */
public final class HeapTooSmallException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * With a message that says all of it.
   *
   * @param cause the error that revealed it; null if it was known before
   */
  public HeapTooSmallException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
