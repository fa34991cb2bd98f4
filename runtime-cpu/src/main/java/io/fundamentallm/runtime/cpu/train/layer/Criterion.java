package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.training.TrainingObjective;
import java.util.Map;

/**
 * The loss function that {@link TrainingObjective#loss()} names.
 *
 * @param kind what it is
 * @param beta β of direct preference optimization
 * @param temperature T of distillation, above 0
 * @param share of the loss against the teacher, from 0 to 1; the rest is cross-entropy
 */
public record Criterion(Kind kind, double beta, double temperature, double share) {
  /** The loss functions. */
  public enum Kind {
    /** Negative log-likelihood of each target. */
    CROSS_ENTROPY,
    /**
     * Direct preference optimization (Rafailov et al. 2023): {@code −log σ(β·((c − c₀) − (r −
     * r₀)))} with the log-probabilities of the chosen and the rejected answer, under the model and
     * under the one that training starts from.
     */
    DPO,
    /**
     * Distillation (Hinton et al. 2015): {@code (1 − share)·cross-entropy + share·T²·KL(p ‖ q)},
     * where p is the softmax of the teacher's K largest logits, and q that of all the student's,
     * each divided by T.
     */
    DISTILLATION
  }

  /**
   * What a recipe names: {@code cross-entropy}; {@code dpo(beta=0.1)}; {@code
   * distillation(temperature=1,share=0.5)}.
   *
   * @throws IllegalArgumentException for an unknown name or option, or a value out of range
   */
  public static Criterion of(TrainingObjective objective) {
    return Recipe.resolve(
        "loss",
        objective.loss(),
        Map.of(
            "cross-entropy", options -> new Criterion(Kind.CROSS_ENTROPY, 0, 1, 0),
            "dpo", Criterion::dpo,
            "distillation", Criterion::distillation));
  }

  private static Criterion dpo(Options options) {
    double beta = options.real("beta", 0.1, new Range(0, false, Double.MAX_VALUE, true));
    return new Criterion(Kind.DPO, beta, 1, 0);
  }

  private static Criterion distillation(Options options) {
    double temperature =
        options.real("temperature", 1, new Range(0, false, Double.MAX_VALUE, true));
    return new Criterion(
        Kind.DISTILLATION, 0, temperature, options.real("share", 0.5, Range.closed(0, 1)));
  }

  /** Whether it compares pairs. */
  public boolean comparesPairs() {
    return kind == Kind.DPO;
  }

  /** Whether it needs a teacher. */
  public boolean needsTeacher() {
    return kind == Kind.DISTILLATION;
  }
}
