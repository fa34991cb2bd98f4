package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.train.checkpoint.TrainingState;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingListener.Evaluation;
import io.fundamentallm.training.TrainingListener.Progress;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * The whole of training: step after step, now and then a look at the validation tokens and a
 * checkpoint, and in the end the model.
 */
final class TrainingLoop {
  private final Training training;
  private final TrainingPlan plan;
  private final Validation validation;
  private final Cancellation cancellation;
  private final List<TrainingListener> listeners;
  private final long start = System.nanoTime();

  private TrainingState standing = TrainingState.BEGINNING;
  private int taken;
  private int saved;
  private long working; // nanoseconds in steps alone
  private double tokensPerSecond = Double.NaN;

  TrainingLoop(
      Training training,
      TrainingPlan plan,
      Cancellation cancellation,
      List<TrainingListener> listeners) {
    this.training = training;
    this.plan = plan;
    this.validation = plan.validation();
    this.cancellation = cancellation;
    this.listeners = listeners;
  }

  /** Takes all steps, or those after the last checkpoint, and writes the model. */
  TrainingResult run() throws IOException {
    begin();
    try {
      evaluate();
      while (standing.step() < plan.steps() && !stopsEarly()) {
        takeStep();
        evaluate();
        if (checkpointing() && standing.step() % plan.checkpointInterval() == 0) {
          save();
        }
      }
    } catch (CancellationException e) {
      saveLastStep();
      throw e;
    }
    saveLastStep(); // before the average or the best weights take the place of its own
    return finish();
  }

  private void saveLastStep() throws IOException {
    if (checkpointing() && standing.step() > saved) {
      save();
    }
  }

  private void begin() throws IOException {
    if (plan.resume()) {
      standing = UninterruptedTraining.get(training::resume);
      saved = standing.step();
    } else if (checkpointing() || validation.keepBest()) {
      UninterruptedTraining.run(training.checkpoints()::requireNone);
    }
  }

  private boolean checkpointing() {
    return plan.checkpointInterval() > 0;
  }

  private boolean stopsEarly() {
    return validation.patience() > 0 && standing.stale() >= validation.patience();
  }

  private void takeStep() {
    cancellation.throwIfCancelled();
    long before = System.nanoTime();
    int step = standing.step() + 1;
    TrainingSteps.Outcome outcome = training.steps().take(step);
    training.average().add(step);
    standing = standing.stepped(outcome.loss());
    taken++;
    long now = System.nanoTime();
    working += now - before;
    double tokens = (double) plan.batchSize() * plan.accumulation() * plan.contextLength();
    tokensPerSecond = taken * tokens / (working / 1e9);
    Progress progress =
        new Progress(
            step,
            plan.steps(),
            outcome.loss(),
            outcome.learningRate(),
            outcome.gradientNorm(),
            tokensPerSecond,
            Duration.ofNanos(now - start),
            Duration.ofNanos((now - start) / taken * (plan.steps() - step)));
    listeners.forEach(listener -> listener.onStep(progress));
  }

  /** Where a look at the sample of validation tokens is due, that, and what follows from it. */
  private void evaluate() throws IOException {
    int step = standing.step();
    boolean last = step == plan.steps();
    boolean due = last ? validation.keepBest() : step % validation.interval() == 0;
    if (!due || standing.evaluated() == step || training.evaluator().isEmpty()) {
      return;
    }
    training.average().swap();
    try {
      Evaluation evaluation = training.evaluator().sample(step, cancellation);
      listeners.forEach(listener -> listener.onEvaluation(evaluation));
      standing = standing.evaluated(evaluation.loss(), validation.minimumImprovement());
      if (validation.keepBest() && standing.isBest()) {
        UninterruptedTraining.run(() -> training.checkpoints().saveBest(standing));
      }
    } finally {
      training.average().swap();
    }
  }

  private void save() throws IOException {
    // nothing could go on from weights that are not finite
    training.divergence().requireWeights(training.weightNorm(), standing.step());
    training.average().swap();
    Path where;
    try {
      where =
          UninterruptedTraining.get(
              () -> training.checkpoints().save(standing, plan.keptCheckpoints()));
    } finally {
      training.average().swap();
    }
    saved = standing.step();
    listeners.forEach(listener -> listener.onCheckpoint(standing.step(), where));
  }

  /** Measures and writes the weights that are the result. */
  private TrainingResult finish() throws IOException {
    int step = standing.step();
    training.average().swap();
    if (validation.keepBest() && standing.bestStep() > 0 && !standing.isBest()) {
      step = standing.bestStep();
      UninterruptedTraining.run(() -> training.checkpoints().restoreBest(standing.bestStep()));
    }
    training.divergence().requireWeights(training.weightNorm(), step);
    double validationLoss = Double.NaN;
    if (!training.evaluator().isEmpty()) {
      Evaluation evaluation = training.evaluator().whole(step, cancellation);
      listeners.forEach(listener -> listener.onEvaluation(evaluation));
      validationLoss = evaluation.loss();
      training.divergence().requireResult(validationLoss, step);
    }
    TrainedModel model = training.model();
    UninterruptedTraining.run(() -> model.writeResult(model.weights(), plan.modelDirectory()));
    UninterruptedTraining.run(training.checkpoints()::finish);
    return new TrainingResult(
        plan.modelDirectory(),
        standing.step(),
        standing.loss(),
        validationLoss,
        tokensPerSecond,
        Duration.ofNanos(System.nanoTime() - start));
  }
}
