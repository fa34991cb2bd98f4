package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.runtime.cpu.train.layer.Loss;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.optimizer.GradientNorm;
import io.fundamentallm.runtime.cpu.train.optimizer.LearningRate;
import io.fundamentallm.runtime.cpu.train.optimizer.Optimizer;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.runtime.cpu.train.window.TrainingWindows;
import io.fundamentallm.runtime.cpu.train.window.Windows;
import io.fundamentallm.training.TrainingPlan;
import java.util.Arrays;

/**
 * The steps of a plan. Each draws windows, computes loss and gradients, clips the gradients, and
 * updates the weights. One thread at a time.
 */
final class TrainingSteps {
  private final TrainingPlan plan;
  private final TrainedModel model;
  private final Optimizer optimizer;
  private final GradientNorm norms;
  private final Divergence divergence;
  private LearningRate rates;
  private final TrainingWindows windows;
  private final Batch[] batches; // [accumulation]

  TrainingSteps(
      TrainingPlan plan,
      TrainingWindows windows,
      TrainedModel model,
      Optimizer optimizer,
      GradientNorm norms,
      Divergence divergence) {
    this.plan = plan;
    this.model = model;
    this.optimizer = optimizer;
    this.norms = norms;
    this.divergence = divergence;
    rates = LearningRate.of(plan);
    this.windows = windows;
    batches = new Batch[plan.accumulation()];
    Arrays.setAll(batches, i -> windows.batch(plan.batchSize()));
  }

  /** Goes on with a plan whose steps were chosen anew. */
  void follow(TrainingPlan anew) {
    rates = LearningRate.of(anew);
  }

  /** Bytes of the windows of a step. */
  static long bytes(TrainingPlan plan, TrainingWindows windows) {
    return windows.batch(1).bytes() * plan.accumulation() * plan.batchSize();
  }

  /**
   * The outcome of a step.
   *
   * @param loss mean of its batches, in nats per token
   * @param gradientNorm before clipping
   * @param learningRate used
   */
  record Outcome(double loss, double gradientNorm, double learningRate) {}

  /**
   * Takes a step.
   *
   * @param step from 1
   * @throws IllegalStateException when the loss or the gradients are not finite, or no target
   *     counts; the parameters are then unchanged
   */
  Outcome take(int step) {
    int count = fill(step);
    TrainableTransformer transformer = model.transformer();
    transformer.begin(step);
    double sum = 0;
    for (Batch batch : batches) {
      Loss loss = transformer.addGradients(batch, count);
      divergence.requireLoss(loss.sum(), step);
      sum += loss.sum();
    }
    double loss = sum / count;
    float[] gradients = model.gradients();
    double norm = norms.of(gradients);
    divergence.requireGradients(norm, step);
    double rate = rates.at(step);
    double clip = GradientNorm.clip(norm, plan.gradientClip());
    optimizer.step(model.weights(), gradients, step, rate, clip);
    model.update();
    return new Outcome(loss, norm, rate);
  }

  /** The windows that are trained on, without replayed ones. */
  Windows windows() {
    return windows.windows();
  }

  /** Fills the windows of a step; returns how many targets or pairs count. */
  private int fill(int step) {
    int count = 0;
    int batch = plan.batchSize();
    for (int i = 0; i < batches.length; i++) {
      for (int b = 0; b < batch; b++) {
        windows.fill(step, i * batch + b, b, batches[i]);
      }
      count += model.transformer().count(batches[i]);
    }
    if (count == 0) {
      throw new IllegalStateException(
          "at step " + step + " none of the targets counts: all are the ignored token");
    }
    return count;
  }
}
