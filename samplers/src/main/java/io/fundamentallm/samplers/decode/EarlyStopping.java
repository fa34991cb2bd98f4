package io.fundamentallm.samplers.decode;

/** When a beam search ends while hypotheses are still live; see {@link BeamSearch}. */
enum EarlyStopping {
  /** As soon as enough hypotheses are finished. */
  FULL,
  /** When the best live one would not be better with its present length. */
  HEURISTIC,
  /** When the best live one cannot become better. */
  PROVEN;

  static EarlyStopping of(String option) {
    return switch (option) {
      case "true" -> FULL;
      case "false" -> HEURISTIC;
      default -> PROVEN;
    };
  }

  /**
   * The best score that a live hypothesis may still reach. Sums only fall, so it is that of the
   * present sum with the length that favours it: the longest under a positive penalty, otherwise
   * the present one.
   *
   * @param sum of its log-probabilities
   * @param length its generated tokens, at least 1
   * @param maxLength the most tokens to generate
   */
  double attainable(double sum, int length, int maxLength, double lengthPenalty) {
    return switch (this) {
      case FULL -> Double.NEGATIVE_INFINITY;
      case HEURISTIC -> Hypotheses.score(sum, length, lengthPenalty);
      case PROVEN -> Hypotheses.score(sum, lengthPenalty > 0 ? maxLength : length, lengthPenalty);
    };
  }
}
