package io.fundamentallm.model;

/**
 * No token can follow: the stages have filtered all of them, or the model makes the remaining ones
 * impossible. Use other stages, or {@code keep-best} before them.
 */
public final class NoTokenException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the position, and says what to do. */
  public NoTokenException(String message) {
    super(message);
  }
}
