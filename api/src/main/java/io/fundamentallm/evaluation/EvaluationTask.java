package io.fundamentallm.evaluation;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a model is asked, and how its answers are judged. Immutable; the {@code with…} methods give
 * a changed copy. Thread-safe, as far as its texts and its checker are.
 *
 * <p>The rules are those of EleutherAI's lm-evaluation-harness 0.4 at commit 4e7e0d47, with which
 * tests compare multiple choice and perplexity, but not exact match and pass@k. Figures compare
 * with published ones where the tokenizer adds the same begin token as there:
 *
 * <ul>
 *   <li>Multiple choice: an answer's score is its log-likelihood after the context and a space.
 *       Context and answer are encoded together, with the special tokens that the tokenizer adds,
 *       and cut where the context alone would end. {@code acc} takes the highest score, {@code
 *       acc_norm} the highest per Unicode character, {@code acc_bytes} the highest per byte of
 *       UTF-8; ties go to the first.
 *   <li>Perplexity: texts are read in windows of a whole context, after the begin token or else the
 *       end token. A word is what lies between white space.
 *   <li>Exact match: the likeliest answer without the white space before it.
 *   <li>pass@k: the unbiased estimate of Chen et al. 2021.
 *   <li>Few-shot examples are drawn for each question with Python's random numbers and the
 *       harness's seed, so they are the same. Two line feeds stand between them.
 * </ul>
 *
 * <p>What in a document looks like a special token is text, here as everywhere in this library.
 */
public final class EvaluationTask {
  static final String TARGET_DELIMITER = " ";
  static final String FEWSHOT_DELIMITER = "\n\n";

  /** The harness's default. */
  private static final int MAX_NEW_TOKENS = 256;

  private final String name;
  private final @Nullable Path file;
  private final TaskKind kind;
  private final Settings settings;

  private EvaluationTask(String name, @Nullable Path file, TaskKind kind, Settings settings) {
    this.name = name;
    this.file = file;
    this.kind = kind;
    this.settings = settings;
  }

  /**
   * What the {@code with…} methods change.
   *
   * @param examples from which the few-shot examples are drawn; empty without shots
   * @param ownExamples whether they are the task's own documents
   */
  private record Settings(
      int shots,
      List<String> examples,
      boolean ownExamples,
      int limit,
      int maxNewTokens,
      List<String> stops) {
    static final Settings DEFAULT =
        new Settings(
            0, List.of(), false, Integer.MAX_VALUE, MAX_NEW_TOKENS, List.of(FEWSHOT_DELIMITER));
  }

  private static EvaluationTask of(String name, TaskKind kind) {
    return new EvaluationTask(requireNonNull(name, "name"), null, kind, Settings.DEFAULT);
  }

  private EvaluationTask with(Settings changed) {
    return new EvaluationTask(name, file, kind, changed);
  }

  /**
   * A task of a file, by the harness's name for it. Files are JSON Lines in UTF-8, one document a
   * line, as Hugging Face's data sets have them:
   *
   * <table>
   * <caption>The fields of a line</caption>
   * <tr><td>{@code hellaswag}<td>{@code activity_label}, {@code ctx_a}, {@code ctx_b}, {@code
   *     endings}, {@code label}
   * <tr><td>{@code arc_easy}, {@code arc_challenge}<td>{@code question}, {@code choices} with
   *     {@code text} and {@code label}, {@code answerKey}; or AI2's own, with a {@code question} of
   *     {@code stem} and {@code choices}
   * <tr><td>{@code piqa}<td>{@code goal}, {@code sol1}, {@code sol2}, {@code label}
   * <tr><td>{@code multiple_choice}<td>{@code query}, {@code choices}, {@code gold}; the task has
   *     the file's name
   * <tr><td>{@code exact_match}<td>{@code prompt}, {@code answer}, which may be a list; the task
   *     has the file's name
   * <tr><td>{@code perplexity}<td>{@code text}; or a file not named {@code .jsonl}, which is one
   *     text, or several of four million characters; the task has the file's name
   * </table>
   *
   * <p>The texts of a perplexity are read when the task is evaluated, all others here.
   *
   * @throws IllegalArgumentException for another name; lists these
   * @throws IOException when the file cannot be read or has another layout; names file and line
   */
  public static EvaluationTask load(String name, Path file) throws IOException {
    TaskKind kind = TaskLayouts.read(requireNonNull(name, "name"), requireNonNull(file, "file"));
    String own = TaskLayouts.isPublished(name) ? name : stem(file);
    return new EvaluationTask(own, file, kind, Settings.DEFAULT);
  }

  private static String stem(Path file) {
    Path last = file.getFileName();
    return last == null ? "" : last.toString().replaceFirst("(?<=.)\\.[^.]*$", "");
  }

  /** A task whose right answers are to be the likeliest of several. */
  public static EvaluationTask multipleChoice(String name, List<MultipleChoice> documents) {
    return of(name, new MultipleChoiceTask(requireDocuments(documents)));
  }

  /** A task whose answers are to be the right ones, letter by letter. */
  public static EvaluationTask exactMatch(String name, List<Question> questions) {
    return exactMatch(name, questions, UnaryOperator.identity());
  }

  /**
   * A task whose answers are to be the right ones, once both are normalized.
   *
   * @param normalization such as {@code String::toLowerCase}
   */
  public static EvaluationTask exactMatch(
      String name, List<Question> questions, UnaryOperator<String> normalization) {
    requireNonNull(normalization, "normalization");
    return of(name, new ExactMatchTask(requireDocuments(questions), normalization));
  }

