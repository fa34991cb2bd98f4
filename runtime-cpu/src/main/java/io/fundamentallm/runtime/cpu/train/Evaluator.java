package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.Cancellation;
import io.fundamentallm.TokenSequence;
import io.fundamentallm.TrainingListener;
import io.fundamentallm.TrainingListener.Evaluation;
import io.fundamentallm.TrainingPlan;
import java.util.List;

/** Measures the loss on validation tokens that no gradient has seen. */
final class Evaluator {
  private final TrainableTransformer model;
  private final Windows windows;
  private final long count;
  private final long sample;
  private final int batch;
  private final int length;
  private final int[] inputs;
  private final int[] targets;

  Evaluator(TrainableTransformer model, TokenSequence tokens, TrainingPlan plan) {
    this.model = model;
    batch = plan.batchSize();
    length = plan.contextLength();
    windows = new Windows(tokens, length);
    count = tokens.size() < 2 ? 0 : windows.count();
    sample = Math.min(plan.validation().windows(), count);
    inputs = new int[batch * length];
    targets = new int[batch * length];
  }

  /** Whether there is nothing to measure on. */
  boolean isEmpty() {
    return count == 0;
  }

  /** The loss over a fixed sample of windows, spread evenly; there must be tokens. */
  double sample(int step, Cancellation cancellation, List<TrainingListener> listeners) {
    return measure(step, sample, cancellation, listeners);
  }

  /** The loss over all tokens, each predicted once; NaN where there are none. */
  double whole(int step, Cancellation cancellation, List<TrainingListener> listeners) {
    return count == 0 ? Double.NaN : measure(step, count, cancellation, listeners);
  }

  private double measure(
      int step, long measured, Cancellation cancellation, List<TrainingListener> listeners) {
    double sum = 0;
    long predicted = 0;
    for (long first = 0; first < measured; first += batch) {
      cancellation.throwIfCancelled();
      for (int b = 0; b < batch; b++) {
        if (first + b < measured) {
          windows.fill((first + b) * count / measured * length, b, inputs, targets);
        } else {
          windows.fillEmpty(b, inputs, targets);
        }
      }
      Loss loss = model.forward(inputs, targets, batch, length);
      sum += loss.sum();
      predicted += loss.count();
    }
    Evaluation evaluation =
        new Evaluation(step, sum / predicted, Double.NaN, Double.NaN, measured == count, "");
    for (TrainingListener listener : listeners) {
      listener.onEvaluation(evaluation);
    }
    return evaluation.loss();
  }
}
