package io.fundamentallm.runtime.cpu.train.checkpoint;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a training is: the numbers that a checkpoint holds besides its arrays.
 *
 * @param step how many steps were taken
 * @param loss of the last of them
 * @param evaluated the step after which the sample of validation tokens was last measured
 * @param bestStep the step of the best of these evaluations; 0 before the first
 * @param bestLoss its loss; 0 before the first
 * @param improvedLoss that of the last evaluation that was better by the minimum; 0 before the
 *     first
 * @param stale evaluations since then
 */
public record TrainingState(
    int step,
    double loss,
    int evaluated,
    int bestStep,
    double bestLoss,
    double improvedLoss,
    int stale) {
  public static final TrainingState BEGINNING = new TrainingState(0, 0, 0, 0, 0, 0, 0);

  /** The state after one more step. */
  public TrainingState stepped(double lossOfStep) {
    return new TrainingState(
        step + 1, lossOfStep, evaluated, bestStep, bestLoss, improvedLoss, stale);
  }

  /** The state after an evaluation of the current weights. */
  public TrainingState evaluated(double validationLoss, double minimumImprovement) {
    boolean first = bestStep == 0 && Double.isFinite(validationLoss);
    boolean best = first || bestStep > 0 && validationLoss < bestLoss;
    boolean improved = first || bestStep > 0 && validationLoss < improvedLoss - minimumImprovement;
    return new TrainingState(
        step,
        loss,
        step,
        best ? step : bestStep,
        best ? validationLoss : bestLoss,
        improved ? validationLoss : improvedLoss,
        improved ? 0 : stale + 1);
  }

  /**
   * The state without the evaluations so far: best and patience start over, even after this very
   * step.
   */
  TrainingState unmeasured() {
    return new TrainingState(step, loss, 0, 0, 0, 0, 0);
  }

  /** Whether the last evaluation was the best, and was of the current weights. */
  public boolean isBest() {
    return bestStep == step && step > 0;
  }

  /** The numbers by name, for a file. */
  Map<String, Double> numbers() {
    Map<String, Double> numbers = new HashMap<>();
    numbers.put("step", (double) step);
    numbers.put("loss", loss);
    numbers.put("evaluated", (double) evaluated);
    numbers.put("best_step", (double) bestStep);
    numbers.put("best_loss", bestLoss);
    numbers.put("improved_loss", improvedLoss);
    numbers.put("stale", (double) stale);
    return numbers;
  }

  /**
   * The state from the numbers of a file.
   *
   * @throws IOException if one is missing or impossible
   */
  static TrainingState of(Map<String, Double> numbers) throws IOException {
    return new TrainingState(
        count(numbers, "step"),
        number(numbers, "loss"),
        count(numbers, "evaluated"),
        count(numbers, "best_step"),
        number(numbers, "best_loss"),
        // once the best was the last that was better by the minimum
        numbers.getOrDefault("improved_loss", number(numbers, "best_loss")),
        count(numbers, "stale"));
  }

  private static int count(Map<String, Double> numbers, String name) throws IOException {
    double number = number(numbers, name);
    if (number < 0 || number != (int) number) {
      throw new IOException("\"" + name + "\" is " + number + ", expected a whole number");
    }
    return (int) number;
  }

  private static double number(Map<String, Double> numbers, String name) throws IOException {
    Double number = numbers.get(name);
    if (number == null) {
      throw new IOException("there is no \"" + name + "\"");
    }
    return number;
  }
}
