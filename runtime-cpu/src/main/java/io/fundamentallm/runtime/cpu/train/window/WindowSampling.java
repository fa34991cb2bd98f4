package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import io.fundamentallm.training.TrainingPlan;

/**
 * Which window a training uses when: a pure function of the plan's seed, the step and the place in
 * the step, so that a resumed training continues where it stopped.
 */
public interface WindowSampling {
  /**
   * The window at a place.
   *
   * @param step from 1
   * @param place from 0 to below the windows of a step
   */
  long window(int step, int place);

  /**
   * The order that {@link TrainingPlan#windows()} asks for: drawn afresh each time for {@code
   * random}, as in nanoGPT; for {@code shifted} those that follow one another from a beginning
   * drawn for each epoch, in a random order; otherwise all of them in a random order, epoch after
   * epoch.
   *
   * @param count how many windows there are, at least 1
   */
  static WindowSampling of(TrainingPlan plan, long count) {
    long seed = plan.seed();
    if (Recipe.name(plan.windows()).equals("random")) {
      return (step, place) -> drawn(seed, step, place, count);
    }
    if (Recipe.name(plan.windows()).equals("shifted")) {
      return shifted(plan, count);
    }
    return shuffled(plan, count);
  }

  /**
   * How many windows fit behind one another, wherever the first begins.
   *
   * @param count in how many places a window may begin
   */
  static long inEpoch(long count, int length) {
    return Math.max(1, count / length);
  }

  /**
   * Each epoch has the tokens that the others have, but for some at both ends, in windows of its
   * own. As many drawn windows leave out a third of the tokens and repeat others.
   *
   * @param count in how many places a window may begin
   */
  private static WindowSampling shifted(TrainingPlan plan, long count) {
    long seed = plan.seed();
    long places = (long) plan.batchSize() * plan.accumulation();
    int length = plan.contextLength();
    long inEpoch = inEpoch(count, length);
    return (step, place) -> {
      long taken = (step - 1) * places + place;
      long epoch = taken / inEpoch;
      double u = new Randomness(seed, epoch).uniform(0, Randomness.purpose("training-shift"));
      long first = (long) (u * (count - (inEpoch - 1) * length));
      return first + length * new Shuffle(inEpoch, seed, epoch).at(taken % inEpoch);
    };
  }

  /** All of them in a random order, epoch after epoch. */
  static WindowSampling shuffled(TrainingPlan plan, long count) {
    long seed = plan.seed();
    long places = (long) plan.batchSize() * plan.accumulation();
    return (step, place) -> {
      long taken = (step - 1) * places + place;
      return new Shuffle(count, seed, taken / count).at(taken % count);
    };
  }

  private static long drawn(long seed, int step, int place, long count) {
    double u = new Randomness(seed, place).uniform(step, Randomness.purpose("training-window"));
    return Math.min(count - 1, (long) (u * count));
  }
}
