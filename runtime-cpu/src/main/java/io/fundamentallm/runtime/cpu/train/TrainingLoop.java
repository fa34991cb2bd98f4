package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.Cancellation;
import io.fundamentallm.TrainingListener;
import io.fundamentallm.TrainingListener.Progress;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The whole of training: step after step, with a look at the validation tokens now and then. */
final class TrainingLoop {
  private final Training training;
  private final TrainingPlan plan;
  private final Cancellation cancellation;
  private final List<TrainingListener> listeners;
  private final long start = System.nanoTime();

  // nanoseconds that are not counted into the speed
  private long aside;
  private double tokensPerSecond = Double.NaN;

  TrainingLoop(
      Training training,
      TrainingPlan plan,
      Cancellation cancellation,
      List<TrainingListener> listeners) {
    this.training = training;
    this.plan = plan;
    this.cancellation = cancellation;
    this.listeners = listeners;
  }

  /** Takes all steps, or those after the last checkpoint, and writes the model. */
  TrainingResult run() throws IOException {
    int done = plan.resume() ? training.checkpoints().resume() : 0;
    double loss = Double.NaN;
    for (int step = done + 1; step <= plan.steps(); step++) {
      cancellation.throwIfCancelled();
      TrainingSteps.Outcome outcome = training.steps().take(step);
      loss = outcome.loss();
      long now = System.nanoTime();
      tell(step, step - done, outcome, now);
      if (step % plan.validation().interval() == 0 && step < plan.steps()) {
        training.evaluator().sample(step, cancellation, listeners);
      }
      if (plan.checkpointInterval() > 0 && step % plan.checkpointInterval() == 0) {
        save(step);
      }
      aside += System.nanoTime() - now;
    }
    double validationLoss = training.evaluator().whole(plan.steps(), cancellation, listeners);
    // no later step looks at what the last update did
    double last = training.evaluator().isEmpty() ? 0 : validationLoss;
    TrainingSteps.requireFinite(last, training.weightNorm(), plan.steps());
    training.model().writeResult(training.model().weights(), plan.modelDirectory());
    return new TrainingResult(
        plan.modelDirectory(),
        plan.steps(),
        loss,
        validationLoss,
        tokensPerSecond,
        Duration.ofNanos(System.nanoTime() - start));
  }

  private void tell(int step, int taken, TrainingSteps.Outcome outcome, long now) {
    double tokens = (double) plan.batchSize() * plan.accumulation() * plan.contextLength();
    tokensPerSecond = taken * tokens / ((now - start - aside) / 1e9);
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

  private void save(int step) throws IOException {
    Path where = training.checkpoints().save(step, plan.keptCheckpoints());
    listeners.forEach(listener -> listener.onCheckpoint(step, where));
  }
}
