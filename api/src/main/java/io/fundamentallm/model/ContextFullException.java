package io.fundamentallm.model;

/**
 * The model's context has no room for what it would have to read next: the prompt alone is too
 * long, or the text has grown so long under {@link
 * io.fundamentallm.decoding.ContextPolicy#error()}. A shorter prompt, or a {@link
 * io.fundamentallm.decoding.ContextPolicy} that says what to forget, makes room.
 */
public final class ContextFullException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With a message that says how many tokens there are, and for how many there is room. */
  public ContextFullException(String message) {
    super(message);
  }
}
