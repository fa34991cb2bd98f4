package io.fundamentallm.model;

/**
 * A {@link io.fundamentallm.decoding.TokenConstraint} cannot continue: no token of the vocabulary
 * continues the text, the text is complete and there is no end token to end it, the limits of the
 * constraint are exceeded, or a token was taken that it does not allow.
 */
public final class ConstraintException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With a message that says what cannot follow, and why. */
  public ConstraintException(String message) {
    super(message);
  }
}
