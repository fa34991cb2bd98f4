package io.fundamentallm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.model.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Figures, requests and layout are those of lm-evaluation-harness itself; see reference.py. */
class HarnessTest {
  private static final List<String> TASKS = List.of("hellaswag", "arc_easy", "piqa");

  static List<Map<String, Object>> cases() throws IOException {
    try (InputStream in = HarnessTest.class.getResourceAsStream("reference.json")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return list(Json.object(text).get("cases")).stream().map(HarnessTest::map).toList();
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }

  private static Path file(String name) throws URISyntaxException {
    return Path.of(HarnessTest.class.getResource(name + ".jsonl").toURI());
  }

  private static EvaluationTask task(String name, Map<String, Object> of) throws Exception {
    EvaluationTask task = EvaluationTask.load(name, file(name));
    int shots = (int) number(of.get("shots"));
    if (shots > 0) {
      task = task.withShots(shots, EvaluationTask.load(name, file(name + "_train")));
    }
    return of.get("limit") == null ? task : task.withLimit((int) number(of.get("limit")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void every_request_has_the_harness_s_words_and_log_likelihood(Map<String, Object> of)
      throws Exception {
    ToyModel model = ToyHarness.model((int) number(of.get("context")));
    ToyHarness.Tokens tokens = new ToyHarness.Tokens((boolean) of.get("begins"));
    ContinuationScorer scorer = new ContinuationScorer(tokens, model, Cancellation.none());
    for (String name : TASKS) {
      EvaluationTask task = task(name, of);
      List<MultipleChoice> documents = ((MultipleChoiceTask) task.kind()).documents();
      List<Object> requests = list(map(of.get("requests")).get(name));
      FewShot fewShot = task.fewShot();
      for (int i = 0; i < requests.size(); i++) {
        MultipleChoice document = documents.get(i);
        String context = fewShot.before("not asked") + document.context();
        List<String> continuations = new ArrayList<>();
        for (Object argument : list(list(requests.get(i)).get(0))) {
          assertThat(list(argument).get(0)).isEqualTo(context);
          continuations.add((String) list(argument).get(1));
        }
        assertThat(continuations)
            .isEqualTo(document.choices().stream().map(choice -> " " + choice).toList());
        double[] found = scorer.logLikelihoods(context, continuations);
        List<Object> expected = list(list(requests.get(i)).get(1));
        for (int c = 0; c < found.length; c++) {
          assertThat(found[c]).isCloseTo(number(expected.get(c)), within(1e-8));
        }
      }
    }
    assertThat(model.openSessions()).isZero();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_results_are_the_harness_s(Map<String, Object> of) throws Exception {
    ToyModel model = ToyHarness.model((int) number(of.get("context")));
    try (TextGenerator generator = ToyHarness.generator(model, (boolean) of.get("begins"))) {
      List<EvaluationTask> tasks = new ArrayList<>();
      for (String name : TASKS) {
        tasks.add(task(name, of));
      }
      EvaluationResults results =
          Evaluator.of(generator).evaluate(tasks.toArray(EvaluationTask[]::new));
      Map<String, Object> json = map(Json.object(results.json()));
      for (String name : TASKS) {
        Map<String, Object> found = map(map(json.get("results")).get(name));
        map(map(of.get("results")).get(name))
            .forEach(
                (key, expected) -> {
                  if (expected instanceof Number number) {
                    assertThat(number(found.get(key)))
                        .as(name + " " + key)
                        .isCloseTo(number.doubleValue(), within(1e-12));
                  } else {
                    assertThat(found.get(key)).as(name + " " + key).isEqualTo(expected);
                  }
                });
        assertThat(found).containsKeys("acc_bytes,none", "acc_bytes_stderr,none");
        for (String part : List.of("n-shot", "n-samples")) {
          assertThat(map(json.get(part)).get(name)).isEqualTo(map(of.get(part)).get(name));
        }
        assertThat(number(map(json.get("versions")).get(name))).isEqualTo(1);
        assertThat(map(map(json.get("higher_is_better")).get(name)))
            .containsAllEntriesOf(map(map(of.get("higher_is_better")).get(name)));
      }
      List<Object> keys = new ArrayList<>(list(of.get("keys")));
      keys.removeAll(List.of("samples", "git_hash")); // the documents; the harness's own version
      assertThat(json.keySet()).containsAll(keys.stream().map(String.class::cast).toList());
    }
    assertThat(model.openSessions()).isZero();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void perplexities_are_the_harness_s(Map<String, Object> of) throws Exception {
    ToyModel model = ToyHarness.model((int) number(of.get("context")));
    try (TextGenerator generator = ToyHarness.generator(model, (boolean) of.get("begins"))) {
      TaskResult result =
          Evaluator.of(generator)
              .evaluate(EvaluationTask.load("perplexity", file("perplexity")))
              .task("perplexity");
      map(of.get("perplexity"))
          .forEach(
              (name, expected) ->
                  assertThat(result.metric(name).value() / number(expected))
                      .as(name)
                      .isCloseTo(1, within(1e-9)));
    }
  }
}
