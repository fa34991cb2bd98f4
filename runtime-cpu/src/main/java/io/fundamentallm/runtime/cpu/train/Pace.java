package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.train.optimizer.Course;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Keeps a training within its budget. How long a step takes is never known in advance: code is not
 * yet compiled, the machine is busy for a moment, or later. So the steps are chosen anew on the
 * way: the first time after a tenth of them or of the time, then each time that a third of what was
 * left has passed, from the time that steps have taken since the last choice, with all that happens
 * between them. What is wrong with a choice so becomes less with each. One thread at a time.
 */
final class Pace {
  /** Evaluations of an automatic plan. */
  private static final int EVALUATIONS = 10;

  /** Windows that each of them reads. */
  private static final int WINDOWS = 24;

  /** The part of the budget that is left for what no measurement foresees. */
  private static final double SPARE = 0.015;

  /** Fewer are no training, however small the budget. */
  private static final int LEAST = 10;

  /** A change by less than this part of the steps says nothing. */
  private static final double NOISE = 0.005;

  private final TrainingPlan open;
  private final LongSupplier clock;
  private final double afterwards; // what the evaluation at the end takes, in steps
  private final long start;
  private final long end;
  private boolean chooses;
  private int chosenAt;
  private long chosenTime;
  private int nextStep;
  private long nextTime;

  /**
   * Begins to count the time.
   *
   * @param clock in nanoseconds
   */
  Pace(TrainingPlan open, TrainingData data, LongSupplier clock) {
    this.open = open;
    this.clock = clock;
    double tokens = (double) open.batchSize() * open.accumulation() * open.contextLength();
    afterwards = data.validation().size() / tokens / 3; // a forward pass is a third of a step
    start = clock.getAsLong();
    end = start + (long) (open.budget().map(Duration::toNanos).orElse(0L) * (1 - SPARE));
  }

  /** The time, in nanoseconds. */
  long now() {
    return clock.getAsLong();
  }

  /** The budget in seconds. */
  double seconds() {
    return open.budget().orElseThrow().toNanos() / 1e9;
  }

  /**
   * The steps to begin with.
   *
   * @param step seconds that one takes
   */
  int first(double step) {
    long now = now();
    chooses = open.objective().scheduledSampling().equals("none"); // which depends on the steps
    int steps = Math.max(LEAST, fitting(0, now, step * 1e9));
    next(0, now, steps / 10, (end - start) / 10);
    return steps;
  }

  /** A plan with the evaluations that an automatic one has. */
  static TrainingPlan watched(TrainingPlan plan) {
    int interval = Math.max(1, plan.steps() / EVALUATIONS);
    return plan.toBuilder().validation(Validation.every(interval).withWindows(WINDOWS)).build();
  }

  /**
   * Begins the first step. What came before it, such as reading a model, says nothing about steps.
   */
  void begin() {
    long now = now();
    next(0, now, nextStep, (end - now) / 10);
  }

  /** The warm-up of a plan that leaves it open. */
  static int warmup(TrainingPlan open, int steps) {
    return Math.min(open.warmupSteps(), steps / 10);
  }

  /** Chooses anew after a step, if it is time to and something changes; otherwise empty. */
  Optional<TrainingPlan> after(int step, TrainingPlan plan) {
    long now = now();
    int steps = plan.steps();
    if (!chooses || step >= steps || (step < nextStep && now < nextTime)) {
      return Optional.empty();
    }
    double taken = (double) (now - chosenTime) / (step - chosenAt);
    // the rate comes down in a few steps, even if the time is over
    int least = Math.min(steps, Math.max(LEAST, step + 1 + step / 100));
    int fitting = Math.max(least, fitting(step, now, taken));
    boolean changed = Math.abs(fitting - steps) > NOISE * steps;
    int chosen = changed ? fitting : steps;
    next(step, now, (chosen - step) / 3, (end - now) / 3);
    if (!changed) {
      return Optional.empty();
    }
    int warmup = plan.warmupSteps();
    if (step <= warmup && open.open().contains("warmupSteps")) {
      warmup = Math.max(step, warmup(open, chosen));
    }
    TrainingPlan anew = Course.chosen(plan, step, chosen, warmup);
    return Optional.of(open.open().contains("validation") ? watched(anew) : anew);
  }

  private void next(int step, long now, int steps, long nanos) {
    chosenAt = step;
    chosenTime = now;
    nextStep = step + Math.max(1, steps);
    nextTime = now + Math.max(0, nanos);
  }

  /** The steps in all that fit, if the next ones take so many nanoseconds. */
  private int fitting(int step, long now, double nanos) {
    return (int) Math.min(Integer.MAX_VALUE, step + (end - now) / nanos - afterwards);
  }
}
