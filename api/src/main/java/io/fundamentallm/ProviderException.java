package io.fundamentallm;

/**
 * A part could not be looked up; the message says what was asked for, what was found and what to
 * do.
 */
public final class ProviderException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message that says what to do. */
  public ProviderException(String message) {
    super(message);
  }

  /** With a message that says what to do, and what caused it. */
  public ProviderException(String message, Throwable cause) {
    super(message, cause);
  }
}
