package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.train.checkpoint.Checkpoints;
import io.fundamentallm.runtime.cpu.train.checkpoint.TrainingSettings;
import io.fundamentallm.runtime.cpu.train.window.Windows;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Chooses what a plan leaves open: the size of the model from the data and from what this machine
 * computes within the budget, then the steps, from the time that some of them take. A training that
 * resumes chooses nothing but the steps of other epochs: what was chosen stands in its last
 * checkpoint.
 */
final class PlanChoice {
  /** Evaluations of an automatic plan. */
  private static final int EVALUATIONS = 10;

  /** Windows that each of them reads. */
  private static final int WINDOWS = 24;

  /** The part of the budget that steps may take; the rest is for what no measurement foresees. */
  private static final double SPARE = 0.03;

  /** Fewer are no training, however small the budget. */
  private static final int LEAST = 10;

  private final TrainingData data;
  private final int threads;
  private final Cancellation cancellation;
  private final long start = System.nanoTime();

  private PlanChoice(TrainingData data, int threads, Cancellation cancellation) {
    this.data = data;
    this.threads = threads;
    this.cancellation = cancellation;
  }

  /**
   * The plan with nothing open.
   *
   * @throws IOException when a checkpoint to resume from, or a model to start from, cannot be read
   */
  static TrainingPlan of(
      TrainingData data, TrainingPlan plan, int threads, Cancellation cancellation)
      throws IOException {
    if (plan.open().isEmpty()) {
      return plan;
    }
    if (plan.checkpoints().resume()) {
      Optional<TrainingSettings> written =
          UninterruptedTraining.get(() -> Checkpoints.last(plan.modelDirectory()));
      if (written.isPresent()) {
        TrainingPlan again = written.get().chosen(plan);
        return again.open().isEmpty()
            ? again
            : new PlanChoice(data, threads, cancellation).choose(again);
      }
    }
    return new PlanChoice(data, threads, cancellation).choose(plan);
  }

  private TrainingPlan choose(TrainingPlan plan) throws IOException {
    TrainingPlan.Builder chosen = plan.toBuilder();
    if (plan.open().contains("architecture")) {
      chosen.architecture(size(plan).recipe());
    }
    int steps = plan.steps();
    if (plan.open().contains("steps")) {
      steps = steps(chosen.build());
      chosen.steps(steps);
    }
    if (plan.open().contains("warmupSteps")) {
      chosen.warmupSteps(Math.min(plan.warmupSteps(), steps / 10));
    }
    if (plan.open().contains("validation")) {
      chosen.validation(Validation.every(Math.max(1, steps / EVALUATIONS)).withWindows(WINDOWS));
    }
    return chosen.build();
  }

  /** The model whose size suits the data, and the computing that steps or budget allow. */
  private ModelSize size(TrainingPlan plan) throws IOException {
    int vocabulary = data.tokenizer().vocabulary().size();
    ModelSize first = ModelSize.SMALL;
    double flops;
    if (plan.open().contains("steps") && plan.epochs() == 0) {
      TrainingPlan trial = plan.toBuilder().architecture(first.recipe()).build();
      double seconds = new StepTime(data, trial, threads, cancellation).measure(part(plan, 0.02));
      flops = first.flops(plan, vocabulary) / seconds * seconds(plan);
    } else {
      int steps = plan.open().contains("steps") ? epochs(plan) : plan.steps();
      flops = first.flops(plan, vocabulary) * steps;
    }
    return ModelSize.of(flops, data.training().size());
  }

  private int steps(TrainingPlan plan) throws IOException {
    if (plan.epochs() > 0) {
      return epochs(plan);
    }
    double step = new StepTime(data, plan, threads, cancellation).measure(part(plan, 0.04));
    double left = seconds(plan) * (1 - SPARE) - (System.nanoTime() - start) / 1e9;
    // a forward pass is a third of a step
    double token =
        step / 3 / ((double) plan.batchSize() * plan.accumulation() * plan.contextLength());
    double all = data.validation().size();
    double sampled = Math.min(all, (double) WINDOWS * plan.contextLength());
    left -= token * (all + EVALUATIONS * sampled);
    return (int) Math.max(LEAST, Math.min(Integer.MAX_VALUE, left / step));
  }

  /** The steps of whole epochs, of which the last one may take windows of the next. */
  private int epochs(TrainingPlan plan) {
    long windows = Windows.epoch(plan, data.training(), data.tokenizer().vocabulary());
    double share = data.replay().map(TrainingData.Replay::share).orElse(0.0);
    double all = windows * (double) plan.epochs() / (1 - share);
    double steps = Math.ceil(all / ((double) plan.batchSize() * plan.accumulation()));
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, steps));
  }

  private static Duration part(TrainingPlan plan, double part) {
    return Duration.ofNanos((long) (seconds(plan) * part * 1e9));
  }

  private static double seconds(TrainingPlan plan) {
    return plan.budget().orElseThrow().toNanos() / 1e9;
  }
}
