package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;

/** Log-probabilities of scores, in double. */
final class LogSoftmax {
  private LogSoftmax() {}

  /**
   * What to subtract from a score to get its log-probability.
   *
   * @throws NotFiniteException for a NaN
   * @throws NoTokenException if every token is filtered out
   */
  static double logTotal(Logits logits) {
    double maximum = logits.maximum();
    double total = 0;
    for (int i = 0; i < logits.count(); i++) {
      total += Exp.exp(logits.score(i) - maximum);
    }
    return maximum + StrictMath.log(total);
  }
}
