package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

/**
 * When and how training measures the loss on its validation tokens, and what follows.
 *
 * @param interval steps between evaluations on a fixed sample of the validation tokens, at least 1
 * @param windows the size of the sample in windows of the context length, spread evenly, at least 1
 * @param patience evaluations without an improvement after which the training stops early; 0 for
 *     never
 * @param minimumImprovement nats per token by which a loss must be lower to count as one, at least
 *     0
 * @param keepBest whether the weights of the lowest loss are the result, however small the
 *     difference, instead of the last ones; until the end they are in the model directory, as
 *     {@code best-500} for step 500
 * @param prompt the beginning of the text that the model writes at each evaluation
 * @param sampleTokens how many tokens it writes; 0 for none
 */
public record Validation(
    int interval,
    int windows,
    int patience,
    double minimumImprovement,
    boolean keepBest,
    String prompt,
    int sampleTokens) {

  /** Every 250 steps on 240 windows; the last weights are the result. */
  public static final Validation DEFAULT = new Validation(250, 240, 0, 0, false, "", 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException for a value out of range
   */
  public Validation {
    atLeast("interval", interval, 1);
    atLeast("windows", windows, 1);
    atLeast("patience", patience, 0);
    atLeast("sampleTokens", sampleTokens, 0);
    if (!(minimumImprovement >= 0 && Double.isFinite(minimumImprovement))) {
      throw new IllegalArgumentException(
          "minimumImprovement " + minimumImprovement + " is not at least 0");
    }
    requireNonNull(prompt, "prompt");
  }

  /** Evaluates every {@code interval} steps. */
  public static Validation every(int interval) {
    return DEFAULT.withInterval(interval);
  }

  /** With this {@link #interval()}. */
  public Validation withInterval(int steps) {
    return new Validation(
        steps, windows, patience, minimumImprovement, keepBest, prompt, sampleTokens);
  }

  /** With this {@link #windows()}. */
  public Validation withWindows(int count) {
    return new Validation(
        interval, count, patience, minimumImprovement, keepBest, prompt, sampleTokens);
  }

  /** With this {@link #patience()} and {@link #minimumImprovement()}. */
  public Validation withPatience(int evaluations, double improvement) {
    return new Validation(
        interval, windows, evaluations, improvement, keepBest, prompt, sampleTokens);
  }

  /** With or without {@link #keepBest()}. */
  public Validation withKeepBest(boolean keep) {
    return new Validation(
        interval, windows, patience, minimumImprovement, keep, prompt, sampleTokens);
  }

  /** With a sample of this many tokens after this {@link #prompt()}. */
  public Validation withSample(String begin, int tokens) {
    return new Validation(interval, windows, patience, minimumImprovement, keepBest, begin, tokens);
  }

  private static void atLeast(String name, int value, int min) {
    if (value < min) {
      throw new IllegalArgumentException(name + " " + value + " is not at least " + min);
    }
  }
}
