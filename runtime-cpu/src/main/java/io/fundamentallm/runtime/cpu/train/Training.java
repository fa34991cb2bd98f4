package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.internal.files.DurableFiles;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.checkpoint.Checkpoints;
import io.fundamentallm.runtime.cpu.train.checkpoint.TokenizerCheck;
import io.fundamentallm.runtime.cpu.train.checkpoint.TrainingSettings;
import io.fundamentallm.runtime.cpu.train.checkpoint.TrainingState;
import io.fundamentallm.runtime.cpu.train.layer.FlatLayout;
import io.fundamentallm.runtime.cpu.train.layer.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.layer.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.layer.TrainedTensors;
import io.fundamentallm.runtime.cpu.train.optimizer.GradientNorm;
import io.fundamentallm.runtime.cpu.train.optimizer.Optimizer;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.runtime.cpu.train.tuning.WeightAverage;
import io.fundamentallm.runtime.cpu.train.tuning.WholeModel;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingMemory;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What a plan and its data come to: model, steps, evaluator and checkpoints. To be closed, which
 * ends its threads.
 */
final class Training implements AutoCloseable {
  private final Parallel parallel;
  private final TrainedModel model;
  private final GradientNorm norms;
  private final Divergence divergence;
  private final TrainingSteps steps;
  private final Evaluator evaluator;
  private final WeightAverage average;
  private final Checkpoints checkpoints;

  private Training(
      TrainingData data, TrainingPlan plan, Consumer<TrainingMemory> told, Parallel threads)
      throws IOException {
    Kernels kernels = Kernels.best();
    parallel = threads;
    if (plan.fineTuning().isEmpty()) {
      TrainableConfig config = WholeModel.config(plan, data.tokenizer().vocabulary().size());
      TrainedTensors all = TrainedTensors.of(plan, new ParameterLayout(config));
      requireMemory(plan, told, () -> memory(plan, config, all.size(), all.size(), all, 0));
    }
    model = TrainedModel.of(plan, data.tokenizer(), kernels, parallel);
    if (plan.fineTuning().isPresent()) {
      requireMemory(plan, told, () -> memory(plan, model));
    }
    Optimizer optimizer = Optimizer.of(plan, model.trained(), kernels, parallel);
    norms = new GradientNorm(model.trained(), kernels, parallel);
    divergence = new Divergence(plan, model, kernels);
    steps = new TrainingSteps(plan, data, model, optimizer, norms, divergence);
    evaluator = new Evaluator(model.transformer(), data, plan);
    average = WeightAverage.of(plan, model, kernels, parallel);
    Map<String, float[]> arrays = new HashMap<>(optimizer.state());
    arrays.putAll(average.state());
    checkpoints =
        new Checkpoints(plan, model, arrays, () -> TrainingSettings.of(plan, data, model));
  }

  /**
   * Looks at what is found without a model.
   *
   * @throws IllegalArgumentException when plan and data do not fit together; says how
   */
  static void requireFit(TrainingData data, TrainingPlan plan) {
    TrainingSettings.requireChangeable(plan.changed());
    if (data.training().size() < 2) {
      throw new IllegalArgumentException(
          "there are " + data.training().size() + " tokens to train on; expected at least 2");
    }
    if ((long) plan.batchSize() * plan.contextLength() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a batch of "
              + plan.batchSize()
              + " windows of "
              + plan.contextLength()
              + " tokens is more than an array holds");
    }
    boolean looks = plan.validation().keepBest() || plan.validation().patience() > 0;
    if (looks && data.validation().size() < 2) {
      throw new IllegalArgumentException(
          "to keep the best weights or to stop early takes validation tokens; there are "
              + data.validation().size());
    }
  }

  /**
   * Prepares a training.
   *
   * @param told what it will hold, before it is allocated; a model to start from is read before
   * @throws IllegalStateException when that is more than the heap can take; names the figures
   * @throws IllegalArgumentException when plan and data do not fit together; says how
   * @throws IOException when the model's directory cannot be made, or the model to start from
   *     cannot be read
   */
  static Training of(
      TrainingData data, TrainingPlan plan, Consumer<TrainingMemory> told, int threads)
      throws IOException {
    requireFit(data, plan);
    // found before the work, not after it
    DurableFiles.createDirectories(plan.modelDirectory());
    if (plan.fineTuning().isEmpty()) {
      TokenizerCheck.require(data.tokenizer(), plan.modelDirectory());
    }
    Parallel parallel = Parallel.ofThreads(threads);
    try {
      return new Training(data, plan, told, parallel);
    } catch (IOException | RuntimeException | Error e) {
      parallel.close();
      throw e;
    }
  }

  private TrainingMemory memory(
      TrainingPlan plan,
      TrainableConfig config,
      long weights,
      long gradients,
      FlatLayout trained,
      long held) {
    return MemoryPlan.of(plan, config, weights, gradients, trained, held, parallel.slots());
  }

  /** Of a model whose weights and gradients are there already. */
  private TrainingMemory memory(TrainingPlan plan, TrainedModel there) {
    TrainableTransformer transformer = there.transformer();
    boolean own = there.weights() == transformer.parameters();
    long besides = own ? 0 : there.weights().length;
    long weights = there.held();
    long gradients = transformer.gradients().length + besides;
    long held = Float.BYTES * (weights + gradients);
    return memory(plan, transformer.config(), weights, gradients, there.trained(), held);
  }

  private static void requireMemory(
      TrainingPlan plan, Consumer<TrainingMemory> told, Supplier<TrainingMemory> figures) {
    TrainingMemory memory = figures.get();
    if (!MemoryPlan.fits(memory)) {
      System.gc(); // what is garbage counts as taken until then
      memory = figures.get();
    }
    told.accept(memory);
    if (!MemoryPlan.fits(memory)) {
      throw MemoryPlan.refusal(memory, plan);
    }
  }

  /**
   * Takes up the last checkpoint, where there is one.
   *
   * @throws IOException when it cannot be read, or was written with other settings than the plan
   *     allows; names it and them
   */
  TrainingState resume() throws IOException {
    TrainingState standing = checkpoints.resume();
    if (standing.step() > 0) {
      average.swap(); // a checkpoint's model is the average
    }
    return standing;
  }

  TrainingSteps steps() {
    return steps;
  }

  /** Stands in the weights' place while they are measured or written. */
  WeightAverage average() {
    return average;
  }

  Evaluator evaluator() {
    return evaluator;
  }

  TrainedModel model() {
    return model;
  }

  Checkpoints checkpoints() {
    return checkpoints;
  }

  /** Looks at what no later step does. */
  Divergence divergence() {
    return divergence;
  }

  /** The norm of all weights together: not finite where one of them is not. */
  double weightNorm() {
    return norms.of(model.weights());
  }

  @Override
  public void close() {
    parallel.close();
  }
}
