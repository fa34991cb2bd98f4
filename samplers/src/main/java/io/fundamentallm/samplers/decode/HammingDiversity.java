package io.fundamentallm.samplers.decode;

/**
 * Takes from the log-probability of each token what earlier groups' choice of it at the same step
 * costs: the penalty for each time it was chosen (Vijayakumar et al., 2016, section 3.3).
 */
final class HammingDiversity {
  private final double penalty;

  /** How often each token was chosen in this step; none where nothing is penalised. */
  private final int[] chosen;

  HammingDiversity(double penalty, int vocabularySize) {
    this.penalty = penalty;
    chosen = new int[penalty > 0 ? vocabularySize : 0];
  }

  double penalised(int token, double logProbability) {
    return chosen.length == 0 || chosen[token] == 0
        ? logProbability
        : logProbability - penalty * chosen[token];
  }

  /** A hypothesis goes on with a token. */
  void choose(int token) {
    if (chosen.length > 0) {
      chosen[token]++;
    }
  }

  /** The step is over. */
  void reset() {
    java.util.Arrays.fill(chosen, 0);
  }
}
