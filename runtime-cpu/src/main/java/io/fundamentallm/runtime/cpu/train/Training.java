package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;
import java.io.IOException;
import java.nio.file.Files;

/**
 * What a plan and its data come to: model, steps, evaluator and checkpoints. To be closed, which
 * ends its threads.
 */
final class Training implements AutoCloseable {
  private final Parallel parallel;
  private final TrainableTransformer model;
  private final GradientNorm norms;
  private final TrainingSteps steps;
  private final Evaluator evaluator;
  private final Checkpoints checkpoints;

  private Training(TrainingData data, TrainingPlan plan, TrainableConfig config, Parallel threads) {
    Kernels kernels = Kernels.best();
    parallel = threads;
    Objective objective = new Objective(plan.objective());
    ParameterLayout layout = new ParameterLayout(config);
    float[] initial = Initialization.parameters(config, layout, plan.seed());
    model = new TrainableTransformer(config, kernels, parallel, initial, objective);
    Optimizer optimizer = Optimizer.of(plan, layout, kernels, parallel);
    norms = new GradientNorm(layout, kernels, parallel);
    steps = new TrainingSteps(plan, objective, data.training(), model, optimizer, norms);
    evaluator = new Evaluator(model, data.validation(), plan);
    checkpoints =
        new Checkpoints(
            plan.modelDirectory(),
            data.tokenizer(),
            config,
            model.parameters(),
            optimizer,
            config + ", " + plan.optimizer());
  }

  /**
   * Prepares a training.
   *
   * @throws IllegalArgumentException when plan and data do not fit together; says how
   * @throws IOException when the model's directory cannot be made
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
    TrainableConfig config = config(plan, data.tokenizer().vocabulary().size());
    // found before the work, not after it
    Files.createDirectories(plan.modelDirectory());
    Parallel parallel = Parallel.ofThreads(threads);
    try {
      return new Training(data, plan, config, parallel);
    } catch (RuntimeException | Error e) {
      parallel.close();
      throw e;
    }
  }

  private static TrainableConfig config(TrainingPlan plan, int vocabularySize) {
    boolean llama = plan.architecture().equals("llama");
    return new TrainableConfig(
        llama ? TrainableConfig.Style.LLAMA : TrainableConfig.Style.GPT2,
        vocabularySize,
        plan.contextLength(),
        plan.hiddenSize(),
        plan.layers(),
        plan.heads(),
        plan.keyValueHeads(),
        plan.innerSize(),
        TrainableConfig.DEFAULT_EPSILON,
        plan.tiedEmbeddings(),
        TrainableConfig.DEFAULT_THETA);
  }

  TrainingSteps steps() {
    return steps;
  }

  Evaluator evaluator() {
    return evaluator;
  }

  Checkpoints checkpoints() {
    return checkpoints;
  }

  /** The norm of all weights together: not finite where one of them is not. */
  double weightNorm() {
    return norms.of(model.parameters());
  }

  @Override
  public void close() {
    parallel.close();
  }
}
