package io.fundamentallm.decoding;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Stateful;

/**
 * Rewrites the scores of the next token. Belongs to one generation; one thread at a time. A pure
 * function of the step if possible; a stage with state implements {@link Stateful}.
 */
@FunctionalInterface
public interface LogitsProcessor {
  /** A constraint as a stage: filters what it does not allow. */
  static LogitsProcessor of(TokenConstraint constraint) {
    return new ConstraintProcessor(constraint);
  }

  /**
   * Changes or filters scores.
   *
   * @throws NotFiniteException when the scores cannot be worked with, such as a NaN
   * @throws ConstraintException if a constraint allows nothing to follow
   */
  void process(Step step);

  /**
   * The token that this stage makes certain regardless of the scores, or {@link
   * Sampler#NOT_FORCED}. Called before {@link #process}; if there is one, the model need not
   * choose. A function of the tokens so far. In a sampler's chain an id outside the vocabulary is
   * an IllegalStateException that names the stage.
   */
  default int forced(Step step) {
    return Sampler.NOT_FORCED;
  }

  /** Called for each token that became part of the history, however it was chosen. */
  default void accept(int token) {}
}
