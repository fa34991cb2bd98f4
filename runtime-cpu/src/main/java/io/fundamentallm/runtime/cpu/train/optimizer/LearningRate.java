package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.training.TrainingPlan;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/**
 * The learning rate of each step: a linear warm-up, then the path from the highest to the minimum
 * rate that the plan's schedule names: {@code cosine} (a half cosine, as in nanoGPT), {@code
 * linear}, {@code constant}, or {@code wsd(decay=D)}, warm-up-stable-decay (Hu et al. 2024):
 * highest until the last part D of all steps, then linear.
 *
 * <p>Each has an option {@code steps}, of a {@link Course} whose steps were chosen anew on the way.
 *
 * @param share of the way from the minimum up to the highest rate, after a part in [0, 1] of the
 *     way after the warm-up
 */
public record LearningRate(TrainingPlan plan, Course course, DoubleUnaryOperator share) {

  /**
   * The rates of a plan.
   *
   * @throws IllegalArgumentException for an unknown schedule or option, or a value out of range
   */
  public static LearningRate of(TrainingPlan plan) {
    return Recipe.resolve(
        "schedule",
        plan.schedule(),
        Map.of(
            "cosine", of(plan, (options, course) -> LearningRate::cosine),
            "linear", of(plan, (options, course) -> done -> 1 - done),
            "constant", of(plan, (options, course) -> done -> 1),
            "wsd", of(plan, LearningRate::decaying)));
  }

  private static Function<Options, LearningRate> of(
      TrainingPlan plan, BiFunction<Options, Course, DoubleUnaryOperator> share) {
    return options -> {
      Course course = Course.of(options, plan);
      return new LearningRate(plan, course, share.apply(options, course));
    };
  }

  private static double cosine(double done) {
    return 0.5 * (1 + StrictMath.cos(Math.PI * done));
  }

  /** One, then down to zero over the last part of all steps. */
  private static DoubleUnaryOperator decaying(Options options, Course course) {
    double decay = options.real("decay", 0.2, Range.openClosed(0, 1));
    int steps = course.afterWarmup();
    double part = decay * steps / Math.max(1, steps - course.warmup());
    return done -> Math.min(1, (1 - done) / Math.min(1, part));
  }

  /** The rate of a step, from 1 to the plan's steps. */
  public double at(int step) {
    int warmup = course.warmup(step);
    if (step <= warmup) {
      return plan.learningRate() * step / (warmup + 1);
    }
    return plan.minimumLearningRate()
        + share.applyAsDouble(course.done(step))
            * (plan.learningRate() - plan.minimumLearningRate());
  }
}
