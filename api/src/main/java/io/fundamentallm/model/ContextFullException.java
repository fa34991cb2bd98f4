package io.fundamentallm.model;

/**
 * The model's context has no room for what it must read next: the prompt alone is too long, or the
 * text has grown too long under {@link io.fundamentallm.decoding.ContextPolicy#error()}. A shorter
 * prompt, or a {@link io.fundamentallm.decoding.ContextPolicy} that says what to forget, makes
 * room.
 */
public final class ContextFullException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With a message that says how many tokens there are, and how many there is room for. */
  public ContextFullException(String message) {
    super(message);
  }
}
