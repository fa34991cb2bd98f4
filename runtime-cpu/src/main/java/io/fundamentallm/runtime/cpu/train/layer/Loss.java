package io.fundamentallm.runtime.cpu.train.layer;

/**
 * The loss over the targets that count.
 *
 * @param sum nats over all of them
 * @param count how many
 * @param hits at how many of them the target had the largest logit
 * @param margins of all pairs, see {@link PairLoss}; 0 where none are compared
 */
public record Loss(double sum, int count, int hits, double margins) {

  /** Nats per target. */
  public double mean() {
    return sum / count;
  }

  /** Of both together. */
  Loss plus(Loss other) {
    return new Loss(
        sum + other.sum, count + other.count, hits + other.hits, margins + other.margins);
  }
}
