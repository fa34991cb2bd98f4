package io.fundamentallm;

/**
 * Rewrites the scores of the next token. Belongs to one generation; one thread at a time. A pure
 * function of the step wherever it can be; what remembers something implements {@link Stateful}.
 */
@FunctionalInterface
public interface LogitsProcessor {
  /**
   * Changes or filters scores.
   *
   * @throws IllegalStateException when the scores cannot be worked with, such as a NaN
   */
  void process(Step step);

  /** Told of each token that became part of the history, however it was chosen. */
  default void accept(int token) {}
}
