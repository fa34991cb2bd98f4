package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.train.layer.MixtureActivations.Gradients;
import java.util.Arrays;

/**
 * The loss that spreads tokens over experts (Fedus et al. 2021), as transformers computes it: the
 * number of experts times {@code Σ f·p}, where f is the share of tokens that chose an expert and p
 * its mean probability, over all layers together. Over the sequences that go through the model
 * together, up to the last target of each that counts: the rest is padding.
 */
final class Balance {
  private Balance() {}

  /** Forgets the last pass. */
  static void begin(Gradients of) {
    Arrays.fill(of.counts, 0);
    Arrays.fill(of.sums, 0);
    Arrays.fill(of.slopes, 0);
    of.layers = 0;
  }

  /**
   * The loss of what went through since then.
   *
   * @param rows that are not padding
   * @param factor on it
   */
  static double loss(Gradients of, int rows, double factor) {
    double all = (double) rows * of.layers;
    double sum = 0;
    for (int e = 0; e < of.counts.length; e++) {
      sum += of.counts[e] / all * (of.sums[e] / all);
    }
    return factor * of.counts.length * sum;
  }

  /**
   * Prepares the gradient of the same loss with respect to each probability.
   *
   * @param factor on it
   */
  static void prepare(Gradients of, int rows, double factor) {
    double all = (double) rows * of.layers;
    for (int e = 0; e < of.counts.length; e++) {
      of.slopes[e] = (float) (factor * of.counts.length * of.counts[e] / all / all);
    }
  }
}
