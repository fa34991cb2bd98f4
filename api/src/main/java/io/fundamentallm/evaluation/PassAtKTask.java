package io.fundamentallm.evaluation;

import io.fundamentallm.evaluation.TaskResult.Metric;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/** At least one of k answers is to pass the application's check. */
record PassAtKTask(
    List<String> prompts, BiPredicate<String, String> checker, int samples, List<Integer> ks)
    implements TaskKind {
  @Override
  public String outputType() {
    return "generate_until";
  }

  @Override
  public Map<String, String> metrics() {
    Map<String, String> metrics = new LinkedHashMap<>();
    ks.forEach(k -> metrics.put(name(k), "mean"));
    return metrics;
  }

  @Override
  public List<String> examples() {
    throw new IllegalArgumentException(
        "the prompts of pass@k have no answers, so they are no few-shot examples");
  }

  @Override
  public Outcome run(Bench bench, EvaluationTask task) {
    int count = Math.min(task.limit(), prompts.size());
    double[][] estimates = new double[ks.size()][count];
    FewShot fewShot = task.fewShot();
    for (int i = 0; i < count; i++) {
      String prompt = prompts.get(i);
      List<String> same = Collections.nCopies(samples, fewShot.before(prompt) + prompt);
      int passed = 0;
      for (String answer : bench.samples(same, (long) i * samples, task)) {
        passed += checker.test(prompt, answer) ? 1 : 0;
      }
      for (int k = 0; k < ks.size(); k++) {
        estimates[k][i] = estimate(samples, passed, ks.get(k));
      }
      bench.listener().onDocument(task.name(), i + 1, count);
    }
    Map<String, Metric> metrics = new LinkedHashMap<>();
    for (int k = 0; k < ks.size(); k++) {
      metrics.put(name(ks.get(k)), Metric.mean(estimates[k]));
    }
    return new Outcome(prompts.size(), count, metrics);
  }

  private static String name(int k) {
    return "pass@" + k;
  }

  /**
   * The unbiased estimate of Chen et al. 2021, "Evaluating Large Language Models Trained on Code":
   * one less the chance that k of n answers, drawn without putting back, are all among the n - c
   * that failed. As a product, since the binomial coefficients themselves overflow.
   */
  static double estimate(int n, int c, int k) {
    double allFail = 1;
    for (int i = n - c + 1; i <= n; i++) {
      allFail *= Math.max(0, 1 - (double) k / i);
    }
    return 1 - allFail;
  }
}
