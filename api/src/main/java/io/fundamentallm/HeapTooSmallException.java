package io.fundamentallm;

import org.jspecify.annotations.Nullable;

/**
 * A model's weights take more memory than the JVM may have. Known before they are loaded, or seen
 * while they are. The message says how much they take, how much there is, and which {@code -Xmx} to
 * start the JVM with.
 */
public final class HeapTooSmallException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final long needed;
  private final long largest;

  /**
   * With a message that says all of it.
   *
   * @param needed bytes that the weights take
   * @param largest bytes that the heap can have at most
   * @param cause what it was seen by; null where it was known before
   */
  public HeapTooSmallException(
      String message, long needed, long largest, @Nullable Throwable cause) {
    super(message, cause);
    this.needed = needed;
    this.largest = largest;
  }

  /** Bytes that the weights take. */
  public long needed() {
    return needed;
  }

  /** Bytes that the heap can have at most. */
  public long largest() {
    return largest;
  }
}
