package io.fundamentallm.decoding;

import java.util.List;

/**
 * One generated token.
 *
 * @param id its id
 * @param text the text that became final with this token; empty while an incomplete code point or a
 *     possible stop string is held back, and for special tokens. The texts of all tokens together
 *     are the text of the generation.
 * @param logProbability natural logarithm of the probability that the model itself gives it, before
 *     any stage; NaN unless {@link DecodingOptions#alternatives()} asked for it
 * @param processedLogProbability natural logarithm of its probability after all stages, 0 if they
 *     left no choice; NaN unless asked for
 * @param rank how many tokens the model scored higher, with ties in order of id; -1 unless asked
 *     for
 * @param alternatives the model's best tokens at this position, best first; empty unless asked for
 */
public record Token(
    int id,
    String text,
    double logProbability,
    double processedLogProbability,
    int rank,
    List<Alternative> alternatives) {
  /**
   * A token the model could have taken.
   *
   * @param token its id
   * @param logProbability natural logarithm of its probability
   */
  public record Alternative(int token, double logProbability) {}

  /** Keeps its own copy of the alternatives. */
  public Token {
    alternatives = List.copyOf(alternatives);
  }

  /** A token without log-probabilities. */
  public static Token of(int id, String text) {
    return new Token(id, text, Double.NaN, Double.NaN, -1, List.of());
  }
}
