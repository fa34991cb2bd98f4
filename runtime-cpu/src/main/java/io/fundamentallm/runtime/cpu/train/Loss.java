package io.fundamentallm.runtime.cpu.train;

/**
 * Cross-entropy over the targets that count.
 *
 * @param sum nats over all of them
 * @param count how many, at least 1
 */
record Loss(double sum, int count) {

  /** Nats per target. */
  double mean() {
    return sum / count;
  }
}
