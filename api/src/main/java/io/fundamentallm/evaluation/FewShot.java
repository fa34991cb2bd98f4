package io.fundamentallm.evaluation;

import java.util.List;

/**
 * The solved examples before the questions of a task, drawn anew for each as the harness does.
 * Asked once for each question, in order.
 */
final class FewShot {
  /** The harness's default. */
  private static final int SEED = 1234;

  private final int shots;
  private final List<String> examples;
  private final boolean oneMore;
  private final PythonRandom random = new PythonRandom(SEED);

  /**
   * Begins with the first question.
   *
   * @param oneMore whether one more is drawn, and the question left out if it is among them: so
   *     does the harness for a task without a test split, whose examples may be its questions
   */
  FewShot(int shots, List<String> examples, boolean oneMore) {
    this.shots = shots;
    this.examples = examples;
    this.oneMore = oneMore;
  }

  /**
   * The examples before the next question, each with two line feeds behind it.
   *
   * @param own the question as an example
   */
  String before(String own) {
    if (shots == 0) {
      return "";
    }
    StringBuilder before = new StringBuilder();
    int drawn = Math.min(oneMore ? shots + 1 : shots, examples.size());
    random.sample(examples, drawn).stream()
        .filter(example -> !oneMore || !example.equals(own))
        .limit(shots)
        .forEach(example -> before.append(example).append(EvaluationTask.FEWSHOT_DELIMITER));
    return before.toString();
  }
}
