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
 * @param tokensPerSecond trained on, without evaluations
 * @param duration including evaluations
 */
public record TrainingResult(
    Path modelDirectory,
    int steps,
    double trainingLoss,
    double validationLoss,
    double tokensPerSecond,
    Duration duration) {
  /** exp of the validation loss; no perplexity with the loss {@code dpo}, which is one per pair. */
  public double perplexity() {
    return StrictMath.exp(validationLoss);
  }
}
