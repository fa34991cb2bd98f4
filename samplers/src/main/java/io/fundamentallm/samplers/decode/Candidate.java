package io.fundamentallm.samplers.decode;

import java.util.Comparator;

/**
 * A hypothesis and a token it could continue with.
 *
 * @param beam the index of the hypothesis
 * @param token the token
 * @param sum of all log-probabilities with it
 * @param logProbability its own
 */
record Candidate(int beam, int token, double sum, double logProbability) {
  /** The order that decides: by sum, then by beam, then by token. */
  static final Comparator<Candidate> BEST_FIRST =
      Comparator.comparingDouble(Candidate::sum)
          .reversed()
          .thenComparingInt(Candidate::beam)
          .thenComparingInt(Candidate::token);
}
