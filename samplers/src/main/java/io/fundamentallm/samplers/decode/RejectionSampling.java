package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.Distribution;

/**
 * The two formulas of speculative sampling (Leviathan, Kalman, Matias: "Fast Inference from
 * Transformers via Speculative Decoding", 2023; Chen et al.: "Accelerating Large Language Model
 * Decoding with Speculative Sampling", 2023). A token that is drawn from q, then kept by the first
 * formula or replaced by a draw from the second, is distributed as p.
 */
final class RejectionSampling {
  private RejectionSampling() {}

  /** The probability of keeping a token: min(1, p(token) / q(token)), and 0 where p is 0. */
  static double acceptance(Distribution p, Distribution q, int token) {
    double target = p.probability(token);
    return target == 0 ? 0 : Math.min(1, target / q.probability(token));
  }

  /**
   * What to draw from instead of a token that was not kept: max(0, p - q), normalised. If nothing
   * is left of p, which only rounding can cause, p itself.
   */
  static Distribution residual(Distribution p, Distribution q) {
    int[] tokens = new int[p.size()];
    double[] rest = new double[p.size()];
    double total = 0;
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = p.token(i);
      rest[i] = Math.max(0, p.probabilityAt(i) - q.probability(tokens[i]));
      total += rest[i];
    }
    return total > 0 ? Distribution.of(tokens, rest) : p;
  }
}
