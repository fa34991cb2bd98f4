package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.Cancellation;
import io.fundamentallm.Trainer;
import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingListener;
import io.fundamentallm.TrainingListener.Progress;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.TrainingResult;
import io.fundamentallm.Vocabulary;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

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
      TrainableTransformer model =
          TrainableTransformer.initial(config, kernels, parallel, plan.seed());
      ParameterLayout layout = new ParameterLayout(config);
      Optimizer optimizer = Optimizer.of(plan, layout, kernels, parallel);
      GradientNorm norm = new GradientNorm(layout, kernels, parallel);
      Evaluator evaluator = new Evaluator(model, data.validation(), plan);
      TrainingResult result =
          train(data, plan, cancellation, model, optimizer, norm, evaluator, listeners);
      save(data, plan, config, model.parameters());
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
      TrainingData data,
      TrainingPlan plan,
      Cancellation cancellation,
      TrainableTransformer model,
      Optimizer optimizer,
      GradientNorm norms,
      Evaluator evaluator,
      TrainingListener... listeners) {
    int batch = plan.batchSize();
    int length = plan.contextLength();
    LearningRate rates = LearningRate.of(plan);
    Windows windows = new Windows(data.training(), length);
    int[] inputs = new int[batch * length];
    int[] targets = new int[batch * length];
    long start = System.nanoTime();
    long evaluating = 0;
    double loss = Double.NaN;
    double tokensPerSecond = Double.NaN;
    for (int step = 1; step <= plan.steps(); step++) {
      cancellation.throwIfCancelled();
      for (int b = 0; b < batch; b++) {
        windows.fill(windows.random(plan.seed(), step, b), b, inputs, targets);
      }
      loss = model.forwardBackward(inputs, targets, batch, length).mean();
      double norm = norms.of(model.gradients());
      requireFinite(loss, norm, step);
      double rate = rates.at(step);
      double clip = GradientNorm.clip(norm, plan.gradientClip());
      optimizer.step(model.parameters(), model.gradients(), step, rate, clip);

      long now = System.nanoTime();
      double seconds = (now - start - evaluating) / 1e9;
      tokensPerSecond = (double) step * batch * length / seconds;
      Duration remaining = Duration.ofNanos((now - start) / step * (plan.steps() - step));
      Progress progress =
          new Progress(
              step,
              plan.steps(),
              loss,
              rate,
              norm,
              tokensPerSecond,
              Duration.ofNanos(now - start),
              remaining);
      for (TrainingListener listener : listeners) {
        listener.onStep(progress);
      }
      if (step % plan.evaluationInterval() == 0 && step < plan.steps()) {
        evaluator.sample(step, cancellation, listeners);
        evaluating += System.nanoTime() - now;
      }
    }
    double validationLoss = evaluator.whole(plan.steps(), cancellation, listeners);
    // no later step looks at what the last update did
    requireFinite(
        data.validation().size() < 2 ? loss : validationLoss,
        norms.of(model.parameters()),
        plan.steps());
    return new TrainingResult(
        plan.modelDirectory(),
        plan.steps(),
        loss,
        validationLoss,
        tokensPerSecond,
        Duration.ofNanos(System.nanoTime() - start));
  }

  private static void requireFinite(double loss, double norm, int step) {
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new IllegalStateException(
          "at step "
              + step
              + " the loss is "
              + loss
              + " and the norm of gradients or weights "
              + norm
              + ": training diverged. Lower the learning rate, or raise the warm-up steps");
    }
  }

  private static void save(
      TrainingData data, TrainingPlan plan, TrainableConfig config, float[] parameters)
      throws IOException {
    Vocabulary vocabulary = data.tokenizer().vocabulary();
    Set<Integer> end = new HashSet<>();
    vocabulary.eos().ifPresent(end::add);
    ModelDirectory.withdraw(plan.modelDirectory());
    data.tokenizer().save(plan.modelDirectory());
    new ModelDirectory(config, vocabulary.bos(), end, parameters).write(plan.modelDirectory());
  }
}
