package io.fundamentallm.model;

/**
 * There is no memory left for keys and values, or for what is kept beside them. With fewer
 * sequences at a time, or once others are closed, there may be; for a sequence that alone takes
 * more than there is, never.
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
