package io.fundamentallm.training;

import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.training.TrainingListener.Evaluation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * The words of a model card. They do not say when the training was or how long it took, so that the
 * same training writes the same card.
 *
 * @param first the first step that was taken; later than 1 if the training was resumed
 * @param curve means of the training loss
 */
record CardText(
    ModelCard card,
    TrainingPlan plan,
    TrainingResult result,
    int first,
    List<Step> curve,
    List<Evaluation> evaluations) {
  /** The mean training loss up to a step, from the one before it. */
  record Step(int step, double loss) {}

  String of(TrainingData data) {
    StringBuilder text = new StringBuilder("---\n").append(CardWriter.MARK).append('\n');
    front(text);
    text.append("---\n\n# ").append(Markdown.escape(name())).append("\n\n");
    text.append(
        card.description().isEmpty()
            ? "A language model, trained with FundamentaLLM for the JVM.\n"
            : card.description().strip() + "\n");
    text.append("\n## Data\n\n");
    row(text, "", "tokens");
    text.append("|---|---|\n");
    row(text, "trained on", count(data.training().size()));
    row(text, "held out", count(data.validation().size()));
    row(text, "read in training", count(read()));
    row(text, "vocabulary", count(data.tokenizer().vocabulary().size()));
    text.append("\n## Recipe\n\n");
    row(text, "", "");
    text.append("|---|---|\n");
    PlanRows.of(plan, data).forEach((key, value) -> row(text, key, value));
    curve(text);
    evaluation(text);
    text.append("\n## Licence\n\n");
    text.append(
        card.license().equals("unknown")
            ? "Not stated.\n"
            : "`" + card.license().replace('`', '\'') + "`\n");
    return text.toString();
  }

  private String name() {
    Path last = plan.modelDirectory().toAbsolutePath().normalize().getFileName();
    return last == null ? "model" : last.toString();
  }

  private long read() {
    return (long) result.steps() * plan.batchSize() * plan.accumulation() * plan.contextLength();
  }

  private String architecture() {
    return plan.architecture().replaceFirst("\\(.*", "");
  }

  /** YAML; texts are quoted as in JSON, which YAML reads too. */
  private void front(StringBuilder text) {
    text.append("license: ").append(quoted(card.license())).append('\n');
    list(text, "language", card.languages());
    list(text, "datasets", card.datasets());
    card.baseModel()
        .ifPresent(base -> text.append("base_model: ").append(quoted(base)).append('\n'));
    text.append("pipeline_tag: text-generation\n");
    List<String> tags = new ArrayList<>(List.of("fundamentallm"));
    if (plan.fineTuning().isEmpty()) {
      tags.add(architecture());
    }
    card.tags().stream().filter(tag -> !tags.contains(tag)).forEach(tags::add);
    list(text, "tags", tags);
    last(
        evaluation -> {
          text.append("model-index:\n- name: ").append(quoted(name())).append('\n');
          text.append("  results:\n  - task:\n      type: text-generation\n");
          text.append("    dataset:\n      type: held-out\n");
          text.append("      name: held-out part of the training text\n    metrics:\n");
          metric(text, "loss", evaluation.loss());
          metric(text, "perplexity", evaluation.perplexity());
          metric(text, "bits_per_byte", evaluation.bitsPerByte());
          metric(text, evaluation.pairs() ? "reward_accuracy" : "accuracy", evaluation.accuracy());
          metric(text, "reward_margin", evaluation.margin());
        });
  }

  private static void list(StringBuilder text, String key, List<String> values) {
    if (!values.isEmpty()) {
      text.append(key).append(":\n");
      values.forEach(value -> text.append("- ").append(quoted(value)).append('\n'));
    }
  }

  private static void metric(StringBuilder text, String type, double value) {
    if (Double.isFinite(value)) {
      text.append("    - type: ").append(type).append("\n      value: ");
      text.append(number(value)).append('\n');
    }
  }

  private static String quoted(String text) {
    String object = JsonWriter.compact(Map.of("", text));
    return object.substring("{\"\":".length(), object.length() - 1);
  }

  private void last(Consumer<Evaluation> use) {
    if (!evaluations.isEmpty()) {
      use.accept(evaluations.get(evaluations.size() - 1));
    }
  }

  private void curve(StringBuilder text) {
    boolean pairs = plan.objective().pairs();
    text.append("\n## Curve\n\nLoss ").append(pairs ? "per pair" : "in nats per token");
    text.append(
        first > 1
            ? ", from step " + count(first) + " on, where the training was resumed.\n\n"
            : ".\n\n");
    text.append("| step | training | validation |\n|---|---|---|\n");
    Map<Integer, String> training = new HashMap<>();
    curve.forEach(point -> training.put(point.step(), number(point.loss())));
    Map<Integer, String> validation = new HashMap<>();
    shown().forEach(one -> validation.put(one.step(), number(one.loss())));
    TreeSet<Integer> steps = new TreeSet<>(training.keySet());
    steps.addAll(validation.keySet());
    for (int step : steps) {
      text.append("| ").append(count(step));
      text.append(" | ").append(training.getOrDefault(step, ""));
      text.append(" | ").append(validation.getOrDefault(step, "")).append(" |\n");
    }
  }

  /** The last evaluation of each step; of many steps only some, and the last. */
  private List<Evaluation> shown() {
    TreeMap<Integer, Evaluation> last = new TreeMap<>();
    evaluations.forEach(one -> last.put(one.step(), one));
    List<Evaluation> all = List.copyOf(last.values());
    int rows = Math.min(CardWriter.ROWS, all.size());
    return IntStream.rangeClosed(1, rows)
        .mapToObj(row -> all.get((int) ((long) row * all.size() / rows) - 1))
        .toList();
  }

  private void evaluation(StringBuilder text) {
    text.append("\n## Evaluation\n\n");
    if (evaluations.isEmpty()) {
      text.append("None: no text was held out.\n");
    }
    last(
        evaluation -> {
          text.append(
              evaluation.whole()
                  ? "On all of the held-out text, after step "
                  : "On a sample of the held-out text, after step ");
          text.append(count(evaluation.step())).append(":\n\n");
          row(text, "", "");
          text.append("|---|---|\n");
          if (evaluation.pairs()) {
            row(text, "loss, per pair", number(evaluation.loss()));
            row(text, "reward accuracy", number(evaluation.accuracy()));
            row(text, "reward margin", number(evaluation.margin()));
          } else {
            row(text, "loss, in nats per token", number(evaluation.loss()));
            row(text, "perplexity", number(evaluation.perplexity()));
            row(text, "bits per byte", number(evaluation.bitsPerByte()));
            row(text, "accuracy", number(evaluation.accuracy()));
          }
          if (!evaluation.sample().isEmpty()) {
            text.append("\nIt writes:\n\n").append(Markdown.block(evaluation.sample()));
          }
        });
  }

  private static void row(StringBuilder text, String key, String value) {
    text.append("| ").append(key).append(" | ").append(Markdown.escape(value)).append(" |\n");
  }

  private static String count(long number) {
    return ReportPage.count(number);
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "";
  }
}
