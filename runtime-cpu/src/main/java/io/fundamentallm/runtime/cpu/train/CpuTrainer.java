package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.internal.files.DirectoryLock;
import io.fundamentallm.internal.files.OwnDirectory;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.train.checkpoint.Checkpoints;
import io.fundamentallm.runtime.cpu.train.checkpoint.SettingChanges;
import io.fundamentallm.runtime.cpu.train.layer.Activations;
import io.fundamentallm.runtime.cpu.train.layer.Criterion;
import io.fundamentallm.runtime.cpu.train.layer.ScheduledSampling;
import io.fundamentallm.runtime.cpu.train.layer.TrainingPrecision;
import io.fundamentallm.runtime.cpu.train.optimizer.LearningRate;
import io.fundamentallm.runtime.cpu.train.optimizer.Optimizer;
import io.fundamentallm.runtime.cpu.train.parameter.ModelRecipe;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.runtime.cpu.train.tuning.WeightAverage;
import io.fundamentallm.runtime.cpu.train.window.Windows;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.LocalTraining;
import io.fundamentallm.training.Trainer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingMemory;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Trains on this machine's processors. */
public final class CpuTrainer implements Trainer {
  private final int threads;
  private final LongSupplier clock;

  /**
   * A trainer.
   *
   * @param threads how many work; the result does not depend on it
   */
  public CpuTrainer(int threads) {
    this(threads, System::nanoTime);
  }

  /**
   * One with its own time.
   *
   * @param clock that budgets are kept and progress is timed by, in nanoseconds
   */
  CpuTrainer(int threads, LongSupplier clock) {
    this.threads = threads;
    this.clock = clock;
  }

  @Override
  public void check(TrainingPlan plan) {
    ModelRecipe.of(plan, 1);
    Optimizer.of(plan);
    LearningRate.of(plan);
    TrainingPrecision.of(plan, Kernels.best());
    Activations.Kind.again(plan);
    WeightAverage.decay(plan);
    plan.fineTuning().ifPresent(TrainedModel::check);
    Windows.method(plan);
    Criterion criterion = Criterion.of(plan.objective());
    ScheduledSampling.of(plan.objective().scheduledSampling(), plan.steps(), plan.seed());
    SettingChanges.requireChangeable(plan.checkpoints().changed(), criterion.comparesPairs());
    if ((long) plan.batchSize() * plan.contextLength() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a batch of "
              + plan.batchSize()
              + " windows of "
              + plan.contextLength()
              + " tokens is more than an array holds");
    }
  }

  @Override
  public TrainingPlan choose(TrainingData data, TrainingPlan plan, Cancellation cancellation)
      throws IOException {
    check(plan);
    Training.requireFit(data, plan);
    Windows.requireOne(plan, data.training());
    requireOwn(plan);
    return PlanChoice.of(data, plan, threads, cancellation, new Pace(plan, data, clock));
  }

  @Override
  @SuppressWarnings("try") // the lock is held, not used
  public TrainingResult train(
      TrainingData data,
      TrainingPlan plan,
      Cancellation cancellation,
      TrainingListener... listeners)
      throws IOException {
    List<TrainingListener> all = new ArrayList<>(List.of(listeners));
    if (FlightEvents.available()) {
      all.add(flightEvents());
    }
    Pace pace = new Pace(plan, data, clock);
    try (DirectoryLock lock = UninterruptedTraining.get(() -> lock(data, plan))) {
      UninterruptedTraining.run(() -> Checkpoints.recover(plan.modelDirectory()));
      if (!plan.checkpoints().resume()) {
        UninterruptedTraining.run(() -> Checkpoints.requireNone(plan.modelDirectory()));
      }
      TrainingPlan chosen = PlanChoice.of(data, plan, threads, cancellation, pace);
      if (!plan.open().isEmpty()) {
        all.forEach(listener -> listener.onPlan(chosen));
      }
      return train(data, chosen, pace, cancellation, all);
    } catch (IOException | RuntimeException | Error e) {
      for (TrainingListener listener : all) {
        reportFailure(listener, e);
      }
      throw e;
    }
  }

  private TrainingResult train(
      TrainingData data,
      TrainingPlan plan,
      Pace pace,
      Cancellation cancellation,
      List<TrainingListener> listeners)
      throws IOException {
    TrainingListener card = plan.card().writer(data, plan);
    List<TrainingListener> watching = new ArrayList<>(listeners);
    watching.add(card);
    try (Training training =
        UninterruptedTraining.get(() -> Training.of(data, plan, memory(listeners), threads))) {
      TrainingResult result = new TrainingLoop(training, plan, pace, cancellation, watching).run();
      writeCard(card, result);
      listeners.forEach(listener -> listener.onEnd(result));
      return result;
    }
  }

  private static void writeCard(TrainingListener card, TrainingResult result) throws IOException {
    try {
      UninterruptedTraining.run(() -> card.onEnd(result));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Checks first, so that a refused training creates no directory. */
  private DirectoryLock lock(TrainingData data, TrainingPlan plan) throws IOException {
    check(plan);
    Training.requireFit(data, plan);
    Windows.requireOne(plan, data.training());
    Path directory = plan.modelDirectory();
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new IOException(directory + " is a file; expected a directory for the model's files");
    }
    requireOwn(plan);
    return DirectoryLock.hold(directory);
  }

  /** Before the lock, whose file says that a directory is a training's own. */
  private static void requireOwn(TrainingPlan plan) throws IOException {
    Path directory = plan.modelDirectory();
    Path from = plan.fineTuning().map(FineTuning::model).orElse(null);
    boolean itself = // which is refused for that, later
        from != null
            && Files.exists(from)
            && Files.exists(directory)
            && Files.isSameFile(from, directory);
    if (!plan.overwrites() && !itself) {
      OwnDirectory.require(directory);
    }
  }

  private static Consumer<TrainingMemory> memory(List<TrainingListener> all) {
    return memory -> all.forEach(listener -> listener.onMemory(memory));
  }

  private static void reportFailure(TrainingListener listener, Throwable cause) {
    try {
      listener.onFailure(cause);
    } catch (RuntimeException | Error e) {
      if (e != cause) { // a throwable may not suppress itself
        cause.addSuppressed(e);
      }
    }
  }

  @Override
  public LocalTraining local(TrainingData data, TrainingPlan plan) throws IOException {
    check(plan);
    if (Criterion.of(plan.objective()).comparesPairs()) {
      throw new IllegalArgumentException(
          "the loss dpo compares with the model that training starts from, which rounds do not"
              + " have; expected cross-entropy or distillation");
    }
    requireOwn(plan);
    Checkpoints.requireNone(plan.modelDirectory());
    TrainingPlan rounds = plan.toBuilder().averaging("none").validation(Validation.DEFAULT).build();
    return new CpuLocalTraining(Training.of(data, rounds, memory -> {}, threads), rounds);
  }

  // A separate method, so that the class is loaded only where the module is known to exist.
  private static TrainingListener flightEvents() {
    return new FlightEvents();
  }
}
