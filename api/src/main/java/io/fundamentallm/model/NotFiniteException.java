package io.fundamentallm.model;

/**
 * The model computed an unusable number: a logit or a hidden state is NaN or infinite, or all
 * logits are -infinity. Something is wrong with the weights, or with their number format; the same
 * tokens give the same result again.
 */
public final class NotFiniteException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the token and the position. */
  public NotFiniteException(String message) {
    super(message);
  }

  /** With a message that says which model it was, and that model's error. */
  public NotFiniteException(String message, Throwable cause) {
    super(message, cause);
  }
}
