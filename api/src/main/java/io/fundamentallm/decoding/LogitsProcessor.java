package io.fundamentallm.decoding;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Stateful;

/**
 * Rewrites the scores of the next token. Belongs to one generation; one thread at a time. A pure
 * function of the step wherever it can be; what remembers something implements {@link Stateful}.
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
   * @throws ConstraintException where a constraint has nothing that follows
   */
  void process(Step step);

  /**
   * The token that this stage makes certain whatever the scores are, or {@link Sampler#NOT_FORCED}.
   * Asked before {@link #process}; where there is one the model need not be asked to choose. A
   * function of the tokens so far.
   */
  default int forced(Step step) {
    return Sampler.NOT_FORCED;
  }

  /** Told of each token that became part of the history, however it was chosen. */
  default void accept(int token) {}
}
