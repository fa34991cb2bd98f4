package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.train.layer.Recipe;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.training.TrainingPlan;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * The learning rate of each step: a linear warm-up, then the path from the highest to the minimum
 * rate that the plan's schedule names: {@code cosine} (a half cosine, as in nanoGPT), {@code
 * linear}, {@code constant}, or {@code wsd(decay=D)}, warm-up-stable-decay (Hu et al. 2024):
 * highest until the last part D of all steps, then linear.
 *
 * @param share of the way from the minimum up to the highest rate, after a part in [0, 1] of the
 *     steps that follow the warm-up
 */
public record LearningRate(TrainingPlan plan, DoubleUnaryOperator share) {

  /**
   * The rates of a plan.
   *
   * @throws IllegalArgumentException for an unknown schedule or option, or a value out of range
   */
  public static LearningRate of(TrainingPlan plan) {
    DoubleUnaryOperator share =
        Recipe.resolve(
            "schedule",
            plan.schedule(),
            Map.of(
                "cosine", options -> done -> 0.5 * (1 + StrictMath.cos(Math.PI * done)),
                "linear", options -> done -> 1 - done,
                "constant", options -> done -> 1,
                "wsd", options -> decaying(options, plan)));
    return new LearningRate(plan, share);
  }

  /** One, then down to zero over the last part of all steps. */
  private static DoubleUnaryOperator decaying(Options options, TrainingPlan plan) {
    double decay = options.real("decay", 0.2, Range.openClosed(0, 1));
    double part = decay * plan.steps() / Math.max(1, plan.steps() - plan.warmupSteps());
    return done -> Math.min(1, (1 - done) / Math.min(1, part));
  }

  /** The rate of a step, from 1 to the plan's steps. */
  public double at(int step) {
    int warmup = plan.warmupSteps();
    if (step <= warmup) {
      return plan.learningRate() * step / (warmup + 1);
    }
    double done = (double) (step - warmup) / Math.max(1, plan.steps() - warmup);
    return plan.minimumLearningRate()
        + share.applyAsDouble(Math.min(1, done))
            * (plan.learningRate() - plan.minimumLearningRate());
  }
}
