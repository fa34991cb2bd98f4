package io.fundamentallm.evaluation;

import io.fundamentallm.evaluation.TaskResult.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The right answer is to be the likeliest one. */
record MultipleChoiceTask(List<MultipleChoice> documents) implements TaskKind {
  @Override
  public String outputType() {
    return "multiple_choice";
  }

  @Override
  public Map<String, String> metrics() {
    Map<String, String> metrics = new LinkedHashMap<>();
    metrics.put("acc", "mean");
    metrics.put("acc_norm", "mean");
    metrics.put("acc_bytes", "mean");
    return metrics;
  }

  @Override
  public List<String> examples() {
    return documents.stream().map(MultipleChoiceTask::example).toList();
  }

  private static String example(MultipleChoice document) {
    return EvaluationTask.example(document.context(), document.choices().get(document.gold()));
  }

  @Override
  public Outcome run(Bench bench, EvaluationTask task) {
    int count = Math.min(task.limit(), documents.size());
    double[] plain = new double[count];
    double[] byCharacters = new double[count];
    double[] byBytes = new double[count];
    FewShot fewShot = task.fewShot();
    for (int i = 0; i < count; i++) {
      MultipleChoice document = documents.get(i);
      double[] scores = scores(bench, task, fewShot, i);
      double[] perCharacter = new double[scores.length];
      double[] perByte = new double[scores.length];
      for (int c = 0; c < scores.length; c++) {
        String choice = document.choices().get(c);
        perCharacter[c] = scores[c] / choice.codePointCount(0, choice.length());
        perByte[c] = scores[c] / PythonText.bytes(choice);
      }
      plain[i] = best(scores) == document.gold() ? 1 : 0;
      byCharacters[i] = best(perCharacter) == document.gold() ? 1 : 0;
      byBytes[i] = best(perByte) == document.gold() ? 1 : 0;
      bench.listener().onDocument(task.name(), i + 1, count);
    }
    Map<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("acc", Metric.mean(plain));
    metrics.put("acc_norm", Metric.mean(byCharacters));
    metrics.put("acc_bytes", Metric.mean(byBytes));
    return new Outcome(documents.size(), count, metrics);
  }

  private double[] scores(Bench bench, EvaluationTask task, FewShot fewShot, int index) {
    MultipleChoice document = documents.get(index);
    List<String> continuations = new ArrayList<>();
    for (String choice : document.choices()) {
      continuations.add(EvaluationTask.TARGET_DELIMITER + choice);
    }
    try {
      return bench
          .continuations()
          .logLikelihoods(fewShot.before(example(document)) + document.context(), continuations);
    } catch (IllegalArgumentException e) {
      throw task.problem(index, e);
    }
  }

  /** The first of the largest. */
  private static int best(double[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }
}
