package io.fundamentallm.evaluation;

import io.fundamentallm.evaluation.TaskResult.Metric;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How well the model predicts whole texts. */
record PerplexityTask(Iterable<String> texts) implements TaskKind {
  private static final double LN_2 = StrictMath.log(2);

  @Override
  public String outputType() {
    return "loglikelihood_rolling";
  }

  @Override
  public Map<String, String> metrics() {
    Map<String, String> metrics = new LinkedHashMap<>();
    metrics.put("word_perplexity", "weighted_perplexity");
    metrics.put("byte_perplexity", "weighted_perplexity");
    metrics.put("bits_per_byte", "bits_per_byte");
    return metrics;
  }

  @Override
  public List<String> examples() {
    throw new IllegalArgumentException("the texts of a perplexity are no few-shot examples");
  }

  @Override
  public Outcome run(Bench bench, EvaluationTask task) {
    long documents = 0;
    long evaluated = 0;
    double logLikelihood = 0;
    long words = 0;
    long bytes = 0;
    for (String text : texts) {
      documents++;
      if (evaluated < task.limit()) {
        try {
          logLikelihood += bench.rollingLogLikelihood(text);
        } catch (IllegalArgumentException e) {
          throw task.problem(documents - 1, e);
        }
        words += PythonText.words(text);
        bytes += PythonText.bytes(text);
        evaluated++;
        bench.listener().onDocument(task.name(), evaluated, 0);
      }
    }
    Map<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("word_perplexity", lowerIsBetter(StrictMath.exp(-logLikelihood / words)));
    metrics.put("byte_perplexity", lowerIsBetter(StrictMath.exp(-logLikelihood / bytes)));
    metrics.put("bits_per_byte", lowerIsBetter(-logLikelihood / bytes / LN_2));
    return new Outcome(documents, evaluated, metrics);
  }

  private static Metric lowerIsBetter(double value) {
    return new Metric(value, Double.NaN, false);
  }
}
