package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.Cancellation;
import io.fundamentallm.LocalTraining;
import io.fundamentallm.Trainer;
import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingListener;
import io.fundamentallm.TrainingMemory;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.TrainingResult;
import io.fundamentallm.Validation;
import io.fundamentallm.spi.DirectoryLock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Trains on this machine's processors. */
public final class CpuTrainer implements Trainer {
  private final int threads;

  /** A trainer that works with this many threads; the result does not depend on it. */
  public CpuTrainer(int threads) {
    this.threads = threads;
  }

  @Override
  @SuppressWarnings("try") // the lock is held, not used
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
    try (DirectoryLock lock = Uninterrupted.get(() -> lock(data, plan));
        Training training =
            Uninterrupted.get(() -> Training.of(data, plan, memory(told), threads))) {
      TrainingResult result = new TrainingLoop(training, plan, cancellation, told).run();
      told.forEach(listener -> listener.onEnd(result));
      return result;
    } catch (IOException | RuntimeException | Error e) {
      for (TrainingListener listener : told) {
        tell(listener, e);
      }
      throw e;
    }
  }

  /** What cannot be trained makes no directory. */
  private static DirectoryLock lock(TrainingData data, TrainingPlan plan) throws IOException {
    Training.requireFit(data, plan);
    return DirectoryLock.hold(plan.modelDirectory());
  }

  private static Consumer<TrainingMemory> memory(List<TrainingListener> told) {
    return memory -> told.forEach(listener -> listener.onMemory(memory));
  }

  private static void tell(TrainingListener listener, Throwable cause) {
    try {
      listener.onFailure(cause);
    } catch (RuntimeException | Error e) {
      if (e != cause) { // which no throwable may suppress
        cause.addSuppressed(e);
      }
    }
  }

  @Override
  public LocalTraining local(TrainingData data, TrainingPlan plan) throws IOException {
    TrainingPlan rounds = plan.toBuilder().averaging("none").validation(Validation.DEFAULT).build();
    return new CpuLocalTraining(Training.of(data, rounds, memory -> {}, threads), rounds);
  }

  // A method of its own, so that the class is loaded only where the module is known to be there.
  private static TrainingListener flightEvents() {
    return new FlightEvents();
  }
}
