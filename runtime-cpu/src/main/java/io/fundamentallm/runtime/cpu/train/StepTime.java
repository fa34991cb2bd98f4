package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How long a step of a plan takes here, measured by taking some. Their model is thrown away, so
 * that the training itself is a function of its plan alone.
 */
record StepTime(
    TrainingData data, TrainingPlan plan, int threads, Cancellation cancellation, Pace pace) {
  /** The first steps run code that is not yet compiled. */
  private static final int LEAST = 6;

  /**
   * Takes steps for so many seconds, and at least some. The first, which loads classes and can take
   * as long as a hundred others, does not count.
   *
   * @return seconds of a step: the median of the last third
   */
  double measure(double seconds) throws IOException {
    TrainingPlan trial = plan.toBuilder().steps(Integer.MAX_VALUE).build();
    List<Long> nanos = new ArrayList<>();
    try (Training training =
        UninterruptedTraining.get(() -> Training.of(data, trial, memory -> {}, threads))) {
      cancellation.throwIfCancelled();
      training.step(1);
      long begin = pace.now();
      long before = begin;
      while (nanos.size() < LEAST || (before - begin) / 1e9 < seconds) {
        cancellation.throwIfCancelled();
        training.step(nanos.size() + 2);
        long now = pace.now();
        nanos.add(now - before);
        before = now;
      }
    }
    List<Long> later = nanos.subList(nanos.size() * 2 / 3, nanos.size()).stream().sorted().toList();
    return later.get(later.size() / 2) / 1e9;
  }
}
