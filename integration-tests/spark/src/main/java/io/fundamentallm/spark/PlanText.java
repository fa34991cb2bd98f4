package io.fundamentallm.spark;

import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What must be the same to continue from a checkpoint, as lines of {@code name: value}. It has
 * everything that the result depends on, except the texts themselves: of the tokens, only their
 * number.
 */
record PlanText(Map<String, String> values) {
  private static final String BETWEEN = ": ";

  static PlanText of(DilocoPlan plan, TrainingPlan local, long tokens) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("workers", plan.workers());
    values.put("steps of a round", plan.localSteps());
    values.put("outer learning rate", plan.outerLearningRate());
    values.put("outer momentum", plan.outerMomentum());
    values.put("tokens", tokens);
    values.put("steps", local.steps());
    values.put("seed", local.seed());
    values.put("windows", local.windows());
    values.put("batch size", local.batchSize());
    values.put("accumulation", local.accumulation());
    values.put("context length", local.contextLength());
    values.put("objective", local.objective());
    values.put("optimizer", local.optimizer());
    values.put("schedule", local.schedule());
    values.put("learning rate", local.learningRate());
    values.put("minimum learning rate", local.minimumLearningRate());
    values.put("warm-up steps", local.warmupSteps());
    values.put("weight decay", local.weightDecay());
    values.put("undecayed", local.undecayed());
    values.put("gradient clip", local.gradientClip());
    if (!local.memory().equals("full")) {
      values.put("memory", local.memory());
    }
    if (!local.precision().equals("f32")) {
      values.put("precision", local.precision());
    }
    values.put("frozen", local.fineTuning().map(FineTuning::frozen).orElse(List.of()));
    values.put("architecture", local.architecture());
    Map<String, String> texts = new LinkedHashMap<>();
    values.forEach((name, value) -> texts.put(name, value.toString()));
    return new PlanText(texts);
  }

  static PlanText read(Path file) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      String[] pair = line.split(BETWEEN, 2);
      values.put(pair[0], pair.length == 2 ? pair[1] : "");
    }
    return new PlanText(values);
  }

  void write(Path file) throws IOException {
    Files.writeString(
        file,
        values.entrySet().stream()
            .map(value -> value.getKey() + BETWEEN + value.getValue() + "\n")
            .collect(Collectors.joining()));
  }

  /** What differs from the other, {@code seed 7 and not 8}. */
  List<String> differences(PlanText other) {
    List<String> differences = new ArrayList<>();
    other.values.forEach(
        (name, value) -> {
          String own = values.getOrDefault(name, "unknown");
          if (!own.equals(value)) {
            differences.add(name + " " + own + " and not " + value);
          }
        });
    values.forEach(
        (name, value) -> {
          if (!other.values.containsKey(name)) {
            differences.add(name + " " + value + ", which the other does not name");
          }
        });
    return differences;
  }
}
