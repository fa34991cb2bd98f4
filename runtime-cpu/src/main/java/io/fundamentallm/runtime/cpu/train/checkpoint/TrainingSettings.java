package io.fundamentallm.runtime.cpu.train.checkpoint;

import io.fundamentallm.runtime.cpu.train.optimizer.Course;
import io.fundamentallm.runtime.cpu.train.optimizer.LearningRate;
import io.fundamentallm.runtime.cpu.train.parameter.ModelRecipe;
import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.runtime.cpu.train.window.Fingerprint;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * All that the result of a training depends on, by name: plan, tokenizer and tokens. A checkpoint
 * records it; {@link SettingChanges} says with which others it may be resumed.
 *
 * @param values texts by the name of the property: {@code steps}, {@code data.training}
 */
public record TrainingSettings(Map<String, String> values) {

  public TrainingSettings {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** The settings of a training whose model still has its initial weights. */
  public static TrainingSettings of(TrainingPlan plan, TrainingData data, TrainedModel model) {
    Map<String, Object> values = new LinkedHashMap<>();
    TrainableConfig config = model.transformer().config();
    if (plan.fineTuning().isEmpty()) {
      values.put("architecture", Recipe.name(plan.architecture()));
      values.put("layers", config.layers());
      values.put("heads", config.heads());
      values.put("keyValueHeads", config.keyValueHeads());
      values.put("hiddenSize", config.hiddenSize());
      values.put("innerSize", config.innerSize());
      values.put("tiedEmbeddings", config.tied());
    }
    values.put("positions", ModelRecipe.of(plan, 1).sinusoidal() ? "sinusoidal" : "learned");
    values.put("contextLength", plan.contextLength());
    values.put("vocabularySize", config.vocabularySize());
    values.put("fineTuning.model", model.start());
    values.put("fineTuning.frozen", plan.fineTuning().map(FineTuning::frozen).orElse(List.of()));
    plan.fineTuning().flatMap(FineTuning::lora).ifPresent(lora -> add(lora, values));
    values.put("optimizer", plan.optimizer());
    if (!plan.precision().equals("f32")) { // which checkpoints did not name
      values.put("precision", plan.precision());
    }
    values.put("averaging", plan.averaging());
    if (plan.epochs() > 0) { // which checkpoints did not name
      values.put("epochs", plan.epochs());
    }
    values.put("steps", plan.steps());
    values.put("schedule", plan.schedule());
    values.put("learningRate", plan.learningRate());
    values.put("minimumLearningRate", plan.minimumLearningRate());
    values.put("warmupSteps", plan.warmupSteps());
    values.put("weightDecay", plan.weightDecay());
    values.put("undecayed", plan.undecayed());
    values.put("gradientClip", plan.gradientClip());
    values.put("batchSize", plan.batchSize());
    values.put("accumulation", plan.accumulation());
    values.put("windows", plan.windows());
    values.put("seed", plan.seed());
    add(plan.objective(), values);
    add(plan.validation(), values);
    values.put("data.tokenizer", data.tokenizer().fingerprint());
    values.put("data.training", Fingerprint.of(data.training()));
    values.put("data.validation", Fingerprint.of(data.validation()));
    data.replay()
        .ifPresent(
            replay -> {
              values.put("data.replay", Fingerprint.of(replay.tokens()));
              values.put("data.replay.share", replay.share());
            });
    Map<String, String> texts = new LinkedHashMap<>();
    values.forEach((name, value) -> texts.put(name, value.toString()));
    return new TrainingSettings(texts);
  }

  /**
   * A plan that left something open, with what was chosen when these settings were written. Steps
   * stay open where the plan names its epochs as changed, and they are.
   */
  public TrainingPlan chosen(TrainingPlan plan) throws IOException {
    TrainingPlan.Builder chosen = plan.toBuilder();
    if (plan.open().contains("architecture")) {
      chosen.architecture(
          "%s(layers=%s,heads=%s,key-value-heads=%s,hidden-size=%s,inner-size=%s,tied=%s)"
              .formatted(
                  value("architecture"),
                  value("layers"),
                  value("heads"),
                  value("keyValueHeads"),
                  value("hiddenSize"),
                  value("innerSize"),
                  value("tiedEmbeddings")));
    }
    boolean again =
        plan.checkpoints().changed().contains("epochs")
            && !values.getOrDefault("epochs", "0").equals(String.valueOf(plan.epochs()));
    if (plan.open().contains("warmupSteps")) {
      chosen.warmupSteps(count("warmupSteps"));
    }
    if (plan.open().contains("steps") && !again) {
      chosen.steps(count("steps"));
      String schedule = value("schedule");
      if (sameButChoices(schedule, plan.schedule())) {
        chosen.schedule(schedule); // the steps may have been chosen anew on the way
        requireSchedule(chosen.build());
      }
    }
    if (plan.open().contains("objective.dropout")) {
      chosen.objective(plan.objective().withDropout(real("objective.dropout")));
    }
    if (plan.open().contains("validation")) {
      chosen.validation(
          Validation.every(count("validation.interval")).withWindows(count("validation.windows")));
    }
    return chosen.build();
  }

  private static void requireSchedule(TrainingPlan plan) throws IOException {
    try {
      LearningRate.of(plan);
    } catch (IllegalArgumentException e) {
      throw damaged(plan.schedule(), e);
    }
  }

  private static IOException damaged(String schedule, IllegalArgumentException cause) {
    return new IOException(
        "the checkpoint's schedule is " + schedule + ": " + cause.getMessage(), cause);
  }

  /**
   * Whether two schedules are the same but for the steps that were chosen on the way.
   *
   * @param then the checkpoint's
   */
  static boolean sameButChoices(String then, String now) throws IOException {
    try {
      return Course.before(then).equals(Course.before(now));
    } catch (IllegalArgumentException e) {
      throw damaged(then, e);
    }
  }

  private String value(String name) throws IOException {
    String value = values.get(name);
    if (value == null) {
      throw new IOException("the checkpoint names no " + name);
    }
    return value;
  }

  private int count(String name) throws IOException {
    return number(name, Integer::valueOf, "a whole number");
  }

  private double real(String name) throws IOException {
    return number(name, Double::valueOf, "a number");
  }

  private <T extends Number> T number(String name, Function<String, T> parse, String expected)
      throws IOException {
    String value = value(name);
    try {
      return parse.apply(value);
    } catch (NumberFormatException e) {
      throw new IOException(
          "the checkpoint's " + name + " is " + value + ", expected " + expected, e);
    }
  }

  /** Whether adapters are merged at the end does not matter until then. */
  private static void add(FineTuning.Lora lora, Map<String, Object> values) {
    values.put("fineTuning.lora.rank", lora.rank());
    values.put("fineTuning.lora.alpha", lora.alpha());
    values.put("fineTuning.lora.targets", lora.targets());
    if (lora.decomposed()) { // which checkpoints did not name
      values.put("fineTuning.lora.decomposed", true);
    }
    if (!lora.base().equals("f32")) {
      values.put("fineTuning.lora.base", lora.base());
    }
  }

  private static void add(TrainingObjective objective, Map<String, Object> values) {
    values.put("objective.labelSmoothing", objective.labelSmoothing());
    values.put("objective.zLoss", objective.zLoss());
    values.put("objective.dropout", objective.dropout());
    values.put("objective.documentBoundaries", objective.documentBoundaries());
    values.put("objective.scheduledSampling", objective.scheduledSampling());
    values.put("objective.ignoreIndex", objective.ignoreIndex());
    if (!objective.loss().equals("cross-entropy")) { // which checkpoints did not name
      values.put("objective.loss", objective.loss());
    }
  }

  private static void add(Validation validation, Map<String, Object> values) {
    values.put("validation.keepBest", validation.keepBest());
    values.put("validation.patience", validation.patience());
    values.put("validation.interval", validation.interval());
    values.put("validation.windows", validation.windows());
    values.put("validation.minimumImprovement", validation.minimumImprovement());
  }
}
