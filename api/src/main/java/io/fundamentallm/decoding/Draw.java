package io.fundamentallm.decoding;

import io.fundamentallm.internal.numerics.Exp;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Draws from the softmax of the scores: u in [0, 1), and the first token in order of id whose
 * cumulative mass is greater than u. Sums are in double; from 8,192 candidates on, the weights are
 * floats with a relative error of 3e-6, about that of the logits' own rounding.
 */
final class Draw implements Sampler {
  /** From this many candidates on, weights are computed in blocks. */
  private static final int MANY = 2 * Weights.BLOCK;

  private double[] weights = {};
  private @Nullable Weights blocks;

  @Override
  public int sample(Step step) {
    Logits logits = step.logits();
    float maximum = logits.maximum(); // before count(): this may fall back to one candidate
    double u = step.uniform(Randomness.SAMPLE);
    int chosen = logits.count() < MANY ? drawDirectly(logits, maximum, u) : drawByBlocks(logits, u);
    return logits.token(chosen < 0 ? logits.maximumIndex() : chosen);
  }

  private int drawDirectly(Logits logits, float maximum, double u) {
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
    double target = u * total;
    double cumulative = 0;
    for (int i = 0; i < count; i++) {
      cumulative += weights[i];
      if (cumulative > target) {
        return i;
      }
    }
    return -1;
  }

  private int drawByBlocks(Logits logits, double u) {
    if (blocks == null) {
      blocks = new Weights();
    }
    int count = logits.count();
    float temperature = logits.temperature();
    blocks.of(logits.undivided(), count, logits.maximum() * temperature, temperature);
    int last = (count - 1) / Weights.BLOCK;
    double total = 0;
    for (int block = 0; block <= last; block++) {
      total += blocks.sum(block);
    }
    double target = u * total;
    double cumulative = 0;
    int block = 0;
    while (block < last && cumulative + blocks.sum(block) <= target) {
      cumulative += blocks.sum(block++);
    }
    int from = block * Weights.BLOCK;
    while (from + 8 <= count && cumulative + blocks.sumOfEight(from) <= target) {
      cumulative += blocks.sumOfEight(from);
      from += 8;
    }
    int drawn = -1;
    for (int i = from; i < count; i++) {
      cumulative += blocks.weight(i);
      if (blocks.weight(i) > 0) {
        drawn = i;
        if (cumulative > target) {
          break;
        }
      }
    }
    return drawn; // -1 if rounding left the sum slightly below u
  }

  @Override
  public Optional<Distribution> distribution(Step step) {
    return Optional.of(Distribution.softmax(step.logits()));
  }
}
