package io.fundamentallm.evaluation;

import io.fundamentallm.text.TextCorpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** The lines of the field's data sets, and what of them the model reads, as in the harness. */
final class TaskLayouts {
  /** Left over from WikiHow, where HellaSwag's texts come from. */
  private static final Pattern BRACKETS = Pattern.compile("\\[.*?\\]", Pattern.UNIX_LINES);

  private static final Set<String> PUBLISHED =
      Set.of("hellaswag", "arc_easy", "arc_challenge", "piqa");

  private static final Set<String> WITH_TEST_SPLIT = Set.of("arc_easy", "arc_challenge");

  private TaskLayouts() {}

  /** Whether a name is that of a published task, rather than of a layout for any. */
  static boolean isPublished(String name) {
    return PUBLISHED.contains(name);
  }

  /** Whether the harness asks the questions of a test split, which none of the examples is in. */
  static boolean hasTestSplit(String name) {
    return WITH_TEST_SPLIT.contains(name);
  }

  /** The documents of a file, and how they are judged; see {@link EvaluationTask#load}. */
  static TaskKind read(String name, Path file) throws IOException {
    return switch (name) {
      case "hellaswag" -> choices(file, TaskLayouts::hellaSwag);
      case "arc_easy", "arc_challenge" -> choices(file, TaskLayouts::arc);
      case "piqa" -> choices(file, TaskLayouts::piqa);
      case "multiple_choice" -> choices(file, TaskLayouts::multipleChoice);
      case "exact_match" ->
          new ExactMatchTask(TaskFile.read(file, TaskLayouts::question), UnaryOperator.identity());
      case "perplexity" -> new PerplexityTask(texts(file));
      default ->
          throw new IllegalArgumentException(
              "there is no task \""
                  + name
                  + "\"; there are hellaswag, arc_easy, arc_challenge, piqa, multiple_choice,"
                  + " exact_match and perplexity");
    };
  }

  private static TaskKind choices(Path file, TaskFile.Layout<MultipleChoice> layout)
      throws IOException {
    return new MultipleChoiceTask(TaskFile.read(file, layout));
  }

  private static Iterable<String> texts(Path file) {
    TextCorpus corpus = TextCorpus.ofFiles(file);
    return file.toString().endsWith(".jsonl") ? corpus.jsonLines("text") : corpus;
  }

  /** Zellers et al. 2019, "HellaSwag: Can a Machine Really Finish Your Sentence?". */
  static MultipleChoice hellaSwag(TaskFile.Line line) {
    List<String> endings = line.texts("endings").stream().map(TaskLayouts::withoutWikiHow).toList();
    String context =
        line.text("activity_label")
            + ": "
            + line.text("ctx_a")
            + " "
            + PythonText.capitalize(line.text("ctx_b"));
    return new MultipleChoice(
        withoutWikiHow(context), endings, line.index("label", endings.size()));
  }

  private static String withoutWikiHow(String text) {
    String titles = PythonText.strip(text).replace(" [title]", ". ");
    return BRACKETS.matcher(titles).replaceAll("").replace("  ", " ");
  }

  /** Clark et al. 2018, "Think you have Solved Question Answering?"; both of its layouts. */
  static MultipleChoice arc(TaskFile.Line line) {
    boolean own = line.hasObject("question");
    String question = own ? line.object("question").text("stem") : line.text("question");
    List<String> texts;
    List<String> labels;
    if (own) {
      List<TaskFile.Line> choices = line.object("question").objects("choices");
      texts = choices.stream().map(choice -> choice.text("text")).toList();
      labels = choices.stream().map(choice -> choice.text("label")).toList();
    } else {
      texts = line.object("choices").texts("text");
      labels = line.object("choices").texts("label");
    }
    if (labels.size() != texts.size()) {
      throw new IllegalArgumentException(
          "there are " + texts.size() + " choices but " + labels.size() + " labels");
    }
    int gold = labels.indexOf(line.text("answerKey"));
    if (gold < 0) {
      throw line.expected("answerKey", "one of " + String.join(", ", labels));
    }
    return new MultipleChoice(asked(question), texts, gold);
  }

  /** Bisk et al. 2020, "PIQA: Reasoning about Physical Commonsense in Natural Language". */
  static MultipleChoice piqa(TaskFile.Line line) {
    return new MultipleChoice(
        asked(line.text("goal")),
        List.of(line.text("sol1"), line.text("sol2")),
        line.index("label", 2));
  }

  private static String asked(String question) {
    return "Question: " + question + "\nAnswer:";
  }

  static MultipleChoice multipleChoice(TaskFile.Line line) {
    List<String> choices = line.texts("choices");
    return new MultipleChoice(line.text("query"), choices, line.index("gold", choices.size()));
  }

  static Question question(TaskFile.Line line) {
    boolean several = line.has("answer") && line.fields().get("answer") instanceof List;
    return new Question(
        line.text("prompt"), several ? line.texts("answer") : List.of(line.text("answer")));
  }
}
