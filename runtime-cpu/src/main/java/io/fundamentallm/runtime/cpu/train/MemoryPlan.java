package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.model.HeapTooSmallException;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.train.layer.Activations;
import io.fundamentallm.runtime.cpu.train.layer.Compute;
import io.fundamentallm.runtime.cpu.train.layer.Head;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.optimizer.Optimizer;
import io.fundamentallm.runtime.cpu.train.parameter.FlatLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.runtime.cpu.train.tuning.WeightAverage;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingMemory;
import io.fundamentallm.training.TrainingPlan;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How much memory a training will take: the sum of the figures beside each allocation, before
 * anything is allocated.
 */
final class MemoryPlan {
  /** Garbage collectors give every large array its own regions, the last of them not full. */
  private static final int SPARE = 16;

  private MemoryPlan() {}

  /**
   * Reports how much memory a training will take.
   *
   * @param figures asked again after garbage collection, because garbage counts as taken
   * @throws IllegalStateException when the heap is too small; names the figures
   */
  static void require(
      TrainingPlan plan, Consumer<TrainingMemory> listener, Supplier<TrainingMemory> figures) {
    TrainingMemory memory = figures.get();
    if (!fits(memory)) {
      System.gc();
      memory = figures.get();
    }
    listener.accept(memory);
    if (!fits(memory)) {
      throw refusal(memory, plan);
    }
  }

  /** The figures of a new model, all of which is trained. */
  static TrainingMemory of(
      TrainingPlan plan, TrainableConfig config, TrainedTensors all, long windows, int threads) {
    return of(plan, config, all.size(), all.size(), all, 0, windows, threads);
  }

  /** Those of a model whose weights and gradients already exist. */
  static TrainingMemory of(TrainingPlan plan, TrainedModel there, long windows, int threads) {
    TrainableTransformer transformer = there.transformer();
    boolean own = there.weights() == transformer.parameters();
    long weights = there.held();
    long gradients = transformer.gradients().length + (own ? 0L : there.weights().length);
    long held = Float.BYTES * (weights + gradients);
    // each thread has scratch for the products of factors
    boolean lora = plan.fineTuning().flatMap(FineTuning::lora).isPresent();
    long adapters = lora ? TeamProduct.bytes(threads) : 0;
    return of(
        plan,
        transformer.config(),
        weights,
        gradients,
        there.trained(),
        held,
        windows + adapters,
        threads);
  }

  /**
   * The figures of a training.
   *
   * @param weights floats of all weights, frozen and trained ones
   * @param gradients floats of their gradients
   * @param trained what the optimiser updates
   * @param held bytes of all these that are already allocated
   * @param rest bytes of windows, and of what adapters compute with
   */
  private static TrainingMemory of(
      TrainingPlan plan,
      TrainableConfig config,
      long weights,
      long gradients,
      FlatLayout trained,
      long held,
      long rest,
      int threads) {
    int rows =
        TrainableTransformer.together(plan.batchSize(), plan.contextLength())
            * plan.contextLength();
    return new TrainingMemory(
        Float.BYTES * weights + WeightAverage.bytes(plan, trained),
        Float.BYTES * gradients,
        Optimizer.bytes(plan, trained, threads),
        Activations.bytes(Activations.Kind.of(plan, config), rows)
            + Compute.bytes(config, threads)
            + rest
            + Head.bytes(config, rows),
        held + available());
  }

  /** The most that the heap can still hold. */
  private static long available() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
  }

  /** Whether it fits, as far as can be known. */
  private static boolean fits(TrainingMemory memory) {
    return memory.total() <= memory.available() - memory.available() / SPARE;
  }

  /** The exception where the heap is full even so. */
  static HeapTooSmallException exhausted(OutOfMemoryError cause) {
    return new HeapTooSmallException(
        "the training does not fit into the heap, which has at most "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MiB. Give the JVM a larger one with -Xmx",
        cause);
  }

  /** The exception if it does not. */
  private static IllegalStateException refusal(TrainingMemory memory, TrainingPlan plan) {
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
