package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.train.checkpoint.Checkpoints;
import io.fundamentallm.runtime.cpu.train.checkpoint.TrainingSettings;
import io.fundamentallm.runtime.cpu.train.window.Windows;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.util.Optional;

/**
 * Chooses what a plan leaves open: the size of the model from the data and from what this machine
 * computes within the budget, then the steps, from the time that some of them take, and from these
 * dropout. A training that resumes chooses nothing but the steps of other epochs: what was chosen
 * stands in its last checkpoint.
 */
final class PlanChoice {
  /**
   * Which part of the budget steps are taken for, to see how long they take: enough for code to be
   * compiled in a minute's, as what is seen chooses the model's size.
   */
  private static final double PART = 0.03;

  /** More than that shows nothing new. */
  private static final double MOST_SECONDS = 5;

  /**
   * A text is read without dropout up to the first, and with little up to the second; measured on a
   * novel and on plays: with seven to twelve passes dropout costs more than it brings.
   */
  private static final double SOME_PASSES = 14;

  private static final double MANY_PASSES = 40;

  /**
   * Where steps are set, the model may be as large as for a budget with so many times their
   * computing: as many steps teach a larger model more, and there is no time that it must keep to.
   */
  private static final double TIME = 3;

  private final TrainingData data;
  private final int threads;
  private final Cancellation cancellation;
  private final Pace pace;

  private PlanChoice(TrainingData data, int threads, Cancellation cancellation, Pace pace) {
    this.data = data;
    this.threads = threads;
    this.cancellation = cancellation;
    this.pace = pace;
  }

  /**
   * The plan with nothing open.
   *
   * @param pace chooses the steps where a budget limits them
   * @throws IOException when a checkpoint to resume from, or a model to start from, cannot be read
   */
  static TrainingPlan of(
      TrainingData data, TrainingPlan plan, int threads, Cancellation cancellation, Pace pace)
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
            : new PlanChoice(data, threads, cancellation, pace).choose(again);
      }
    }
    return new PlanChoice(data, threads, cancellation, pace).choose(plan);
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
      chosen.warmupSteps(Pace.warmup(plan, steps));
    }
    if (plan.open().contains("objective.dropout")) {
      chosen.objective(plan.objective().withDropout(dropout(plan, steps)));
    }
    TrainingPlan all = chosen.build();
    return plan.open().contains("validation") ? Pace.watched(all) : all;
  }

  /** The model whose size suits the data, and the computing that steps or budget allow. */
  private ModelSize size(TrainingPlan plan) throws IOException {
    int vocabulary = data.tokenizer().vocabulary().size();
    ModelSize first = ModelSize.SMALL;
    double flops;
    if (plan.open().contains("steps") && plan.epochs() == 0) {
      TrainingPlan trial = plan.toBuilder().architecture(first.recipe()).build();
      flops = first.flops(plan, vocabulary) / seconds(trial) * pace.seconds();
    } else {
      int steps = plan.open().contains("steps") ? epochs(plan) : plan.steps();
      flops = TIME * first.flops(plan, vocabulary) * steps;
    }
    return ModelSize.of(flops, data.training().size());
  }

  private int steps(TrainingPlan plan) throws IOException {
    if (plan.epochs() > 0) {
      return epochs(plan);
    }
    return pace.first(seconds(plan));
  }

  /** What a step takes. */
  private double seconds(TrainingPlan plan) throws IOException {
    double most = Math.min(pace.seconds() * PART, MOST_SECONDS);
    try {
      return new StepTime(data, plan, threads, cancellation, pace).measure(most);
    } catch (OutOfMemoryError e) { // classes and code take some that no figures know
      throw MemoryPlan.exhausted(e);
    }
  }

  /** What keeps a model from learning a text by heart that it reads many times. */
  private double dropout(TrainingPlan plan, int steps) {
    double windows = (double) steps * plan.batchSize() * plan.accumulation();
    double passes = windows * (1 - replayed()) / windows(plan);
    return passes < SOME_PASSES ? 0 : passes < MANY_PASSES ? 0.1 : 0.2;
  }

  private double replayed() {
    return data.replay().map(TrainingData.Replay::share).orElse(0.0);
  }

  private long windows(TrainingPlan plan) {
    return Windows.epoch(plan, data.training(), data.tokenizer().vocabulary());
  }

  /** The steps of whole epochs, of which the last one may take windows of the next. */
  private int epochs(TrainingPlan plan) {
    long windows = windows(plan);
    double all = windows * (double) plan.epochs() / (1 - replayed());
    double steps = Math.ceil(all / ((double) plan.batchSize() * plan.accumulation()));
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, steps));
  }
}
