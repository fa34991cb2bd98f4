package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.runtime.cpu.train.layer.Loss;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.window.Windows;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener.Evaluation;
import io.fundamentallm.training.TrainingPlan;
import java.util.Arrays;

/** Measures the model on validation tokens that no gradient has seen. */
final class Evaluator {
  private static final int UNKNOWN = -1;

  private final TrainableTransformer model;
  private final Tokenizer tokenizer;
  private final SampleText text;
  private final Windows windows;
  private final long count;
  private final long sample;
  private final int batch;
  private final Batch rows;
  private final int[] bytes; // [V]

  /**
   * Prepares to measure.
   *
   * @param windows of the validation tokens
   */
  Evaluator(TrainableTransformer model, TrainingData data, TrainingPlan plan, Windows windows) {
    this.model = model;
    tokenizer = data.tokenizer();
    text = new SampleText(model, data, plan);
    batch = plan.batchSize();
    this.windows = windows;
    count = windows.count();
    sample = Math.min(plan.validation().windows(), count);
    rows = windows.batch(batch);
    bytes = new int[tokenizer.vocabulary().size()];
    Arrays.fill(bytes, UNKNOWN);
    requireTarget();
  }

  /** A measurement of nothing would look like a training that diverged, at its end. */
  private void requireTarget() {
    for (long window = 0; window < sample; window++) {
      windows.fill(window * count / sample, 0, rows);
      for (int row = 0; row < rows.steps(); row++) {
        if (model.objective().counts(rows.targets()[row])) {
          return;
        }
      }
    }
    if (sample > 0) {
      throw new IllegalArgumentException(
          "nothing can be measured: the "
              + sample
              + " of "
              + count
              + " validation windows that are read have no target that counts; expected validation"
              + " tokens to be predicted that are neither context alone nor the ignoreIndex");
    }
  }

  /** What it measures on. */
  Windows windows() {
    return windows;
  }

  /** Bytes of its arrays. */
  static long bytes(TrainingPlan plan, TrainableConfig config, Windows windows) {
    long vocabulary = (long) Integer.BYTES * config.vocabularySize();
    return windows.batch(1).bytes() * plan.batchSize() + vocabulary;
  }

  /** Whether there is nothing to measure on. */
  boolean isEmpty() {
    return count == 0;
  }

  /** Measures a fixed sample of windows, spread evenly; there must be tokens. */
  Evaluation sample(int step, Cancellation cancellation) {
    return measure(step, sample, cancellation);
  }

  /** Measures all tokens, each predicted once; there must be tokens. */
  Evaluation evaluateAll(int step, Cancellation cancellation) {
    return measure(step, count, cancellation);
  }

  private Evaluation measure(int step, long measured, Cancellation cancellation) {
    double nats = 0;
    long predicted = 0;
    long hits = 0;
    double margins = 0;
    long textBytes = 0;
    for (long first = 0; first < measured; first += batch) {
      cancellation.throwIfCancelled();
      for (int b = 0; b < batch; b++) {
        if (first + b < measured) {
          windows.fill((first + b) * count / measured, b, rows);
        } else {
          windows.fillEmpty(b, rows);
        }
      }
      Loss loss = model.forward(rows);
      nats += loss.sum();
      predicted += loss.count();
      hits += loss.hits();
      margins += loss.margins();
      for (int target : rows.targets()) {
        boolean counts = !model.criterion().comparesPairs() && model.objective().counts(target);
        textBytes += counts ? bytes(target) : 0;
      }
    }
    double bits = nats / StrictMath.log(2);
    return new Evaluation(
        step,
        nats / predicted,
        textBytes == 0 ? Double.NaN : bits / textBytes,
        (double) hits / predicted,
        measured == count,
        text.write(cancellation),
        model.criterion().comparesPairs() ? margins / predicted : Double.NaN);
  }

  /** Bytes of the text that a token stands for; none for a special token. */
  private int bytes(int token) {
    if (bytes[token] == UNKNOWN) {
      boolean special = tokenizer.vocabulary().special().contains(token);
      bytes[token] = special ? 0 : tokenizer.bytes(token).length;
    }
    return bytes[token];
  }
}
