package io.fundamentallm.tokenizers.train;

import java.util.List;

/**
 * What a Unigram training found.
 *
 * @param pieces by id: the special tokens, then the pieces by descending score
 * @param scores of the pieces, logarithms of their probabilities; 0 for special tokens
 * @param unknownId the id of the unknown token, -1 if there is none
 * @param specialTokens those at the beginning, including the unknown token if it had to be added
 */
public record LearnedUnigram(
    List<String> pieces, double[] scores, int unknownId, List<String> specialTokens) {
  /** How many tokens there are. */
  public int size() {
    return pieces.size();
  }
}
