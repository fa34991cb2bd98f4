package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Receives the progress of a training run. Called on the training thread; an exception that it
 * throws ends the training.
 *
 * @apiNote For example:
 *     <pre>{@code
 * TrainingListener losses =
 *     new TrainingListener() {
 *       public void onEvaluation(Evaluation evaluation) {
 *         System.out.println(evaluation.perplexity());
 *       }
 *     };
 * }</pre>
 */
public interface TrainingListener {
  /**
   * A step: one update of the weights by the optimizer.
   *
   * @param step from 1
   * @param steps of the whole plan, as last chosen
   * @param loss mean over the step's batch, in nats per token; with the loss {@code dpo}, per pair
   * @param learningRate of this step
   * @param gradientNorm of all gradients together, before clipping
   * @param tokensPerSecond trained on since the first step of this run, which is slower than the
   *     others and counts only while it is the only one; without evaluations
   * @param elapsed since the beginning
   * @param remaining an estimate from the same steps; after the first one it says little
   */
  record Progress(
      int step,
      int steps,
      double loss,
      double learningRate,
      double gradientNorm,
      double tokensPerSecond,
      Duration elapsed,
      Duration remaining) {}

  /**
   * A measurement on the validation tokens.
   *
   * @param step after which it was taken, from 1
   * @param loss in nats per token; with the loss {@code dpo}, per pair
   * @param bitsPerByte the loss in bits per byte of the validation text, comparable between models
   *     with different tokens; NaN with the loss {@code dpo}
   * @param accuracy the fraction of tokens, in [0, 1], to which the model gave the highest score;
   *     with the loss {@code dpo}, that of pairs whose preferred answer it prefers
   * @param whole whether it is over all validation tokens, as after the last step, rather than a
   *     fixed sample
   * @param sample text that the model wrote, if the plan asks for it; otherwise empty
   * @param margin with the loss {@code dpo}, the mean reward margin: β times how much more the
   *     model prefers the preferred answers than the model that training started from does, in
   *     nats; otherwise NaN
   */
  record Evaluation(
      int step,
      double loss,
      double bitsPerByte,
      double accuracy,
      boolean whole,
      String sample,
      double margin) {
    /** Of tokens, not of pairs. */
    public Evaluation(
        int step, double loss, double bitsPerByte, double accuracy, boolean whole, String sample) {
      this(step, loss, bitsPerByte, accuracy, whole, sample, Double.NaN);
    }

    /** Whether it is of pairs, as with the loss {@code dpo}. */
    public boolean pairs() {
      return !Double.isNaN(margin);
    }

    /** exp of the loss; NaN if it is of {@link #pairs()}, whose loss is not one of text. */
    public double perplexity() {
      return pairs() ? Double.NaN : StrictMath.exp(loss);
    }
  }

  /**
   * Prints a line with what the trainer chose, if the plan left something to it; then one after the
   * first step, after each twentieth of the steps and at the end: the progress, the training and
   * validation loss, and, but for the first step, speed and time left. The last line's validation
   * loss is over all of the held-out text, the others' over a part of it. What the model writes in
   * evaluations ({@link Validation#withSample}) comes between, indented, and a plan that was chosen
   * anew meanwhile before the last line. For one training run at a time.
   *
   * @param out such as {@code System.out}; flushed with each line, not closed
   */
  static TrainingListener printing(PrintStream out) {
    return new PrintedProgress(requireNonNull(out, "out"));
  }

  /**
   * Called first, if the plan left something to the trainer; and again between two steps whenever
   * the trainer chooses the steps anew, to keep a budget. The last plan gives the same weights
   * again.
   *
   * @param plan with all that was chosen; nothing in it is {@linkplain TrainingPlan#open() open}
   */
  default void onPlan(TrainingPlan plan) {}

  /** Called before the first step: how much memory the training will take. */
  default void onMemory(TrainingMemory memory) {}

  /** Called after each step. */
  default void onStep(Progress progress) {}

  /** Called after each evaluation. */
  default void onEvaluation(Evaluation evaluation) {}

  /**
   * Called after each checkpoint.
   *
   * @param step after which it was written
   * @param directory where it is: a whole model directory
   */
  default void onCheckpoint(int step, Path directory) {}

  /** Called at the end, after the model was written. */
  default void onEnd(TrainingResult result) {}

  /**
   * Called at the end, if the training failed or was cancelled. An exception thrown here is added
   * to the cause as suppressed.
   *
   * @param cause what {@link Trainer#train} throws
   */
  default void onFailure(Throwable cause) {}
}
