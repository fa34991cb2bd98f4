package io.fundamentallm.evaluation;

import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.model.ModelInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Results in the layout that lm-evaluation-harness 0.4 writes. */
final class ResultsJson {
  /** Of the harness's tasks of these names, all of them. */
  private static final double VERSION = 1;

  private ResultsJson() {}

  static String of(EvaluationResults results) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("results", byTask(results, ResultsJson::figures));
    json.put("group_subtasks", byTask(results, result -> List.of()));
    json.put("configs", byTask(results, ResultsJson::config));
    json.put("versions", byTask(results, result -> VERSION));
    json.put("n-shot", byTask(results, result -> result.task().shots()));
    json.put("higher_is_better", byTask(results, ResultsJson::directions));
    json.put("n-samples", byTask(results, ResultsJson::samples));
    json.put("config", model(results));
    json.put("date", results.start().toEpochMilli() / 1000.0);
    json.put("model_name", results.model().architecture());
    json.put("max_length", results.model().contextLength());
    json.put(
        "total_evaluation_time_seconds", String.valueOf(results.duration().toMillis() / 1000.0));
    return JsonWriter.pretty(json);
  }

  private static Map<String, @Nullable Object> byTask(
      EvaluationResults results, Function<TaskResult, Object> value) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    results.tasks().forEach(one -> map.put(one.task().name(), value.apply(one)));
    return map;
  }

  private static Object figures(TaskResult result) {
    Map<String, @Nullable Object> figures = new LinkedHashMap<>();
    figures.put("name", result.task().name());
    figures.put("alias", result.task().name());
    figures.put("sample_len", result.evaluated());
    String filter = "," + result.task().kind().filter();
    result
        .metrics()
        .forEach(
            (name, metric) -> {
              figures.put(name + filter, finite(metric.value(), null));
              figures.put(name + "_stderr" + filter, finite(metric.standardError(), "N/A"));
            });
    return figures;
  }

  /** JSON has no other numbers. */
  private static @Nullable Object finite(double value, @Nullable Object otherwise) {
    return Double.isFinite(value) ? (Object) value : otherwise;
  }

  private static Object config(TaskResult result) {
    EvaluationTask task = result.task();
    TaskKind kind = task.kind();
    Map<String, @Nullable Object> config = new LinkedHashMap<>();
    config.put("task", task.name());
    if (task.file() != null) {
      config.put("dataset_path", task.file().toString());
    }
    config.put("output_type", kind.outputType());
    config.put("target_delimiter", EvaluationTask.TARGET_DELIMITER);
    config.put("fewshot_delimiter", EvaluationTask.FEWSHOT_DELIMITER);
    if (task.shots() > 0) {
      config.put("fewshot_config", Map.of("sampler", "default"));
    }
    config.put("num_fewshot", task.shots());
    List<Object> metrics = new ArrayList<>();
    kind.metrics()
        .forEach(
            (name, aggregation) -> {
              Map<String, @Nullable Object> metric = new LinkedHashMap<>();
              metric.put("metric", name);
              metric.put("aggregation", aggregation);
              metric.put("higher_is_better", result.metric(name).higherIsBetter());
              metrics.add(metric);
            });
    config.put("metric_list", metrics);
    if (kind.outputType().equals("generate_until")) {
      Map<String, @Nullable Object> generation = new LinkedHashMap<>();
      generation.put("until", task.stops());
      generation.put("max_gen_toks", task.maxNewTokens());
      generation.put("do_sample", kind instanceof PassAtKTask);
      config.put("generation_kwargs", generation);
      config.put("repeats", kind instanceof PassAtKTask pass ? pass.samples() : 1);
    }
    config.put("metadata", Map.of("version", VERSION));
    return config;
  }

  private static Object directions(TaskResult result) {
    Map<String, @Nullable Object> directions = new LinkedHashMap<>();
    result.metrics().forEach((name, metric) -> directions.put(name, metric.higherIsBetter()));
    return directions;
  }

  private static Object samples(TaskResult result) {
    Map<String, @Nullable Object> samples = new LinkedHashMap<>();
    samples.put("original", result.documents());
    samples.put("effective", result.evaluated());
    return samples;
  }

  private static Object model(EvaluationResults results) {
    ModelInfo info = results.model();
    Map<String, @Nullable Object> model = new LinkedHashMap<>();
    model.put("model", info.architecture());
    model.put("model_num_parameters", info.parameters());
    model.put("model_dtype", info.precision());
    model.put("device", info.device());
    model.put("limit", limit(results));
    model.put("bootstrap_iters", 0);
    return model;
  }

  private static @Nullable Object limit(EvaluationResults results) {
    int largest =
        results.tasks().stream().mapToInt(one -> one.task().limited().orElse(0)).max().orElse(0);
    return largest == 0 ? null : (Object) largest;
  }
}
