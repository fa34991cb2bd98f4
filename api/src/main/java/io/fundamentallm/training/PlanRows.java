package io.fundamentallm.training;

import io.fundamentallm.internal.directory.AdapterConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** A plan in words, for the readers of a report. */
final class PlanRows {
  /** Fewer steps than these teach a model next to nothing, however small the data. */
  private static final int FEW_STEPS = 100;

  /** Ways to cut windows that mean {@code packed} where the tokens are examples. */
  private static final Set<String> PACKED = Set.of("random", "shifted");

  private PlanRows() {}

  static Map<String, String> of(
      TrainingPlan plan, @Nullable TrainingMemory memory, @Nullable Path checkpoint) {
    Map<String, String> rows = new LinkedHashMap<>();
    if (plan.fineTuning().isEmpty()) { // else that of the model it starts from
      rows.put("architecture", plan.architecture());
    }
    rows.put("context length", count(plan.contextLength()));
    rows.put("batch size", plan.batchSize() + ", accumulated " + plan.accumulation());
    boolean open = plan.open().contains("steps");
    String until =
        plan.epochs() > 0 ? "as many as the epochs take" : "as many as fit into the budget";
    rows.put("steps", open ? until : count(plan.steps()));
    if (open && plan.epochs() > 0) { // else steps may have been set, which take precedence
      rows.put("epochs", count(plan.epochs()));
    }
    plan.budget().ifPresent(budget -> rows.put("budget", ReportPage.clock(budget)));
    rows.put("windows", plan.windows());
    rows.put("optimizer", plan.optimizer() + ", weight decay " + plan.weightDecay());
    rows.put(
        "schedule",
        "%s, %s to %s, warm-up of %s"
            .formatted(
                plan.schedule(),
                ReportPage.rate(plan.learningRate()),
                ReportPage.rate(plan.minimumLearningRate()),
                ReportPage.steps(plan.warmupSteps())));
    rows.put("gradient clip", String.valueOf(plan.gradientClip()));
    if (!plan.precision().equals("f32")) {
      rows.put("precision", plan.precision());
    }
    if (!plan.memory().equals("full")) {
      rows.put("activations", plan.memory() + " memory");
    }
    rows.put("averaging", plan.averaging());
    rows.put("objective", words(plan.objective()));
    rows.put("validation", words(plan.validation()));
    plan.fineTuning().ifPresent(t -> rows.put("fine-tuning", words(t, t.model().toString())));
    rows.put("seed", String.valueOf(plan.seed()));
    if (memory != null) {
      rows.put("memory", memory.toString());
    }
    if (checkpoint != null) {
      rows.put("last checkpoint", checkpoint.toString());
    }
    return rows;
  }

  /** For who reads the model's card elsewhere: what the data tell, and the base by its name. */
  static Map<String, String> of(TrainingPlan plan, TrainingData data) {
    Map<String, String> rows = of(plan, null, null);
    plan.fineTuning()
        .ifPresent(
            tuning ->
                rows.put(
                    "fine-tuning",
                    words(
                        tuning, AdapterConfig.baseName(plan.card().baseModel(), tuning.model()))));
    if (data.training().marks().isPresent() && PACKED.contains(plan.windows())) {
      rows.put("windows", "packed");
    }
    return rows;
  }

  /** The most important of it in one line. */
  static String summary(TrainingPlan plan) {
    boolean open = plan.open().contains("steps");
    double dropout = plan.objective().dropout();
    return "%s, context %s, batch %s, %s at %s%s, %s%s%s"
        .formatted(
            plan.fineTuning()
                .map(t -> "fine-tuning " + words(t, t.model().toString()))
                .orElse(plan.architecture()),
            count(plan.contextLength()),
            count(plan.batchSize()),
            plan.optimizer(),
            ReportPage.rate(plan.learningRate()),
            dropout == 0 ? "" : ", dropout " + dropout,
            !open
                ? ReportPage.steps(plan.steps())
                : plan.epochs() > 0
                    ? count(plan.epochs()) + (plan.epochs() == 1 ? " epoch" : " epochs")
                    : "as many steps as there is time",
            plan.budget().map(budget -> " for " + ReportPage.clock(budget)).orElse(""),
            open ? "" : advice(plan));
  }

  private static String advice(TrainingPlan plan) {
    if (plan.steps() >= FEW_STEPS || (plan.epochs() == 0 && plan.budget().isEmpty())) {
      return ""; // nothing chose them
    }
    String more = plan.epochs() > 0 ? "more epochs" : "a longer budget";
    return " (few to learn from: set " + more + ", or steps)";
  }

  private static String words(TrainingObjective objective) {
    StringJoiner words = new StringJoiner(", ");
    words.add(objective.loss().equals("cross-entropy") ? "maximum likelihood" : objective.loss());
    if (objective.labelSmoothing() != 0) {
      words.add("label smoothing " + objective.labelSmoothing());
    }
    if (objective.zLoss() != 0) {
      words.add("z-loss " + objective.zLoss());
    }
    if (objective.dropout() != 0) {
      words.add("dropout " + objective.dropout());
    }
    if (objective.documentBoundaries()) {
      words.add("documents apart");
    }
    if (!objective.scheduledSampling().equals("none")) {
      words.add("scheduled sampling " + objective.scheduledSampling());
    }
    if (objective.ignoreIndex() != TrainingObjective.MAXIMUM_LIKELIHOOD.ignoreIndex()) {
      words.add("token " + objective.ignoreIndex() + " ignored");
    }
    return words.toString();
  }

  private static String words(Validation validation) {
    List<String> words = new ArrayList<>();
    words.add(
        "every %s steps on %s windows"
            .formatted(count(validation.interval()), count(validation.windows())));
    if (validation.patience() > 0) {
      words.add(
          "stops after %s without an improvement of more than %s nats"
              .formatted(count(validation.patience()), validation.minimumImprovement()));
    }
    if (validation.keepBest()) {
      words.add("the best weights are kept");
    }
    if (validation.sampleTokens() > 0) {
      words.add(
          "writes %s tokens after \"%s\""
              .formatted(count(validation.sampleTokens()), validation.prompt()));
    }
    return String.join(", ", words);
  }

  private static String words(FineTuning tuning, String base) {
    List<String> words = new ArrayList<>();
    words.add("of " + base);
    if (!tuning.frozen().isEmpty()) {
      words.add("frozen " + String.join(", ", tuning.frozen()));
    }
    tuning
        .lora()
        .ifPresent(
            lora ->
                words.add(
                    "%sadapters of rank %s, alpha %s, on %s%s%s"
                        .formatted(
                            lora.decomposed() ? "weight-decomposed " : "",
                            count(lora.rank()),
                            lora.alpha(),
                            lora.targets().isEmpty()
                                ? "all linear layers"
                                : String.join(", ", lora.targets()),
                            held(lora.base()),
                            lora.merged() ? ", merged at the end" : "")));
    return String.join("; ", words);
  }

  private static String held(String base) {
    return switch (base) {
      case "f32" -> "";
      case "file" -> ", over weights as they are in the file";
      default -> ", over weights in " + base;
    };
  }

  private static String count(long number) {
    return ReportPage.count(number);
  }
}
