package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.Cancellation;
import io.fundamentallm.Trainer;
import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingListener;
import io.fundamentallm.TrainingListener.Progress;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.TrainingResult;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The whole of training: windows, loss and gradients, clipping, optimiser, evaluation, saving. */
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
    TrainableConfig config = config(plan, data.tokenizer().vocabulary().size());
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
    try (Parallel parallel = Parallel.ofThreads(threads)) {
      Kernels kernels = Kernels.best();
      Objective objective = new Objective(plan.objective());
      ParameterLayout layout = new ParameterLayout(config);
      float[] initial = Initialization.parameters(config, layout, plan.seed());
      TrainableTransformer model =
          new TrainableTransformer(config, kernels, parallel, initial, objective);
      Optimizer optimizer = Optimizer.of(plan, layout, kernels, parallel);
      GradientNorm norms = new GradientNorm(layout, kernels, parallel);
      Checkpoints checkpoints =
          new Checkpoints(
              plan.modelDirectory(),
              data.tokenizer(),
              config,
              model.parameters(),
              optimizer,
              config + ", " + plan.optimizer());
      TrainingSteps steps =
          new TrainingSteps(plan, objective, data.training(), model, optimizer, norms);
      Evaluator evaluator = new Evaluator(model, data.validation(), plan);
      TrainingResult result = train(plan, cancellation, steps, evaluator, checkpoints, listeners);
      // no later step looks at what the last update did
      double last = data.validation().size() < 2 ? 0 : result.validationLoss();
      TrainingSteps.requireFinite(last, norms.of(model.parameters()), plan.steps());
      checkpoints.writeModel(plan.modelDirectory());
      return result;
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

  private static TrainingResult train(
      TrainingPlan plan,
      Cancellation cancellation,
      TrainingSteps steps,
      Evaluator evaluator,
      Checkpoints checkpoints,
      TrainingListener... listeners)
      throws IOException {
    int done = plan.resume() ? checkpoints.resume() : 0;
    long start = System.nanoTime();
    long evaluating = 0;
    double loss = Double.NaN;
    double tokensPerSecond = Double.NaN;
    double tokens = (double) plan.batchSize() * plan.accumulation() * plan.contextLength();
    for (int step = done + 1; step <= plan.steps(); step++) {
      cancellation.throwIfCancelled();
      TrainingSteps.Outcome outcome = steps.take(step);
      loss = outcome.loss();

      long now = System.nanoTime();
      double seconds = (now - start - evaluating) / 1e9;
      tokensPerSecond = (step - done) * tokens / seconds;
      Duration remaining = Duration.ofNanos((now - start) / (step - done) * (plan.steps() - step));
      Progress progress =
          new Progress(
              step,
              plan.steps(),
              loss,
              outcome.learningRate(),
              outcome.gradientNorm(),
              tokensPerSecond,
              Duration.ofNanos(now - start),
              remaining);
      for (TrainingListener listener : listeners) {
        listener.onStep(progress);
      }
      if (step % plan.validation().interval() == 0 && step < plan.steps()) {
        evaluator.sample(step, cancellation, listeners);
      }
      if (plan.checkpointInterval() > 0 && step % plan.checkpointInterval() == 0) {
        Path where = checkpoints.save(step, plan.keptCheckpoints());
        for (TrainingListener listener : listeners) {
          listener.onCheckpoint(step, where);
        }
      }
      evaluating += System.nanoTime() - now;
    }
    double validationLoss = evaluator.whole(plan.steps(), cancellation, listeners);
    return new TrainingResult(
        plan.modelDirectory(),
        plan.steps(),
        loss,
        validationLoss,
        tokensPerSecond,
        Duration.ofNanos(System.nanoTime() - start));
  }
}
