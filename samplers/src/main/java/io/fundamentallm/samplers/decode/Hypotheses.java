package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.Transcript;
import java.util.ArrayList;
import java.util.List;

/** The best finished hypotheses of one beam, best first. */
final class Hypotheses {
  private final int width;
  private final double lengthPenalty;
  private final EarlyStopping earlyStopping;
  private final int maxLength;
  private final List<Finished> kept = new ArrayList<>();

  /**
   * One that ended.
   *
   * @param transcript what was written
   * @param score by which it is compared
   */
  record Finished(Transcript transcript, double score) {}

  Hypotheses(int width, double lengthPenalty, EarlyStopping earlyStopping, int maxLength) {
    this.width = width;
    this.lengthPenalty = lengthPenalty;
    this.earlyStopping = earlyStopping;
    this.maxLength = maxLength;
  }

  /**
   * The published score.
   *
   * @param length generated tokens, including the end token
   */
  static double score(double sum, int length, double lengthPenalty) {
    return sum / StrictMath.pow(length, lengthPenalty);
  }

  /** Takes one; beyond the width, the worst is dropped, among equals the last. */
  void add(Transcript transcript, double sum) {
    int length = transcript.tokens().size();
    double score = score(sum, length, lengthPenalty);
    int at = kept.size();
    while (at > 0 && kept.get(at - 1).score < score) {
      at--;
    }
    kept.add(at, new Finished(transcript, score));
    if (kept.size() > width) {
      kept.remove(width);
    }
  }

  /**
   * Whether the search can end.
   *
   * @param bestSum of the best live hypothesis
   * @param length how many tokens it has
   */
  boolean isDone(double bestSum, int length) {
    if (kept.size() < width) {
      return false;
    }
    return width == 1
        || kept.get(width - 1).score
            >= earlyStopping.attainable(bestSum, length, maxLength, lengthPenalty);
  }

  List<Finished> kept() {
    return kept;
  }
}
