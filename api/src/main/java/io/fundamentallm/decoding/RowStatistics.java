package io.fundamentallm.decoding;

import io.fundamentallm.decoding.Token.Alternative;
import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.model.NotFiniteException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a row of the model's own logits says about one token, before any stage. Sums are in double.
 *
 * @param logProbability natural logarithm of the token's probability
 * @param entropy of the whole row, in nats
 * @param rank how many tokens score higher, ties in order of id
 * @param alternatives the best tokens, best first
 */
public record RowStatistics(
    double logProbability, double entropy, int rank, List<Alternative> alternatives) {

  /**
   * Reads a row.
   *
   * @param row vocabularySize logits
   * @param position for the message about a NaN
   * @throws NotFiniteException as {@link #maximum} throws it
   */
  public static RowStatistics of(float[] row, int token, int alternatives, long position) {
    double maximum = maximum(row, position);
    int rank = 0;
    float own = row[token];
    for (int i = 0; i < row.length; i++) {
      float logit = row[i];
      if (logit > own || (logit == own && i < token)) {
        rank++;
      }
    }
    double total = 0;
    double weighted = 0;
    for (float logit : row) {
      double difference = logit - maximum;
      double weight = Exp.exp(difference);
      if (weight > 0) {
        total += weight;
        weighted += weight * difference;
      }
    }
    double logTotal = StrictMath.log(total);
    return new RowStatistics(
        own - maximum - logTotal,
        Math.max(0, logTotal - weighted / total),
        rank,
        best(row, alternatives, maximum + logTotal));
  }

  /**
   * The largest logit.
   *
   * @param position for the message
   * @throws NotFiniteException for a row that is not a distribution: one of its logits is NaN or
   *     +infinity, or all are -infinity
   */
  public static double maximum(float[] row, long position) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < row.length; i++) {
      float logit = row[i];
      if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
        throw new NotFiniteException(
            "the logit of token " + i + " at position " + position + " is " + logit);
      }
      maximum = Math.max(maximum, logit);
    }
    if (maximum == Double.NEGATIVE_INFINITY) {
      throw new NotFiniteException("every logit at position " + position + " is -Infinity");
    }
    return maximum;
  }

  private static List<Alternative> best(float[] row, int count, double logTotal) {
    int[] best = new int[Math.min(count, row.length)];
    int size = 0;
    for (int i = 0; i < row.length && best.length > 0; i++) {
      if (size == best.length && row[i] <= row[best[size - 1]]) {
        continue;
      }
      int at = size < best.length ? size++ : size - 1;
      while (at > 0 && row[i] > row[best[at - 1]]) {
        best[at] = best[at - 1];
        at--;
      }
      best[at] = i;
    }
    List<Alternative> list = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      list.add(new Alternative(best[i], row[best[i]] - logTotal));
    }
    return list;
  }
}
