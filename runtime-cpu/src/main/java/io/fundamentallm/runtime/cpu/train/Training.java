package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.internal.files.DurableFiles;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.checkpoint.Checkpoints;
import io.fundamentallm.runtime.cpu.train.checkpoint.TokenizerCheck;
import io.fundamentallm.runtime.cpu.train.checkpoint.TrainingSettings;
import io.fundamentallm.runtime.cpu.train.checkpoint.TrainingState;
import io.fundamentallm.runtime.cpu.train.layer.Criterion;
import io.fundamentallm.runtime.cpu.train.layer.TrainingPrecision;
import io.fundamentallm.runtime.cpu.train.optimizer.GradientNorm;
import io.fundamentallm.runtime.cpu.train.optimizer.Optimizer;
import io.fundamentallm.runtime.cpu.train.parameter.ModelRecipe;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.runtime.cpu.train.tuning.WeightAverage;
import io.fundamentallm.runtime.cpu.train.window.TrainingWindows;
import io.fundamentallm.runtime.cpu.train.window.Windows;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener.Evaluation;
import io.fundamentallm.training.TrainingMemory;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What can be done with a model in training: take a step, measure, save, finish. It holds the
 * weights and all that belongs to them. The caller keeps track of how far the training is and
 * passes that in. Closing ends its threads.
 */
final class Training implements AutoCloseable {
  private TrainingPlan plan;
  private final Parallel parallel;
  private final TrainedModel model;
  private final Divergence divergence;
  private final TrainingSteps steps;
  private final Evaluator evaluator;
  private final WeightAverage average;
  private final Checkpoints checkpoints;
  private final Reference reference;

  private Training(
      TrainingData data, TrainingPlan plan, Consumer<TrainingMemory> listener, Parallel parallel)
      throws IOException {
    this.plan = plan;
    this.parallel = parallel;
    Kernels kernels = Kernels.best();
    int slots = parallel.slots();
    // first of all: how much they take is up to the data, and a model leaves less room for it
    TrainingWindows training = TrainingWindows.of(plan, data);
    Windows validation = Windows.validation(plan, data.validation(), data.tokenizer().vocabulary());
    if (plan.fineTuning().isEmpty()) {
      TrainableConfig config = ModelRecipe.of(plan, data.tokenizer().vocabulary().size()).config();
      TrainedTensors all = TrainedTensors.of(plan, new ParameterLayout(config));
      long windows = bytes(plan, config, training, validation);
      MemoryPlan.require(plan, listener, () -> MemoryPlan.of(plan, config, all, windows, slots));
    }
    model = TrainedModel.of(plan, data.tokenizer(), TrainingPrecision.of(plan, kernels), parallel);
    try {
      if (plan.fineTuning().isPresent()) {
        long windows = bytes(plan, model.transformer().config(), training, validation);
        MemoryPlan.require(plan, listener, () -> MemoryPlan.of(plan, model, windows, slots));
      }
      Optimizer optimizer = Optimizer.of(plan).make(model.trained(), kernels, parallel);
      GradientNorm norms = new GradientNorm(model.trained(), kernels, parallel);
      divergence = new Divergence(() -> this.plan, model, kernels, norms);
      steps = new TrainingSteps(plan, training, model, optimizer, norms, divergence);
      evaluator = new Evaluator(model.transformer(), data, plan, validation);
      average = WeightAverage.of(plan, model, kernels, parallel);
      Map<String, float[]> arrays = new HashMap<>(optimizer.state());
      arrays.putAll(average.state());
      reference = new Reference(model.transformer(), plan.batchSize());
      reference.add("reference.training", steps.windows(), arrays);
      reference.add("reference.validation", evaluator.windows(), arrays);
      checkpoints =
          new Checkpoints(plan, model, arrays, () -> TrainingSettings.of(this.plan, data, model));
    } catch (RuntimeException | Error e) {
      model.transformer().close();
      throw e;
    }
  }

  private static long bytes(
      TrainingPlan plan, TrainableConfig config, TrainingWindows training, Windows validation) {
    return TrainingSteps.bytes(plan, training) + Evaluator.bytes(plan, config, validation);
  }

  /**
   * Checks what can be checked without a model.
   *
   * @throws IllegalArgumentException when plan and data do not fit together; says how
   */
  static void requireFit(TrainingData data, TrainingPlan plan) {
    long tokens = data.training().size();
    if (tokens < 2) {
      throw new IllegalArgumentException(
          (tokens == 0 ? "there is no token" : "there is only one token")
              + " to train on; expected at least 2 in the training part of the data");
    }
    Criterion criterion = Criterion.of(plan.objective());
    ExampleFit.require(data, plan, criterion);
    boolean looks = plan.validation().keepBest() || plan.validation().patience() > 0;
    if (looks && data.validation().size() < 2) {
      throw new IllegalArgumentException(
          "keeping the best weights or stopping early needs validation tokens; there are "
              + data.validation().size());
    }
  }

