package io.fundamentallm.samplers.filter;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.internal.numerics.Exp;

/**
 * The probabilities of the candidates, summed in double. One thread at a time; reused from token to
 * token.
 */
public final class Softmax {
  /**
   * Logits are floats: they are precise to about this share of a probability. So a probability, or
   * a sum of them, that misses a threshold by this share of it counts as reaching it. Of ten equal
   * tokens, three reach a threshold of 0.3 regardless of rounding.
   */
  public static final double ROUNDING = 1e-6;

  private double[] weights = {};
  private double total;
  private double logTotal;
  private double entropy;

  /**
   * Takes the candidates' scores.
   *
   * <p>Throws what {@link Logits#maximum()} throws.
   */
  public void of(Logits logits) {
    float maximum = logits.maximum(); // before count(): it may fall back to one candidate
    int count = logits.count();
    if (weights.length < count) {
      weights = new double[count];
    }
    float[] scores = logits.scores();
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < count; i++) {
      double difference = scores[i] - maximum;
      double weight = Exp.exp(difference);
      weights[i] = weight;
      sum += weight;
      if (weight > 0) {
        weighted += weight * difference;
      }
    }
    total = sum;
    logTotal = maximum + StrictMath.log(sum);
    entropy = Math.max(0, StrictMath.log(sum) - weighted / sum);
  }

  /** Of the candidate at an index; proportional to its probability, 1 for the best. */
  public double weight(int index) {
    return weights[index];
  }

  /** The weights, for {@link CumulativeCutoff}. */
  public double[] weights() {
    return weights;
  }

  /** What the weights add up to. */
  public double total() {
    return total;
  }

  /** -ln of the probability that a score stands for. */
  public double surprise(float score) {
    return logTotal - score;
  }

  /** In nats. */
  public double entropy() {
    return entropy;
  }

  /** The score at which a candidate's probability reaches a threshold above 0. */
  public double scoreOf(double probability) {
    return logTotal + StrictMath.log(probability) - ROUNDING;
  }
}
