package io.fundamentallm;

import io.fundamentallm.decoding.Token;
import java.util.List;

/**
 * How well the model predicted one token.
 *
 * @param token its id
 * @param logProbability natural logarithm of the probability given the tokens before it
 * @param entropy of the model's distribution at this place, in bits
 * @param rank how many tokens the model scored higher, with ties in order of id; 0 is the best
 * @param alternatives the model's best tokens at this place, best first
 */
public record TokenScore(
    int token,
    double logProbability,
    double entropy,
    int rank,
    List<Token.Alternative> alternatives) {
  /** Keeps its own copy of the alternatives. */
  public TokenScore {
    alternatives = List.copyOf(alternatives);
  }

  /** The information that the token carries, in bits: -log2 of its probability. */
  public double surprisal() {
    return -logProbability / TextScore.LN_2;
  }
}
