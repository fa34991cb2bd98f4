package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.runtime.cpu.train.layer.Loss;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.ScheduledSampling;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.window.Windows;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Losses and gradients of fine-tuning as PyTorch computes them, example by example: {@code
 * tuning_losses.py} wrote them. Here the examples share windows, or have one each.
 */
class TuningLossesTest {
  private static final int VOCABULARY = 17;
  private static final int CONTEXT = 16;
  private static final double TOLERANCE = 1e-5;

  private static Map<String, ?> vectors() throws Exception {
    try (var in = TuningLossesTest.class.getResourceAsStream("tuning_losses.json")) {
      return Json.object(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  static Stream<Arguments> cases() throws Exception {
    Map<String, ?> vectors = vectors();
    return ((List<?>) vectors.get("cases"))
        .stream()
            .map(Map.class::cast)
            .flatMap(
                one ->
                    Stream.of("packed", "documents")
                        .map(
                            windows ->
                                Arguments.of(
                                    one.get("style"), one.get("loss"), windows, one, vectors)));
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("cases")
  void loss_and_gradients_are_those_of_pytorch(
      String style, String loss, String windows, Map<?, ?> expected, Map<?, ?> vectors) {
    String recipe =
        switch (loss) {
          case "dpo" -> "dpo(beta=0.3)";
          case "distillation" -> "distillation(temperature=2,share=0.7)";
          default -> loss;
        };
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer model = model(style, 1, recipe, parallel);
      Batch batch = batch(tokens(loss, expected, vectors), windows);
      if (loss.equals("dpo")) {
        model(style, 2, recipe, parallel).score(batch, batch.reference());
      }
      Loss actual = model.forwardBackward(batch);
      assertThat(actual.mean()).isCloseTo(number(expected.get("value")), within(TOLERANCE));
      List<?> gradients = (List<?>) expected.get("gradients");
      assertThat(model.gradients()).hasSize(gradients.size());
      for (int i = 0; i < gradients.size(); i++) {
        assertThat((double) model.gradients()[i])
            .as("gradient %d", i)
            .isCloseTo(number(gradients.get(i)), within(TOLERANCE));
      }
      if (loss.equals("dpo")) {
        assertThat(actual.count()).isEqualTo(3);
        assertThat(model.forward(batch).mean()).isCloseTo(actual.mean(), within(1e-12));
      }
    }
  }

  /** Fewer windows than examples, or the comparison would compare nothing. */
  @Test
  void examples_share_windows() throws Exception {
    Map<String, ?> vectors = vectors();
    assertThat(batch(tokens("cross-entropy", Map.of(), vectors), "packed").size()).isEqualTo(2);
    assertThat(batch(tokens("cross-entropy", Map.of(), vectors), "documents").size()).isEqualTo(5);
    assertThat(batch(tokens("dpo", Map.of(), vectors), "packed").size()).isEqualTo(2);
  }

  /** A window without padding that is seen twice, as in a training on few pairs. */
  @Test
  void a_pair_that_comes_twice_in_a_batch_counts_twice() {
    MarkedTokens pair =
        new MarkedTokens()
            .add(new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5}, 2, true)
            .add(new int[] {3, 1, 4, 1, 5, 9, 2, 6, 7}, 3, false);
    TrainingPlan plan =
        TrainingPlan.builder(Path.of("unused")).contextLength(CONTEXT).windows("packed").build();
    try (Parallel parallel = Parallel.ofThreads(1)) {
      TrainableTransformer model = model("llama", 1, "dpo", parallel);
      TrainableTransformer start = model("llama", 2, "dpo", parallel);
      double[] means = new double[2];
      for (int times = 1; times <= 2; times++) {
        Windows windows = Windows.training(plan, pair, new DigitTokenizer().vocabulary());
        Batch batch = windows.batch(times);
        for (int b = 0; b < times; b++) {
          windows.fill(0, b, batch);
        }
        assertThat(batch.examples()).doesNotContain(-1);
        start.score(batch, batch.reference());
        Loss loss = model.forwardBackward(batch);
        assertThat(loss.count()).isEqualTo(times);
        means[times - 1] = loss.mean();
        double margin = loss.margins() / times;
        assertThat(Math.log1p(Math.exp(-margin))).isCloseTo(loss.mean(), within(1e-9));
        assertThat(margin > 0).isEqualTo(loss.hits() > 0);
        assertThat(start.forward(batch).margins()).isCloseTo(0, within(1e-6));
      }
      assertThat(means[1]).isCloseTo(means[0], within(1e-12));
    }
  }

  @Test
  void a_pair_whose_loss_is_too_small_for_a_number_has_a_finite_margin() {
    MarkedTokens pair =
        new MarkedTokens()
            .add(new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5}, 2, true)
            .add(new int[] {3, 1, 4, 1, 5, 9, 2, 6, 7}, 3, false);
    TrainingPlan plan =
        TrainingPlan.builder(Path.of("unused")).contextLength(CONTEXT).windows("packed").build();
    try (Parallel parallel = Parallel.ofThreads(1)) {
      TrainableTransformer model = model("llama", 1, "dpo", parallel);
      Windows windows = Windows.training(plan, pair, new DigitTokenizer().vocabulary());
      Batch batch = windows.batch(1);
      windows.fill(0, 0, batch);
      int chosen = Arrays.stream(batch.examples()).filter(i -> i >= 0).min().orElseThrow();
      batch.reference()[chosen] = -1e6f; // the first model would hardly have said it
      Loss loss = model.forward(batch);
      assertThat(loss.sum()).isZero();
      assertThat(loss.hits()).isEqualTo(1);
      assertThat(loss.margins()).isCloseTo(1e5, withinPercentage(1)); // beta is 0.1
      assertThat(model.forwardBackward(batch).margins()).isEqualTo(loss.margins());
    }
  }

  private static TrainableTransformer model(
      String style, int seed, String loss, Parallel parallel) {
    TrainableConfig config =
        style.equals("gpt2")
            ? TrainableConfig.gpt2(
                new TrainableConfig.Sizes(VOCABULARY, CONTEXT, 8, 2, 2, 2, 12),
                TrainableConfig.DEFAULT_EPSILON)
            : TrainableConfig.llama(VOCABULARY, CONTEXT, 8, 2, 2, 1, 12, false);
    float[] parameters = new float[new ParameterLayout(config).size()];
    for (ParameterLayout.Tensor tensor : new ParameterLayout(config).tensors()) {
      boolean norm = tensor.shape().size() == 1 && tensor.name().endsWith("weight");
      for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
        float value = (float) (((i + 1) * 7919L + seed * 104729L) % 10007 / 10007.0 - 0.5);
        parameters[i] = norm ? value + 1 : value;
      }
    }
    Objective objective =
        new Objective(
            TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss(loss),
            OptionalInt.empty(),
            OptionalInt.empty(),
            0,
            ScheduledSampling.NONE);
    return new TrainableTransformer(config, Kernels.best(), parallel, parameters, objective);
  }

