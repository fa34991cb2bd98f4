package io.fundamentallm.model;

/**
 * The model is closed, or this use of it is: it and its sessions can no longer be used. Another
 * model may be loaded.
 */
public final class ClosedModelException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With a message that says what was closed. */
  public ClosedModelException(String message) {
    super(message);
  }
}
