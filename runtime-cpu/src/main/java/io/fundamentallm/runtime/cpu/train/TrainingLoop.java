package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.train.checkpoint.TrainingState;
import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
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
 * Decides what a training does and when: step after step, sometimes an evaluation and a checkpoint,
 * and the model at the end. Notifies the listeners.
 */
final class TrainingLoop {
  private final Training training;
  private final Pace pace;
  private final Cancellation cancellation;
  private final List<TrainingListener> listeners;
  private final long start;

  private TrainingPlan plan;
  private TrainingState state = TrainingState.BEGINNING;
  private int taken;
  private int saved;
  private long working; // nanoseconds in steps alone
  private long counted; // the time from which on steps are counted
  private double tokensPerSecond = Double.NaN;

  TrainingLoop(
      Training training,
      TrainingPlan plan,
      Pace pace,
      Cancellation cancellation,
      List<TrainingListener> listeners) {
    this.training = training;
    this.plan = plan;
    this.pace = pace;
    start = pace.now();
    this.cancellation = cancellation;
    this.listeners = listeners;
  }

  /** Takes all steps, or those after the last checkpoint, and writes the model. */
  TrainingResult run() throws IOException {
    state = training.begin(cancellation);
    saved = state.step();
    int interval = plan.checkpoints().interval();
    try {
      evaluate();
      pace.begin();
      while (state.step() < plan.steps() && !stopsEarly()) {
        takeStep();
        keepPace();
        evaluate();
        if (interval > 0 && state.step() % interval == 0) {
          save();
        }
      }
    } catch (CancellationException e) {
      saveLastStep();
      throw e;
    }
    saveLastStep(); // before the best weights replace its own
    double validationLoss = training.finish(state, cancellation, this::report);
    return new TrainingResult(
        plan.modelDirectory(),
        state.step(),
        state.loss(),
        validationLoss,
        tokensPerSecond,
        Duration.ofNanos(pace.now() - start),
        Recipe.name(plan.objective().loss()).equals("dpo"));
  }

  private boolean stopsEarly() {
    Validation validation = plan.validation();
    return validation.patience() > 0 && state.stale() >= validation.patience();
  }

  private void takeStep() {
    cancellation.throwIfCancelled();
    long before = pace.now();
    int step = state.step() + 1;
    TrainingSteps.Outcome outcome = training.step(step);
    state = state.stepped(outcome.loss());
    taken++;
    long now = pace.now();
    if (taken <= 2) { // in the first one code is loaded and memory taken: it tells of no other
      counted = before;
      working = 0;
    }
    working += now - before;
    int steps = Math.max(1, taken - 1);
    double tokens = (double) plan.batchSize() * plan.accumulation() * plan.contextLength();
    tokensPerSecond = steps * tokens / (working / 1e9);
    Progress progress =
        new Progress(
            step,
            plan.steps(),
            outcome.loss(),
            outcome.learningRate(),
            outcome.gradientNorm(),
            tokensPerSecond,
            Duration.ofNanos(now - start),
            Duration.ofNanos((long) ((double) (now - counted) / steps * (plan.steps() - step))));
    listeners.forEach(listener -> listener.onStep(progress));
  }

  /** Chooses the steps anew, if the budget asks for it. */
  private void keepPace() {
    pace.after(state.step(), plan)
        .ifPresent(
            anew -> {
              plan = anew;
              training.follow(anew);
              listeners.forEach(listener -> listener.onPlan(anew));
            });
  }

  /** Evaluates, if an evaluation is due. */
  private void evaluate() throws IOException {
    int step = state.step();
    Validation validation = plan.validation();
    boolean last = step == plan.steps();
    boolean due = last ? validation.keepBest() : step % validation.interval() == 0;
    if (due && state.evaluated() != step && training.measures()) {
      state = training.measure(state, cancellation, this::report);
    }
  }

  private void report(Evaluation evaluation) {
    listeners.forEach(listener -> listener.onEvaluation(evaluation));
  }

  private void saveLastStep() throws IOException {
    if (plan.checkpoints().interval() > 0 && state.step() > saved) {
      save();
    }
  }

  private void save() throws IOException {
    Path where = training.save(state);
    saved = state.step();
    listeners.forEach(listener -> listener.onCheckpoint(saved, where));
  }
}