  /**
   * A task that measures how well whole texts are predicted. Where the vocabulary has neither a
   * begin nor an end token, a text's first token has no probability and is left out.
   *
   * @param texts read once for each evaluation
   */
  public static EvaluationTask perplexity(String name, Iterable<String> texts) {
    return of(name, new PerplexityTask(requireNonNull(texts, "texts")));
  }

  /**
   * A task whose answers the application checks. The answers are drawn by the generator's own
   * sampler: with a greedy one all answers to a prompt are the same.
   *
   * @param checker whether an answer to a prompt, given as (prompt, answer), passes; called on the
   *     evaluation's thread
   * @param samples how many answers to each prompt, at least 1
   * @param ks the ks of pass@k, each in {@code [1, samples]}; at least one
   */
  public static EvaluationTask passAtK(
      String name,
      List<String> prompts,
      BiPredicate<String, String> checker,
      int samples,
      int... ks) {
    requireNonNull(checker, "checker");
    List<Integer> distinct = Arrays.stream(ks).distinct().sorted().boxed().toList();
    if (distinct.isEmpty() || distinct.get(0) < 1 || distinct.get(distinct.size() - 1) > samples) {
      throw new IllegalArgumentException(
          "pass@k needs ks in [1, samples], here [1, " + samples + "], not " + distinct);
    }
    return of(name, new PassAtKTask(requireDocuments(prompts), checker, samples, distinct));
  }

  private static <T> List<T> requireDocuments(List<T> documents) {
    List<T> copy = List.copyOf(documents);
    if (copy.isEmpty()) {
      throw new IllegalArgumentException("a task needs at least one document");
    }
    return copy;
  }

  /** With others of its own documents as few-shot examples. */
  public EvaluationTask withShots(int shots) {
    return withShots(shots, this);
  }

  /**
   * With documents of another task as few-shot examples: usually the same layout, read from the
   * training split.
   *
   * @param shots how many stand before each question
   * @param examples never asked itself
   * @throws IllegalArgumentException for more than it has; for examples without answers; for the
   *     perplexity of texts, which has no examples
   */
  public EvaluationTask withShots(int shots, EvaluationTask examples) {
    if (shots < 0) {
      throw new IllegalArgumentException("shots " + shots + " is negative");
    }
    if (shots > 0 && kind instanceof PerplexityTask) {
      throw new IllegalArgumentException("a perplexity has no few-shot examples");
    }
    List<String> pool = shots == 0 ? List.of() : examples.kind.examples();
    boolean own = shots > 0 && examples.kind.equals(kind);
    int most = pool.size() - (own ? 1 : 0);
    if (shots > most) {
      throw new IllegalArgumentException(
          "shots " + shots + " are more than the " + most + " examples of " + examples.name);
    }
    return with(
        new Settings(shots, pool, own, settings.limit, settings.maxNewTokens, settings.stops));
  }

  /**
   * With only its first documents.
   *
   * @param limit how many, at least 1
   */
  public EvaluationTask withLimit(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit " + limit + " is not at least 1");
    }
    return with(
        new Settings(
            settings.shots,
            settings.examples,
            settings.ownExamples,
            limit,
            settings.maxNewTokens,
            settings.stops));
  }

  /**
   * With another length of answers that the model writes; by default 256.
   *
   * @param maxNewTokens at least 1
   */
  public EvaluationTask withMaxNewTokens(int maxNewTokens) {
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException("maxNewTokens " + maxNewTokens + " is not at least 1");
    }
    return with(
        new Settings(
            settings.shots,
            settings.examples,
            settings.ownExamples,
            settings.limit,
            maxNewTokens,
            settings.stops));
  }

  /** With other texts at which an answer ends; by default two line feeds. */
  public EvaluationTask withStops(String... stops) {
    return with(
        new Settings(
            settings.shots,
            settings.examples,
            settings.ownExamples,
            settings.limit,
            settings.maxNewTokens,
            List.of(stops)));
  }

  /** Its name in results. */
  public String name() {
    return name;
  }

  /** How many few-shot examples stand before each question. */
  public int shots() {
    return settings.shots;
  }

  /** How many documents are asked at most; empty if all are. */
  public OptionalInt limited() {
    return settings.limit == Integer.MAX_VALUE
        ? OptionalInt.empty()
        : OptionalInt.of(settings.limit);
  }

  int limit() {
    return settings.limit;
  }

  int maxNewTokens() {
    return settings.maxNewTokens;
  }

  List<String> stops() {
    return settings.stops;
  }

  TaskKind kind() {
    return kind;
  }

  @Nullable Path file() {
    return file;
  }

  /** A question with its answer, as it stands before another question. */
  static String example(String question, String answer) {
    return question + TARGET_DELIMITER + answer;
  }

  /** The examples before each question, for one evaluation. */
  FewShot fewShot() {
    boolean oneMore = settings.ownExamples || !TaskLayouts.hasTestSplit(name);
    return new FewShot(settings.shots, settings.examples, oneMore);
  }

  /** A problem with a document, named. */
  IllegalArgumentException problem(long index, IllegalArgumentException cause) {
    return new IllegalArgumentException(
        name + ", document " + (index + 1) + ": " + cause.getMessage(), cause);
  }

  @Override
  public String toString() {
    return name;
  }
}
