package io.fundamentallm.samplers.decode;

/**
 * Subtracts a penalty from the log-probability of each token for each time earlier groups chose it
 * at the same step (Vijayakumar et al., 2016, section 3.3).
 */
final class HammingDiversity {
  private final double penalty;

  /** How often each token was chosen in this step; empty if nothing is penalised. */
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

  /** A hypothesis continues with a token. */
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
