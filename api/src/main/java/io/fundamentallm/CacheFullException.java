package io.fundamentallm;

/**
 * There is no memory left for keys and values. Nothing is wrong with the request: with fewer
 * sequences at a time, or once others are closed, there may be.
 */
public final class CacheFullException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With a message that says how much there is, and what to do. */
  public CacheFullException(String message) {
    super(message);
  }

  /** With a message that says how much there is, and what caused it. */
  public CacheFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
