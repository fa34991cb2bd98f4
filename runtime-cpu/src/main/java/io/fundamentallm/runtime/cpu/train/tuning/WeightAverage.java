package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.parameter.FlatLayout;
import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import io.fundamentallm.spi.Range;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The exponential moving average of the weights (Polyak and Juditsky 1992), corrected for its start
 * like Adam's moments: after t steps, the factor of step i is in proportion to {@code decay^(t−i)},
 * and all factors add up to one. So it is a mean over about {@code 1/(1−decay)} steps, or over all
 * if there were fewer. One thread at a time.
 */
public final class WeightAverage {
  /** Elements of a piece of work: 64 KiB of each array. */
  private static final int SIZE = 16 * 1024;

  private static final Range DECAYS = Range.closedOpen(0, 1);

  private final Kernels kernels;
  private final Parallel parallel;
  private final double decay;
  private final TrainedModel model;

  /** The average; or the weights, while the average is in their place. Empty without averaging. */
  private final float[] other;

  private WeightAverage(
      double decay, TrainedModel model, float[] other, Kernels kernels, Parallel parallel) {
    this.decay = decay;
    this.model = model;
    this.other = other;
    this.kernels = kernels;
    this.parallel = parallel;
  }

  /**
   * The average that a plan names: {@code none}, or {@code ema(decay=0.999)}.
   *
   * @throws IllegalArgumentException for an unknown name or option, or a value out of range
   */
  public static WeightAverage of(
      TrainingPlan plan, TrainedModel model, Kernels kernels, Parallel parallel) {
    OptionalDouble decay = decay(plan);
    float[] average = new float[decay.isEmpty() ? 0 : model.weights().length];
    return new WeightAverage(decay.orElse(0), model, average, kernels, parallel);
  }

  /**
   * The decay that a plan names; empty for no average.
   *
   * @throws IllegalArgumentException for an unknown name or option, or a value out of range
   */
  public static OptionalDouble decay(TrainingPlan plan) {
    return Recipe.resolve(
        "averaging",
        plan.averaging(),
        Map.of(
            "none", options -> OptionalDouble.empty(),
            "ema", options -> OptionalDouble.of(options.real("decay", 0.999, DECAYS))));
  }

  /** Bytes of the average. */
  public static long bytes(TrainingPlan plan, FlatLayout trained) {
    return decay(plan).isEmpty() ? 0 : (long) Float.BYTES * trained.size();
  }

  /** Adds the weights after a step, from 1, to the average. */
  public void add(int step) {
    float share = (float) ((1 - decay) / (1 - StrictMath.pow(decay, step)));
    float[] weights = model.weights();
    pieces(
        (from, count) -> kernels.update().movingAverage(count, share, weights, from, other, from));
  }

  /** Work on the weights. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  /** Works while the average is in the weights' place; without averaging, on the weights. */
  public <T> T during(Work<T> work) throws IOException {
    swap();
    try {
      return work.run();
    } finally {
      swap();
    }
  }

  private void swap() {
    if (other.length > 0) {
      float[] weights = model.weights();
      pieces((from, count) -> kernels.update().swap(count, weights, from, other, from));
      model.update();
    }
  }

  /** The weights themselves, while the average is in their place; none without averaging. */
  public Map<String, float[]> state() {
    return other.length == 0 ? Map.of() : Map.of("weights", other);
  }

  @FunctionalInterface
  private interface Piece {
    void run(int from, int count);
  }

  private void pieces(Piece piece) {
    int size = other.length;
    parallel.run(
        (size + SIZE - 1) / SIZE,
        (i, slot) -> piece.run(i * SIZE, Math.min(SIZE, size - i * SIZE)));
  }
}
