package io.fundamentallm.model;

/**
 * What the model computed is no number to work with: a logit or a hidden state is NaN or infinite,
 * or all logits are -infinity. Something is wrong with the weights, or with the numbers they are
 * held in; the same tokens give the same again.
 */
public final class NotFiniteException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the token and the position. */
  public NotFiniteException(String message) {
    super(message);
  }

  /** With a message that says which model it was, and the error of that one. */
  public NotFiniteException(String message, Throwable cause) {
    super(message, cause);
  }
}
