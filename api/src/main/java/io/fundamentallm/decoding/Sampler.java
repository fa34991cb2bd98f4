package io.fundamentallm.decoding;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Stateful;
import java.util.Optional;

/**
 * Chooses the next token: a chain of stages and a last choice. Belongs to one generation; one
 * thread at a time. What remembers something implements {@link Stateful}.
 *
 * <p>For one step exactly one of {@link #sample}, {@link #distribution} and {@link #process} is
 * called; all use up the step's scores.
 */
public interface Sampler {
  /** What {@link #forced} answers where there is a choice. */
  int NOT_FORCED = -1;

  /** Takes the best token; among equals the one with the lowest id. */
  static Sampler greedy() {
    return new Greedy();
  }

  /** Draws from the softmax of the scores. */
  static Sampler draw() {
    return new Draw();
  }

  /**
   * The id of the chosen token.
   *
   * @throws NotFiniteException when a score is NaN, with the step's position in the message
   * @throws NoTokenException when no token can be chosen
   * @throws ConstraintException where a constraint has nothing that follows
   */
  int sample(Step step);

  /**
   * Runs the stages that rewrite scores, without the last choice, for decoders that choose by
   * themselves. The step's scores are then the processed ones.
   */
  default void process(Step step) {}

  /**
   * The distribution that {@link #sample} would draw from, for speculation and log-probabilities;
   * empty where the choice is not a draw from one.
   */
  default Optional<Distribution> distribution(Step step) {
    return Optional.empty();
  }

  /**
   * The token that {@link #sample} will choose whatever the scores are, or {@link #NOT_FORCED}:
   * where there is one, neither scores nor a call of {@link #sample} are needed. Only the step's
   * history is read.
   */
  default int forced(Step step) {
    return NOT_FORCED;
  }

  /** Told of each token that became part of the history, however it was chosen. */
  default void accept(int token) {}
}
