package io.fundamentallm.decoding;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Stateful;
import java.util.List;

/**
 * Guesses how a sequence goes on, for speculative decoding: the model then checks the guess in one
 * pass. A bad guess costs time, never changes the text or its distribution. Belongs to one
 * generation; one thread at a time.
 */
public interface DraftProposer extends AutoCloseable {
  /**
   * A guess.
   *
   * @param tokens at most as many as asked for, possibly none
   * @param distributions the distribution that each token was drawn from, for rejection sampling;
   *     none where the guess is not a draw, which then counts as certain
   */
  record Draft(List<Integer> tokens, List<Distribution> distributions) {
    /** Keeps its own copies and checks that there is one distribution for each token, or none. */
    public Draft {
      tokens = List.copyOf(tokens);
      distributions = List.copyOf(distributions);
      if (!distributions.isEmpty() && distributions.size() != tokens.size()) {
        throw new IllegalArgumentException(
            distributions.size() + " distributions for " + tokens.size() + " drafted tokens");
      }
    }
  }

  /**
   * The most likely continuation, as far as this proposer knows. Called again after what was right
   * of the last guess, and one token more, was added to the sequence.
   *
   * @param sequence the tokens so far, with the sampler that will check the guess: to be read only;
   *     who runs the sampler on a guess forks it where it is {@link Stateful}
   * @param count the most tokens wanted, at least 1; more of them is an error, as is one outside
   *     the vocabulary or without probability in its own distribution
   */
  Draft propose(Transcript sequence, int count, Cancellation cancellation);

  /** Frees what it holds. Does nothing the second time. */
  @Override
  default void close() {}
}
