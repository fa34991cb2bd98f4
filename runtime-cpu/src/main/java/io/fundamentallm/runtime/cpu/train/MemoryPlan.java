package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.train.layer.Activations;
import io.fundamentallm.runtime.cpu.train.layer.Compute;
import io.fundamentallm.runtime.cpu.train.layer.FlatLayout;
import io.fundamentallm.runtime.cpu.train.layer.Head;
import io.fundamentallm.runtime.cpu.train.layer.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.optimizer.Optimizer;
import io.fundamentallm.runtime.cpu.train.tuning.WeightAverage;
import io.fundamentallm.training.TrainingMemory;
import io.fundamentallm.training.TrainingPlan;

/**
 * What a training will hold, from the figures that stand beside each allocation, before it is
 * allocated.
 */
final class MemoryPlan {
  /** Garbage collectors give every large array regions of its own, the last of them not full. */
  private static final int SPARE = 16;

  private MemoryPlan() {}

  /**
   * The figures of a training.
   *
   * @param weights floats of all weights, frozen and trained ones
   * @param gradients floats of their gradients
   * @param trained what the optimiser updates
   * @param held bytes of all these that are allocated already
   */
  static TrainingMemory of(
      TrainingPlan plan,
      TrainableConfig config,
      long weights,
      long gradients,
      FlatLayout trained,
      long held,
      int threads) {
    int rows =
        TrainableTransformer.together(plan.batchSize(), plan.contextLength())
            * plan.contextLength();
    return new TrainingMemory(
        Float.BYTES * weights + WeightAverage.bytes(plan, trained),
        Float.BYTES * gradients,
        Optimizer.bytes(plan, trained, threads),
        Activations.bytes(config, rows, plan.objective().dropout() > 0)
            + Compute.bytes(config, threads)
            + Head.bytes(config, rows)
            + TrainingSteps.bytes(plan)
            + Evaluator.bytes(plan, config),
        held + available());
  }

  /** The most that the heap can still take in. */
  private static long available() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
  }

  /** Whether it fits as far as can be said. */
  static boolean fits(TrainingMemory memory) {
    return memory.total() <= memory.available() - memory.available() / SPARE;
  }

  /** What is thrown where it does not. */
  static IllegalStateException refusal(TrainingMemory memory, TrainingPlan plan) {
    return new IllegalStateException(
        "the training does not fit into memory. It takes "
            + memory
            + ". Give the JVM a larger heap with -Xmx, or lower the batch size ("
            + plan.batchSize()
            + ") and raise accumulation ("
            + plan.accumulation()
            + ") as much, which trains the same");
  }
}
