package io.fundamentallm.decoding;

import java.util.List;
import java.util.Optional;

/**
 * One finished continuation. Immutable.
 *
 * @param tokens in order, including the end token
 * @param text their text, as {@link Generation#text()} gives it
 * @param finishReason why it ended
 * @param matchedStop the stop string that ended it
 * @param score what sequences of one generation are compared by: log-probability per token if the
 *     best of several was asked for, the length-normalised score for beams, else NaN
 */
public record GeneratedSequence(
    List<Token> tokens,
    String text,
    FinishReason finishReason,
    Optional<String> matchedStop,
    double score) {
  /** Keeps its own copy of the tokens. */
  public GeneratedSequence {
    tokens = List.copyOf(tokens);
  }

  /**
   * The sum of {@link Token#logProbability()}, in nats: NaN unless {@link
   * DecodingOptions#alternatives()} asked for log-probabilities.
   */
  public double logProbability() {
    return tokens.stream().mapToDouble(Token::logProbability).sum();
  }

  /** The sum of {@link Token#processedLogProbability()}, in nats; NaN unless asked for. */
  public double processedLogProbability() {
    return tokens.stream().mapToDouble(Token::processedLogProbability).sum();
  }
}
