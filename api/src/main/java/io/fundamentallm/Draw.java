package io.fundamentallm;

import io.fundamentallm.spi.Exp;
import java.util.Optional;

/**
 * Draws from the softmax of the scores: u in [0, 1), and the first token in order of id whose
 * cumulative mass is greater than u. Sums are in double.
 */
final class Draw implements Sampler {
  private double[] weights = {};

  @Override
  public int sample(Step step) {
    Logits logits = step.logits();
    float maximum = logits.maximum();
    int count = logits.count();
    if (weights.length < count) {
      weights = new double[count];
    }
    double total = 0;
    for (int i = 0; i < count; i++) {
      double weight = Exp.exp(logits.score(i) - maximum);
      weights[i] = weight;
      total += weight;
    }
    double target = step.uniform(Randomness.SAMPLE) * total;
    double cumulative = 0;
    int chosen = logits.maximumIndex();
    for (int i = 0; i < count; i++) {
      cumulative += weights[i];
      if (cumulative > target) {
        chosen = i;
        break;
      }
    }
    return logits.token(chosen);
  }

  @Override
  public Optional<Distribution> distribution(Step step) {
    return Optional.of(Distribution.softmax(step.logits()));
  }
}
