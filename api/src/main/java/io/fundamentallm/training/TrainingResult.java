package io.fundamentallm.training;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The outcome of a training run.
 *
 * @param modelDirectory where the model is
 * @param steps updates of the weights
 * @param trainingLoss of the last step's batch, in nats per token; with the loss {@code dpo}, per
 *     pair
 * @param validationLoss over all validation tokens, in the same unit; NaN if there are none
 * @param tokensPerSecond trained on, without evaluations; as the last {@link
 *     TrainingListener.Progress} has it
 * @param duration including evaluations
 * @param pairs whether the losses are per pair, as with the loss {@code dpo}
 */
public record TrainingResult(
    Path modelDirectory,
    int steps,
    double trainingLoss,
    double validationLoss,
    double tokensPerSecond,
    Duration duration,
    boolean pairs) {
  /** Of tokens, not of pairs. */
  public TrainingResult(
      Path modelDirectory,
      int steps,
      double trainingLoss,
      double validationLoss,
      double tokensPerSecond,
      Duration duration) {
    this(modelDirectory, steps, trainingLoss, validationLoss, tokensPerSecond, duration, false);
  }

  /**
   * exp of the validation loss; NaN if it is of {@link #pairs()}, whose loss is not one of text.
   */
  public double perplexity() {
    return pairs ? Double.NaN : StrictMath.exp(validationLoss);
  }
}
