package io.fundamentallm.evaluation;

import io.fundamentallm.evaluation.TaskResult.Metric;
import java.util.List;
import java.util.Map;

/** How the documents of a task are asked and judged. */
sealed interface TaskKind permits MultipleChoiceTask, ExactMatchTask, PassAtKTask, PerplexityTask {
  /** The harness's word for it. */
  String outputType();

  /** The filter that stands behind the metrics' names in the harness's results. */
  default String filter() {
    return "none";
  }

  /** The names of its metrics, each with the harness's way to aggregate it. */
  Map<String, String> metrics();

  /**
   * The few-shot examples that its documents can be: question and answer.
   *
   * @throws IllegalArgumentException where there is no such thing
   */
  List<String> examples();

  /** Asks. */
  Outcome run(Bench bench, EvaluationTask task);

  /**
   * What came of it.
   *
   * @param documents how many there are, also beyond the limit
   * @param evaluated how many were asked
   */
  record Outcome(long documents, long evaluated, Map<String, Metric> metrics) {}
}