  /**
   * Prepares a training.
   *
   * @param listener receives what it will hold, before that is allocated; a model to start from is
   *     read first
   * @throws IllegalStateException when that is more than the heap can take; names the figures
   * @throws IllegalArgumentException when plan and data do not fit together; says how
   * @throws IOException when the model's directory cannot be made, or the model to start from
   *     cannot be read
   */
  static Training of(
      TrainingData data, TrainingPlan plan, Consumer<TrainingMemory> listener, int threads)
      throws IOException {
    requireFit(data, plan);
    // reported before the work, not after it
    DurableFiles.createDirectories(plan.modelDirectory());
    if (plan.fineTuning().isEmpty()) {
      TokenizerCheck.require(data.tokenizer(), plan.modelDirectory());
    }
    Parallel parallel = Parallel.ofThreads(threads);
    try {
      return new Training(data, plan, listener, parallel);
    } catch (IOException | RuntimeException | Error e) {
      parallel.close();
      throw e;
    }
  }

  /** What is trained. */
  TrainedModel model() {
    return model;
  }

  /**
   * Where the training begins: at the last checkpoint, if the plan resumes and there is one.
   *
   * @throws IOException when a checkpoint cannot be read, or was written with other settings than
   *     the plan allows
   */
  TrainingState begin(Cancellation cancellation) throws IOException {
    TrainingState state = TrainingState.BEGINNING;
    if (plan.checkpoints().resume()) {
      state = UninterruptedTraining.get(() -> average.during(checkpoints::resume));
    } else if (plan.checkpoints().interval() > 0 || plan.validation().keepBest()) {
      UninterruptedTraining.run(checkpoints::begin);
    }
    if (state.step() == 0) {
      reference.compute(cancellation); // otherwise it was in the checkpoint
    }
    return state;
  }

  /**
   * Takes a step.
   *
   * @param step from 1
   * @throws IllegalStateException when the loss or the gradients are not finite
   */
  TrainingSteps.Outcome step(int step) {
    TrainingSteps.Outcome outcome = steps.take(step);
    average.add(step);
    return outcome;
  }

  /** Goes on with a plan that differs in its steps, and in how they are watched. */
  void follow(TrainingPlan anew) {
    plan = anew;
    steps.follow(anew);
    checkpoints.follow(anew);
  }

  /** Whether there are tokens to measure on. */
  boolean measures() {
    return !evaluator.isEmpty();
  }

  /**
   * Measures the sample of validation tokens, and keeps the weights if they are the best so far.
   *
   * @param listener receives the outcome, before anything is kept
   * @return the state after it
   */
  TrainingState measure(
      TrainingState state, Cancellation cancellation, Consumer<Evaluation> listener)
      throws IOException {
    Validation validation = plan.validation();
    return average.during(
        () -> {
          Evaluation evaluation = evaluator.sample(state.step(), cancellation);
          listener.accept(evaluation);
          TrainingState after = state.evaluated(evaluation.loss(), validation.minimumImprovement());
          if (validation.keepBest() && after.isBest()) {
            UninterruptedTraining.run(() -> checkpoints.saveBest(after));
          }
          return after;
        });
  }

  /**
   * Writes a checkpoint.
   *
   * @return its directory
   * @throws IllegalStateException when the weights are not finite: no training could continue from
   *     them
   */
  Path save(TrainingState state) throws IOException {
    divergence.requireWeights(state.step());
    int kept = plan.checkpoints().kept();
    return average.during(() -> UninterruptedTraining.get(() -> checkpoints.save(state, kept)));
  }

  /**
   * Measures and writes the weights that are the result: the last ones or the best.
   *
   * @param listener receives the outcome on all validation tokens, if there are any
   * @return their loss; NaN without them
   * @throws IllegalStateException when weights or loss are not finite
   */
  double finish(TrainingState state, Cancellation cancellation, Consumer<Evaluation> listener)
      throws IOException {
    return average.during(
        () -> {
          int step = state.step();
          if (plan.validation().keepBest() && state.bestStep() > 0 && !state.isBest()) {
            step = state.bestStep();
            UninterruptedTraining.run(() -> checkpoints.restoreBest(state.bestStep()));
          }
          divergence.requireWeights(step);
          double loss = Double.NaN;
          if (measures()) {
            Evaluation evaluation = evaluator.evaluateAll(step, cancellation);
            listener.accept(evaluation);
            loss = evaluation.loss();
            divergence.requireResult(loss, step);
          }
          UninterruptedTraining.run(() -> model.writeResult(plan.modelDirectory()));
          UninterruptedTraining.run(checkpoints::finish);
          return loss;
        });
  }

  @Override
  public void close() {
    model.transformer().close();
    parallel.close();
  }
}
