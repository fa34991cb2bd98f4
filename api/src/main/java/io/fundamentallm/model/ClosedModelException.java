package io.fundamentallm.model;

/**
 * The model is closed, or this use of it is: neither it nor its sessions can be used any more.
 * Another model may be loaded.
 */
public final class ClosedModelException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With a message that says what was closed. */
  public ClosedModelException(String message) {
    super(message);
  }
}
