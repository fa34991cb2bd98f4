package io.fundamentallm.decoding;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Stateful;
import java.util.Optional;

/**
 * Chooses the next token: a chain of stages and a last choice. Belongs to one generation; one
 * thread at a time. A sampler with state implements {@link Stateful}.
 *
 * <p>For each step, exactly one of {@link #sample}, {@link #distribution} and {@link #process} is
 * called; each uses up the step's scores.
 */
public interface Sampler {
  /** What {@link #forced} returns if there is a choice. */
  int NOT_FORCED = -1;

  /** Takes the best token; of equal ones, the one with the lowest id. */
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
   * @throws ConstraintException if a constraint allows nothing to follow
   */
  int sample(Step step);

  /**
   * Runs the stages that rewrite scores, without the last choice, for decoders that make the
   * choice. The step's scores are then the processed ones.
   */
  default void process(Step step) {}

  /**
   * The distribution that {@link #sample} would draw from, for speculation and log-probabilities;
   * empty if the choice is not a draw from one.
   */
  default Optional<Distribution> distribution(Step step) {
    return Optional.empty();
  }

  /**
   * The token that {@link #sample} will choose regardless of the scores, or {@link #NOT_FORCED}. If
   * there is one, neither scores nor a call of {@link #sample} are needed. Reads only the step's
   * history.
   */
  default int forced(Step step) {
    return NOT_FORCED;
  }

  /** Called for each token that became part of the history, however it was chosen. */
  default void accept(int token) {}
}
