package io.fundamentallm.training;

import java.util.Locale;

/**
 * The memory that a training run takes, in bytes, known before its first step.
 *
 * @param weights the parameters, including frozen ones and copies for averaging
 * @param gradients of the trained parameters
 * @param optimizer the optimizer's state
 * @param activations what a forward pass keeps for the backward pass, and scratch memory
 * @param available the most that the heap can provide
 */
public record TrainingMemory(
    long weights, long gradients, long optimizer, long activations, long available) {

  /** All together. */
  public long total() {
    return weights + gradients + optimizer + activations;
  }

  /** The figures in MiB, on one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d MiB: weights %,d, gradients %,d, optimiser %,d, activations %,d; the heap has %,d MiB",
        mebibytes(total()),
        mebibytes(weights),
        mebibytes(gradients),
        mebibytes(optimizer),
        mebibytes(activations),
        available >> 20);
  }

  private static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
