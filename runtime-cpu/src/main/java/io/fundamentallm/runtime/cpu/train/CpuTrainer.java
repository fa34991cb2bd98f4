package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.Cancellation;
import io.fundamentallm.Trainer;
import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingListener;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.TrainingResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Trains on this machine's processors. */
public final class CpuTrainer implements Trainer {
  private final int threads;

  /** A trainer that works with this many threads; the result does not depend on it. */
  public CpuTrainer(int threads) {
    this.threads = threads;
  }

  @Override
  public TrainingResult train(
      TrainingData data,
      TrainingPlan plan,
      Cancellation cancellation,
      TrainingListener... listeners)
      throws IOException {
    List<TrainingListener> told = new ArrayList<>(List.of(listeners));
    if (FlightEvents.available()) {
      told.add(flightEvents());
    }
    try (Training training = Training.of(data, plan, threads)) {
      return new TrainingLoop(training, plan, cancellation, told).run();
    }
  }

  // A method of its own, so that the class is loaded only where the module is known to be there.
  private static TrainingListener flightEvents() {
    return new FlightEvents();
  }
}
