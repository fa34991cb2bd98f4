package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How to train on several executors by DiLoCo (Douillard et al. 2023: "DiLoCo: Distributed
 * Low-Communication Training of Language Models"). Immutable.
 *
 * @param local what each worker does: model, optimiser, learning rates, steps
 * @param workers into how many shares the tokens are cut, one for each worker; at least 1
 * @param localSteps H: steps of each worker in a round, at least 1; the last round may have fewer
 * @param outerLearningRate above 0
 * @param outerMomentum of Nesterov's kind, in {@code [0, 1)}
 * @param checkpointRounds rounds from one checkpoint on the driver's disk to the next, at least 1.
 *     Each sends the state of every worker to the driver: with AdamW twice the size of the weights
 * @param resume whether to continue from the last checkpoint if there is one; the result is then,
 *     bit for bit, that of an uninterrupted training
 * @param trainer spec of the workers' trainer, such as {@code cpu(threads=4)}; if empty, the one
 *     that the process configured
 */
public record DilocoPlan(
    LocalPlan local,
    int workers,
    int localSteps,
    double outerLearningRate,
    double outerMomentum,
    int checkpointRounds,
    boolean resume,
    Optional<String> trainer) {

  /**
   * Makes the plan of a worker; usually a lambda. It is sent to the executors.
   *
   * <p>{@link TrainingPlan#steps()} are those of each worker, and epochs are of its share. What the
   * plan leaves {@linkplain TrainingPlan#open() open} is chosen once for all workers; a plan with a
   * budget of time in place of steps is refused. The plan's validation, averaging and checkpoints
   * are ignored. All workers have its seed: they see different tokens.
   */
  @FunctionalInterface
  public interface LocalPlan extends Serializable {
    /** The plan with this model directory, otherwise the same at each call. */
    TrainingPlan in(Path modelDirectory);
  }

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException for a value out of range
   */
  public DilocoPlan {
    requireNonNull(local, "local");
    requireNonNull(trainer, "trainer");
    positive("workers", workers);
    positive("localSteps", localSteps);
    positive("checkpointRounds", checkpointRounds);
    if (!(outerLearningRate > 0 && Double.isFinite(outerLearningRate))) {
      throw new IllegalArgumentException(
          "outerLearningRate " + outerLearningRate + " is not above 0");
    }
    if (!(outerMomentum >= 0 && outerMomentum < 1)) {
      throw new IllegalArgumentException("outerMomentum " + outerMomentum + " is not in [0, 1)");
    }
  }

  /**
   * The paper's values: 500 steps in a round, outer learning rate 0.7, outer momentum 0.9. A
   * checkpoint after each round, no resuming.
   */
  public static DilocoPlan of(LocalPlan local, int workers) {
    return new DilocoPlan(local, workers, 500, 0.7, 0.9, 1, false, Optional.empty());
  }

  /** With another number of steps in a round. */
  public DilocoPlan withLocalSteps(int steps) {
    return new DilocoPlan(
        local, workers, steps, outerLearningRate, outerMomentum, checkpointRounds, resume, trainer);
  }

  /** With another outer optimiser. Learning rate 1 and momentum 0 take the mean of the workers. */
  public DilocoPlan withOuter(double learningRate, double momentum) {
    return new DilocoPlan(
        local, workers, localSteps, learningRate, momentum, checkpointRounds, resume, trainer);
  }

  /** With a checkpoint after this many rounds. */
  public DilocoPlan withCheckpointRounds(int rounds) {
    return new DilocoPlan(
        local, workers, localSteps, outerLearningRate, outerMomentum, rounds, resume, trainer);
  }

  /** With or without resuming. */
  public DilocoPlan withResume(boolean resume) {
    return new DilocoPlan(
        local,
        workers,
        localSteps,
        outerLearningRate,
        outerMomentum,
        checkpointRounds,
        resume,
        trainer);
  }

  /** With a named trainer on the workers. */
  public DilocoPlan withTrainer(String spec) {
    return new DilocoPlan(
        local,
        workers,
        localSteps,
        outerLearningRate,
        outerMomentum,
        checkpointRounds,
        resume,
        Optional.of(spec));
  }

  /** What each worker does, without the ignored parts of its plan. */
  LocalPlan bare() {
    LocalPlan given = local;
    return directory ->
        requireNonNull(given.in(directory), "the local plan").toBuilder()
            .averaging("none")
            .validation(Validation.DEFAULT)
            .build();
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " " + value + " is not at least 1");
    }
  }
}
