package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import java.io.IOException;
import java.nio.file.Files;

/**
 * What a plan and its data come to: model, steps, evaluator and checkpoints. To be closed, which
 * ends its threads.
 */
final class Training implements AutoCloseable {
  private final Parallel parallel;
  private final TrainedModel model;
  private final GradientNorm norms;
  private final TrainingSteps steps;
  private final Evaluator evaluator;
  private final Checkpoints checkpoints;

  private Training(TrainingData data, TrainingPlan plan, Parallel threads) throws IOException {
    Kernels kernels = Kernels.best();
    parallel = threads;
    model = TrainedModel.of(plan, data.tokenizer(), kernels, parallel);
    Optimizer optimizer = Optimizer.of(plan, model.trained(), kernels, parallel);
    norms = new GradientNorm(model.trained(), kernels, parallel);
    steps = new TrainingSteps(plan, data.training(), model, optimizer, norms);
    evaluator = new Evaluator(model.transformer(), data.validation(), plan);
    checkpoints =
        new Checkpoints(
            plan.modelDirectory(), model, optimizer, model.description() + ", " + plan.optimizer());
  }

  /**
   * Prepares a training.
   *
   * @throws IllegalArgumentException when plan and data do not fit together; says how
   * @throws IOException when the model's directory cannot be made, or the model to start from
   *     cannot be read
   */
  static Training of(TrainingData data, TrainingPlan plan, int threads) throws IOException {
    if (data.training().size() < 2) {
      throw new IllegalArgumentException(
          "there are " + data.training().size() + " tokens to train on; expected at least 2");
    }
    if ((long) plan.batchSize() * plan.contextLength() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a batch of "
              + plan.batchSize()
              + " windows of "
              + plan.contextLength()
              + " tokens is more than an array holds");
    }
    // found before the work, not after it
    Files.createDirectories(plan.modelDirectory());
    Parallel parallel = Parallel.ofThreads(threads);
    try {
      return new Training(data, plan, parallel);
    } catch (IOException | RuntimeException | Error e) {
      parallel.close();
      throw e;
    }
  }

  TrainingSteps steps() {
    return steps;
  }

  Evaluator evaluator() {
    return evaluator;
  }

  TrainedModel model() {
    return model;
  }

  Checkpoints checkpoints() {
    return checkpoints;
  }

  /** The norm of all weights together: not finite where one of them is not. */
  double weightNorm() {
    return norms.of(model.weights());
  }

  @Override
  public void close() {
    parallel.close();
  }
}
