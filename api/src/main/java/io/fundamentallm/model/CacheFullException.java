package io.fundamentallm.model;

/**
 * There is no memory left for keys and values, or for what is kept with them. Run fewer sequences
 * at a time, or close others; a sequence that alone needs more than there is never fits.
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
