package io.fundamentallm.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well a model did a task.
 *
 * @param task what was asked
 * @param documents how many the task has
 * @param evaluated how many of them were asked: all, or as many as the task's limit
 * @param metrics by the harness's names, such as {@code acc_norm}, in its order
 */
public record TaskResult(
    EvaluationTask task, long documents, long evaluated, Map<String, Metric> metrics) {
  /** Keeps its own copy of the metrics. */
  public TaskResult {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /**
   * A figure.
   *
   * @param value over all evaluated documents
   * @param standardError of a mean over documents, from their sample standard deviation; NaN for
   *     other figures, and for fewer than two documents
   * @param higherIsBetter false for perplexities
   */
  public record Metric(double value, double standardError, boolean higherIsBetter) {
    /** The mean of the documents' scores. */
    static Metric mean(double... scores) {
      double sum = 0;
      for (double score : scores) {
        sum += score;
      }
      double mean = sum / scores.length;
      double squares = 0;
      for (double score : scores) {
        squares += (score - mean) * (score - mean);
      }
      double error =
          scores.length < 2
              ? Double.NaN
              : Math.sqrt(squares / (scores.length - 1)) / Math.sqrt(scores.length);
      return new Metric(mean, error, true);
    }
  }

  /**
   * A metric.
   *
   * @throws IllegalArgumentException for a name that the task does not have; lists those it has
   */
  public Metric metric(String name) {
    Metric metric = metrics.get(name);
    if (metric == null) {
      throw new IllegalArgumentException(
          task.name() + " has no metric \"" + name + "\"; it has " + metrics.keySet());
    }
    return metric;
  }
}
