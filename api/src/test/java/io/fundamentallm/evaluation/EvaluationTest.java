package io.fundamentallm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.model.Cancellation;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  private static final int SIZE = 258;

  @TempDir private Path folder;

  private static ToyModel hashing() {
    return new ToyModel(ToyModel.info(SIZE, 64).build(), ToyModel.hashing());
  }

  /** Writes the text over and over, after a begin token and a prompt of some length. */
  private static TextGenerator writing(int prompt, String text) {
    int[] script = text.chars().toArray();
    return TextGenerator.of(
        ByteTokenizer.withBeginAndEnd(),
        new ToyModel(ToyModel.info(SIZE, 64).build(), ToyModel.scripted(prompt + 1, script)));
  }

  private Path file(String... lines) throws IOException {
    return Files.write(folder.resolve("task.jsonl"), List.of(lines));
  }

  @Test
  void an_answer_is_right_if_it_is_one_of_those_expected_after_its_white_space() {
    try (TextGenerator generator = writing(4, " Bern\n\nQ: B? A: Rome")) {
      Evaluator evaluator = Evaluator.of(generator);
      assertThat(exact(evaluator, Question.of("Q: A", "Bern"))).isEqualTo(1);
      assertThat(exact(evaluator, Question.of("Q: A", "bern"))).isEqualTo(0);
      assertThat(exact(evaluator, Question.of("Q: A", "Bern "))).isEqualTo(0);
      assertThat(exact(evaluator, new Question("Q: A", List.of("Genf", "Bern")))).isEqualTo(1);
      EvaluationTask lenient =
          EvaluationTask.exactMatch(
              "q", List.of(Question.of("Q: A", "BERN")), one -> one.toLowerCase(Locale.ROOT));
      assertThat(value(evaluator, lenient, "exact_match")).isEqualTo(1);
      EvaluationTask two =
          EvaluationTask.exactMatch("q", List.of(Question.of("Q: A", "Be"))).withMaxNewTokens(3);
      assertThat(value(evaluator, two, "exact_match")).isEqualTo(1);
      assertThat(value(evaluator, two.withStops("e"), "exact_match")).isEqualTo(0);
    }
  }

  private static double exact(Evaluator evaluator, Question question) {
    return value(evaluator, EvaluationTask.exactMatch("q", List.of(question)), "exact_match");
  }

  private static double value(Evaluator evaluator, EvaluationTask task, String metric) {
    return evaluator.evaluate(task).task("q").metric(metric).value();
  }

  @Test
  void shots_stand_before_the_question_which_is_none_of_them() {
    List<Question> questions =
        List.of(Question.of("1+1=", "2"), Question.of("2+1=", "3"), Question.of("3+1=", "4"));
    EvaluationTask task = EvaluationTask.exactMatch("sums", questions).withShots(2);
    FewShot fewShot = task.fewShot();
    for (int i = 0; i < 30; i++) {
      assertThat(fewShot.before("2+1= 3")).isIn("1+1= 2\n\n3+1= 4\n\n", "3+1= 4\n\n1+1= 2\n\n");
    }
    EvaluationTask other = EvaluationTask.exactMatch("more", List.of(Question.of("9+1=", "10")));
    assertThat(other.withShots(3, task).fewShot().before("9+1= 10"))
        .contains("1+1= 2\n\n", "2+1= 3\n\n", "3+1= 4\n\n");
    assertThat(task.withShots(0).fewShot().before("2+1= 3")).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> task.withShots(3))
        .withMessage("shots 3 are more than the 2 examples of sums");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> task.withShots(-1))
        .withMessage("shots -1 is negative");
    EvaluationTask texts = EvaluationTask.perplexity("texts", List.of("a"));
    assertThatIllegalArgumentException().isThrownBy(() -> texts.withShots(1));
    assertThatIllegalArgumentException().isThrownBy(() -> task.withShots(1, texts));
  }

  @Test
  void many_choices_are_read_in_groups_with_the_same_result() {
    AtomicInteger most = new AtomicInteger();
    ToyModel[] model = new ToyModel[1];
    model[0] =
        new ToyModel(
            ToyModel.info(SIZE, 64).build(),
            ToyModel.hashing(),
            (position, cancellation) -> most.accumulateAndGet(model[0].openSessions(), Math::max));
    ContinuationScorer scorer =
        new ContinuationScorer(ByteTokenizer.withBeginAndEnd(), model[0], Cancellation.none());
    List<String> choices = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      choices.add(" " + i);
    }
    double[] together = scorer.logLikelihoods("Which?", choices);
    assertThat(most.get()).isLessThanOrEqualTo(65);
    assertThat(model[0].openSessions()).isZero();
    for (int i : new int[] {0, 63, 64, 500, 999}) {
      assertThat(scorer.logLikelihoods("Which?", List.of(choices.get(i))))
          .containsExactly(together[i]);
    }
  }

  /** C(n - c, k) / C(n, k), without any rounding before the division. */
  @Test
  void pass_at_k_is_one_less_the_chance_that_all_fail() {
    assertThat(PassAtKTask.estimate(10, 3, 1)).isCloseTo(0.3, within(1e-12));
    for (int n : new int[] {1, 2, 7, 200}) {
      for (int c = 0; c <= n; c += 1 + n / 9) {
        for (int k = 1; k <= n; k += 1 + n / 7) {
          double allFail = choose(n - c, k).doubleValue() / choose(n, k).doubleValue();
          assertThat(PassAtKTask.estimate(n, c, k)).isCloseTo(1 - allFail, within(1e-12));
        }
      }
    }
  }

  private static BigInteger choose(int n, int k) {
    BigInteger product = BigInteger.ONE;
    for (int i = 0; i < k; i++) {
      product = product.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
    }
    return k > n ? BigInteger.ZERO : product;
  }

  @Test
  void a_checker_sees_each_prompt_with_its_samples_which_are_the_same_each_time() {
    try (TextGenerator generator =
        TextGenerator.of(ByteTokenizer.withBeginAndEnd(), hashing()).withSampler("draw")) {
      List<String> seen = new ArrayList<>();
      EvaluationTask task =
          EvaluationTask.passAtK(
                  "checked",
                  List.of("one", "two"),
                  (prompt, answer) -> {
                    seen.add(prompt + answer);
                    return seen.size() % 2 == 0;
                  },
                  4,
                  2,
                  1)
              .withMaxNewTokens(5);
      EvaluationResults results = Evaluator.of(generator).evaluate(task);
      assertThat(seen).hasSize(8).doesNotHaveDuplicates();
      assertThat(seen.subList(0, 4)).allMatch(one -> one.startsWith("one"));
      TaskResult result = results.task("checked");
      assertThat(result.metrics()).containsOnlyKeys("pass@1", "pass@2");
      assertThat(result.metric("pass@1").value()).isEqualTo(0.5);
      assertThat(result.metric("pass@2").value()).isCloseTo(5.0 / 6, within(1e-12));
      assertThat(result.metric("pass@1").standardError()).isZero();
      List<String> first = List.copyOf(seen);
      seen.clear();
      Evaluator.of(generator).evaluate(task);
      assertThat(seen).isEqualTo(first);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EvaluationTask.passAtK("c", List.of("a"), (p, a) -> true, 4, 1, 5))
        .withMessage("pass@k needs ks in [1, samples], here [1, 4], not [1, 5]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EvaluationTask.passAtK("c", List.of("a"), (p, a) -> true, 4));
  }

  @Test
  void a_file_of_another_layout_is_refused_with_its_line() throws IOException {
    String good = "{\"goal\": \"g\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 0}";
    for (String[] one :
        new String[][] {
          {"piqa", "{\"goal\": 1}", "expected a text in \"goal\", found 1"},
          {
            "piqa",
            "{\"goal\": \"g\", \"sol1\": \"a\"}",
            "there is no \"sol2\"; expected a text; the fields are goal, sol1"
          },
          {"piqa", good.replace("0}", "2}"), "expected a number from 0 to 1 in \"label\", found 2"},
          {"piqa", good.replace("0}", "\"\"}"), "found \"\""},
          {"piqa", good.replace("\"a\"", "\"\""), "choice 0 is empty"},
          {"piqa", "{\"goal\": ", "expected a value at character 10"},
          {"piqa", "[1]", "expected { at character 0"},
          {
            "arc_easy",
            "{\"question\":\"q\",\"choices\":{\"text\":[\"a\",\"b\"],\"label\":[\"A\"]},"
                + "\"answerKey\":\"A\"}",
            "there are 2 choices but 1 labels"
          },
          {
            "arc_challenge",
            "{\"question\":\"q\",\"choices\":{\"text\":[\"a\",\"b\"],\"label\":[\"A\",\"B\"]},"
                + "\"answerKey\":\"C\"}",
            "expected one of A, B in \"answerKey\", found \"C\""
          },
          {
            "arc_easy",
            "{\"question\":{\"stem\":\"q\",\"choices\":[{\"text\":\"a\"}]},\"answerKey\":\"C\"}",
            "there is no \"question.choices[0].label\""
          },
          {"hellaswag", "{\"endings\":[\"a\", 2]}", "expected a list of texts in \"endings\""},
          {"multiple_choice", "{\"query\":\"q\",\"choices\":[\"a\"],\"gold\":0}", "at least two"},
          {"exact_match", "{\"prompt\":\"q\",\"answer\":[]}", "at least one right answer"}
        }) {
      assertThatExceptionOfType(IOException.class)
          .as(one[1])
          .isThrownBy(() -> EvaluationTask.load(one[0], file("", one[1])))
          .withMessageContaining("task.jsonl, line 2: ")
          .withMessageContaining(one[2]);
    }
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> EvaluationTask.load("piqa", file("", " ")))
        .withMessageContaining("has no document");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> EvaluationTask.load("piqa", folder.resolve("none")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EvaluationTask.load("helaswag", file(good)))
        .withMessageContaining("there is no task \"helaswag\"; there are hellaswag, arc_easy");
    Files.write(folder.resolve("long"), new byte[3 << 20]);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> EvaluationTask.load("piqa", folder.resolve("long")))
        .withMessageContaining("line 1");
  }

  @Test
  void ai2_s_own_layout_of_arc_is_read_too() throws IOException {
    EvaluationTask task =
        EvaluationTask.load(
            "arc_challenge",
            file(
                "\uFEFF{\"question\":{\"stem\":\"Which?\",\"choices\":[{\"text\":\"x\",\"label\":"
                    + "\"A\"},{\"text\":\"y\",\"label\":\"B\"}]},\"answerKey\":\"B\"}"));
    assertThat(((MultipleChoiceTask) task.kind()).documents())
        .containsExactly(new MultipleChoice("Question: Which?\nAnswer:", List.of("x", "y"), 1));
  }

  @Test
  void what_cannot_be_scored_is_refused_with_its_document() {
    try (TextGenerator generator = TextGenerator.of(ByteTokenizer.withBeginAndEnd(), hashing())) {
      MultipleChoice fine = new MultipleChoice("c", List.of("a", "b"), 0);
      MultipleChoice longer = new MultipleChoice("c", List.of("a", "b".repeat(64)), 0);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  Evaluator.of(generator)
                      .evaluate(EvaluationTask.multipleChoice("m", List.of(fine, longer))))
          .withMessage(
              "m, document 2: an answer has 65 tokens, more than the model's context of 64");
      EvaluationTask task = EvaluationTask.multipleChoice("m", List.of(fine));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Evaluator.of(generator).evaluate(task, task))
          .withMessageStartingWith("two tasks are named m");
      assertThatIllegalArgumentException().isThrownBy(() -> Evaluator.of(generator).evaluate());
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> Evaluator.of(generator).evaluate(EvaluationTask.perplexity("none", List.of())))
          .withMessage("none has no document");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Evaluator.of(generator).evaluate(task).task("n"))
          .withMessage("there is no result of \"n\"; there are those of [m]");
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(
              () ->
                  Evaluator.of(generator)
                      .withCancellation(
                          () -> {
                            throw new CancellationException();
                          })
                      .evaluate(task));
    }
  }

  @Test
  void an_empty_context_is_the_begin_token() {
    ToyModel model = hashing();
    try (TextGenerator generator = TextGenerator.of(ByteTokenizer.withBeginAndEnd(), model)) {
      ContinuationScorer scorer =
          Bench.of(generator, () -> false, (task, done, total) -> {}).continuations();
      assertThat(scorer.logLikelihoods("", List.of("ab"))[0])
          .isCloseTo(
              io.fundamentallm.TextScorer.of(generator.tokenizer(), model)
                  .score("ab")
                  .logProbability(),
              within(1e-9));
    }
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void the_results_are_json_whatever_the_figures_are() throws IOException {
    EvaluationTask texts = EvaluationTask.perplexity("texts \"1\"", List.of("a b", "c"));
    ToyModel impossible =
        new ToyModel(
            ToyModel.info(SIZE, 64).build(),
            (tokens, length, row) -> {
              java.util.Arrays.fill(row, Float.NEGATIVE_INFINITY);
              row[7] = 0;
            });
    List<String> told = new ArrayList<>();
    try (TextGenerator generator = TextGenerator.of(ByteTokenizer.withBeginAndEnd(), impossible)) {
      EvaluationResults results =
          Evaluator.of(generator)
              .withListener((task, done, total) -> told.add(task + " " + done + " of " + total))
              .evaluate(texts.withLimit(1));
      Path file = folder.resolve("out/results.json");
      results.write(file);
      Map<String, ?> json = Json.object(Files.readString(file));
      Map<?, ?> figures = (Map<?, ?>) ((Map<?, ?>) json.get("results")).get("texts \"1\"");
      assertThat(figures.get("word_perplexity,none")).isNull();
      assertThat(figures.get("word_perplexity_stderr,none")).isEqualTo("N/A");
      assertThat(((Map<?, ?>) json.get("n-samples")).get("texts \"1\"").toString())
          .isEqualTo("{original=2, effective=1}");
      assertThat(((Map<?, ?>) json.get("higher_is_better")).get("texts \"1\"").toString())
          .contains("bits_per_byte=false");
      assertThat(((Map<?, ?>) json.get("config")).get("limit").toString()).isEqualTo("1");
    }
    assertThat(told).containsExactly("texts \"1\" 1 of 0");
  }
}