  private static TokenSequence tokens(String loss, Map<?, ?> expected, Map<?, ?> vectors) {
    MarkedTokens tokens = new MarkedTokens();
    if (loss.equals("dpo")) {
      for (Object pair : (List<?>) vectors.get("pairs")) {
        add(tokens, ((List<?>) pair).get(0), true);
        add(tokens, ((List<?>) pair).get(1), false);
      }
      return tokens;
    }
    List<?> examples = (List<?>) vectors.get("examples");
    for (int i = 0; i < examples.size(); i++) {
      int[] example = add(tokens, examples.get(i), true);
      if (expected.get("teacher") instanceof List<?> teacher) {
        List<?> rows = (List<?>) teacher.get(i);
        int first = example.length - rows.size() - 1;
        for (int at = 0; at < example.length; at++) {
          boolean learned = at >= first && at - first < rows.size();
          List<?> row = (List<?>) rows.get(learned ? at - first : 0);
          float[] logs = new float[4];
          for (int k = 0; k < 4; k++) {
            logs[k] = learned ? (float) number(((List<?>) row.get(1)).get(k)) : Float.NaN;
          }
          tokens.expect(ints(row.get(0)), logs);
        }
      }
    }
    return tokens;
  }

  private static int[] add(MarkedTokens tokens, Object example, boolean unit) {
    int[] ids = ints(((List<?>) example).get(0));
    tokens.add(ids, (int) number(((List<?>) example).get(1)), unit);
    return ids;
  }

  private static Batch batch(TokenSequence tokens, String windows) {
    TrainingPlan plan =
        TrainingPlan.builder(Path.of("unused")).contextLength(CONTEXT).windows(windows).build();
    Windows cut = Windows.training(plan, tokens, new DigitTokenizer().vocabulary());
    Batch batch = cut.batch((int) cut.count());
    for (int b = 0; b < cut.count(); b++) {
      cut.fill(b, b, batch);
    }
    return batch;
  }

  private static int[] ints(Object list) {
    return ((List<?>) list).stream().mapToInt(one -> (int) number(one)).toArray();
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }
}
