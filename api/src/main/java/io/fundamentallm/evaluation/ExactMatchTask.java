package io.fundamentallm.evaluation;

import io.fundamentallm.evaluation.TaskResult.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What the model writes is to be one of the right answers. */
record ExactMatchTask(List<Question> questions, UnaryOperator<String> normalization)
    implements TaskKind {
  /** Prompts written for at a time, as by {@code TextGenerator.generateAll}. */
  private static final int AT_ONCE = 16;

  @Override
  public String outputType() {
    return "generate_until";
  }

  @Override
  public String filter() {
    return "remove_whitespace";
  }

  @Override
  public Map<String, String> metrics() {
    return Map.of("exact_match", "mean");
  }

  @Override
  public List<String> examples() {
    return questions.stream().map(ExactMatchTask::example).toList();
  }

  private static String example(Question question) {
    return EvaluationTask.example(question.prompt(), question.answers().get(0));
  }

  @Override
  public Outcome run(Bench bench, EvaluationTask task) {
    int count = Math.min(task.limit(), questions.size());
    double[] right = new double[count];
    FewShot fewShot = task.fewShot();
    for (int from = 0; from < count; from += AT_ONCE) {
      int to = Math.min(count, from + AT_ONCE);
      List<String> prompts = new ArrayList<>();
      for (int i = from; i < to; i++) {
        Question question = questions.get(i);
        prompts.add(fewShot.before(example(question)) + question.prompt());
      }
      List<String> written = bench.answers(prompts, task);
      for (int i = from; i < to; i++) {
        right[i] = isRight(questions.get(i), written.get(i - from)) ? 1 : 0;
        bench.listener().onDocument(task.name(), i + 1, count);
      }
    }
    return new Outcome(questions.size(), count, Map.of("exact_match", Metric.mean(right)));
  }

  private boolean isRight(Question question, String written) {
    String answer = normalization.apply(PythonText.stripLeading(written));
    return question.answers().stream().map(normalization).anyMatch(answer::equals);
  }
}
