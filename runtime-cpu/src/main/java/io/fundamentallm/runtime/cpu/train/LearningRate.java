package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.TrainingPlan;

/** Linear warm-up, then a half cosine from the highest to the minimum rate (as in nanoGPT). */
final class LearningRate {
  private LearningRate() {}

  /** The rate of a step, from 1 to the plan's steps. */
  static double at(TrainingPlan plan, int step) {
    int warmup = plan.warmupSteps();
    if (step <= warmup) {
      return plan.learningRate() * step / (warmup + 1);
    }
    double done = (double) (step - warmup) / Math.max(1, plan.steps() - warmup);
    double share = 0.5 * (1 + StrictMath.cos(Math.PI * Math.min(1, done)));
    return plan.minimumLearningRate() + share * (plan.learningRate() - plan.minimumLearningRate());
  }
}
