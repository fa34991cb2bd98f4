package io.fundamentallm.training;

import io.fundamentallm.model.Spec;

/**
 * What training minimises: by default the cross-entropy of each token given the actual ones before
 * it (maximum likelihood by teacher forcing).
 *
 * @param labelSmoothing ε in [0, 1): the part of each target's probability that is spread evenly
 *     over the vocabulary (Szegedy et al. 2016; PyTorch's {@code label_smoothing})
 * @param zLoss factor, at least 0, of the squared logarithm of the softmax normaliser; keeps logits
 *     from drifting (Chowdhery et al. 2022); 1e-4 is usual
 * @param dropout probability in [0, 1) of dropping an activation: of the embeddings, of the
 *     attention weights and of what each layer adds to the residual stream (Srivastava et al. 2014;
 *     the three places in GPT-2)
 * @param documentBoundaries whether attention stops at the beginning of a token's document, and
 *     positions count from there
 * @param scheduledSampling how often the model's own prediction replaces a token of the context
 *     (Bengio et al. 2015), as a recipe that the trainer resolves; {@code none} for never
 * @param ignoreIndex a token that does not count as a target and that no other token sees, such as
 *     padding; -100 (as in PyTorch), which is not a token, for none
 * @param loss the loss function, as a recipe that the trainer resolves: {@code cross-entropy}; for
 *     {@link Preferences} {@code dpo(beta=0.1)}; for tokens with a {@link TeacherFile} {@code
 *     distillation(temperature=1,share=0.5)}
 */
public record TrainingObjective(
    double labelSmoothing,
    double zLoss,
    double dropout,
    boolean documentBoundaries,
    String scheduledSampling,
    int ignoreIndex,
    String loss) {

  /** Plain maximum likelihood. */
  public static final TrainingObjective MAXIMUM_LIKELIHOOD =
      new TrainingObjective(0, 0, 0, false, "none", -100, "cross-entropy");

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException for a value out of range, or a malformed spec
   */
  public TrainingObjective {
    part("labelSmoothing", labelSmoothing);
    part("dropout", dropout);
    if (!(zLoss >= 0 && Double.isFinite(zLoss))) {
      throw new IllegalArgumentException("zLoss " + zLoss + " is not at least 0");
    }
    Spec.single(scheduledSampling);
    Spec.single(loss);
  }

  /** Whether it is of pairs of answers: losses are per pair, and rewards stand for accuracies. */
  boolean pairs() {
    return Spec.single(loss).name().equals("dpo");
  }

  /** With this {@link #labelSmoothing()}. */
  public TrainingObjective withLabelSmoothing(double epsilon) {
    return new TrainingObjective(
        epsilon, zLoss, dropout, documentBoundaries, scheduledSampling, ignoreIndex, loss);
  }

  /** With this {@link #zLoss()}. */
  public TrainingObjective withZLoss(double factor) {
    return new TrainingObjective(
        labelSmoothing, factor, dropout, documentBoundaries, scheduledSampling, ignoreIndex, loss);
  }

  /** With this {@link #dropout()}. */
  public TrainingObjective withDropout(double probability) {
    return new TrainingObjective(
        labelSmoothing,
        zLoss,
        probability,
        documentBoundaries,
        scheduledSampling,
        ignoreIndex,
        loss);
  }

  /** With or without {@link #documentBoundaries()}. */
  public TrainingObjective withDocumentBoundaries(boolean boundaries) {
    return new TrainingObjective(
        labelSmoothing, zLoss, dropout, boundaries, scheduledSampling, ignoreIndex, loss);
  }

  /** With this {@link #scheduledSampling()}. */
  public TrainingObjective withScheduledSampling(String spec) {
    return new TrainingObjective(
        labelSmoothing, zLoss, dropout, documentBoundaries, spec, ignoreIndex, loss);
  }

  /** With this {@link #ignoreIndex()}. */
  public TrainingObjective withIgnoreIndex(int token) {
    return new TrainingObjective(
        labelSmoothing, zLoss, dropout, documentBoundaries, scheduledSampling, token, loss);
  }

  /** With this {@link #loss()}. */
  public TrainingObjective withLoss(String recipe) {
    return new TrainingObjective(
        labelSmoothing, zLoss, dropout, documentBoundaries, scheduledSampling, ignoreIndex, recipe);
  }

  private static void part(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " " + value + " is not in [0, 1)");
    }
  }
}
