package io.fundamentallm.decoding;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Stateful;
import java.util.List;

/**
 * Guesses how a sequence continues, for speculative decoding: the model then checks the guess in
 * one pass. A bad guess costs time but never changes the text or its distribution. Belongs to one
 * generation; one thread at a time.
 */
public interface DraftProposer extends AutoCloseable {
  /**
   * A guess.
   *
   * @param tokens at most as many as asked for, possibly none
   * @param distributions the distribution that each token was drawn from, for rejection sampling;
   *     empty if the guess is not a draw, which then counts as certain
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
   * The most likely continuation, as far as this proposer knows. Called again after the correct
   * part of the last guess, plus one token, was added to the sequence.
   *
   * @param sequence the tokens so far, with the sampler that will check the guess; read-only. To
   *     run the sampler on a guess, fork it if it is {@link Stateful}
   * @param count the most tokens wanted, at least 1; returning more is an error, as is a token
   *     outside the vocabulary or without probability in its own distribution
   */
  Draft propose(Transcript sequence, int count, Cancellation cancellation);

  /** Frees what it holds. Does nothing the second time. */
  @Override
  default void close() {}
}
