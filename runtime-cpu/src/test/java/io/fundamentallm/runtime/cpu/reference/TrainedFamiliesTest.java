package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.format.BaseModel;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.Loss;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The trainer on every family that it knows, beside the runtime and the plain transformer. */
class TrainedFamiliesTest {
  private static final int BATCH = 1;

  /** Less than LongRoPE's trained context: beyond it, transformers trains as it does not run. */
  private static final int STEPS = 30;

  /** So small that hardly any token goes to another expert. */
  private static final double STEP = 3e-5;

  /** Of what one is added to: that sum has fewer digits. */
  private static final double SHIFTED_STEP = 2e-3;

  @TempDir private Path directory;

  private static Stream<Case> cases() {
    return Stream.concat(SettingCases.all(), LaterCases.all())
        .filter(judged -> !judged.name().endsWith("in GGUF"));
  }

  private static boolean known(Case judged) {
    return !judged.name().startsWith("gpt_neox") && !judged.name().startsWith("gpt_oss");
  }

  static Stream<Case> trained() {
    return cases().filter(TrainedFamiliesTest::known);
  }

  /** All of the later families, and of each of the others one with a window and one without. */
  static Stream<Case> different() {
    Map<String, Case> first = new LinkedHashMap<>();
    SettingCases.all()
        .filter(TrainedFamiliesTest::known)
        .forEach(
            judged -> {
              HuggingFaceModel model = judged.model();
              String type = model.text("model_type", "") + model.has("sliding_window");
              first.putIfAbsent(type, judged);
            });
    return Stream.concat(first.values().stream(), trained().filter(TrainedFamiliesTest::later));
  }

  private static boolean later(Case judged) {
    return LaterCases.all().anyMatch(other -> other.name().equals(judged.name()));
  }

  static Stream<Case> refused() {
    return cases().filter(judged -> !known(judged));
  }

  private BaseModel write(Case judged, HuggingFaceModel model) throws IOException {
    judged.storage().write(model, directory);
    return BaseModel.read(directory);
  }

  private static TrainableTransformer transformer(BaseModel model, Parallel parallel) {
    return new TrainableTransformer(
        model.config(), Kernels.best(), parallel, model.parameters(), Objective.MAXIMUM_LIKELIHOOD);
  }

  private static int[] tokens(int count, int seed) {
    return new Random(seed).ints(count, 0, RandomModel.VOCABULARY).toArray();
  }

  private static float[][] logits(Path model, int[] tokens) throws IOException {
    float[][] rows = new float[tokens.length][RandomModel.VOCABULARY];
    try (LanguageModel opened = LanguageModels.load(model, "cpu(weights=f32)");
        Session session = opened.open()) {
      session.append(tokens, rows);
    }
    return rows;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("trained")
  void the_trainer_gives_the_logits_of_the_runtime(Case judged) throws IOException {
    BaseModel model = write(judged, judged.model());
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer trained = transformer(model, parallel);
      for (int length : new int[] {7, 100}) {
        int[] tokens = tokens(length, 4);
        float[] expected = logits(directory, tokens)[length - 1];
        float[] actual = trained.logits(tokens);
        float most = 0;
        for (float logit : expected) {
          most = Math.max(most, Math.abs(logit));
        }
        assertThat(actual).containsExactly(expected, within(1e-5f * most));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("trained")
  void what_is_written_runs_as_before(Case judged) throws IOException {
    BaseModel model = write(judged, judged.model());
    Path copy = Files.createDirectory(directory.resolve("copy"));
    model.write(copy, model.parameters(), OptionalInt.empty(), Set.of());
    int[] tokens = tokens(60, 5);
    assertThat(logits(copy, tokens)).isDeepEqualTo(logits(directory, tokens));
    BaseModel again = BaseModel.read(copy);
    assertThat(again.config()).isEqualTo(model.config());
    assertThat(again.parameters()).isEqualTo(model.parameters());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("different")
  void gradients_agree_with_differences_of_the_plain_transformer(Case judged) throws IOException {
    HuggingFaceModel plain = judged.model().with("router_aux_loss_coef", 0.0);
    BaseModel model = write(judged, plain);
    int[] tokens = tokens(BATCH * (STEPS + 1), 6);
    int[] inputs = new int[BATCH * STEPS];
    int[] targets = new int[BATCH * STEPS];
    for (int b = 0; b < BATCH; b++) {
      System.arraycopy(tokens, b * (STEPS + 1), inputs, b * STEPS, STEPS);
      System.arraycopy(tokens, b * (STEPS + 1) + 1, targets, b * STEPS, STEPS);
    }
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer trained = transformer(model, parallel);
      Loss loss = trained.forwardBackward(inputs, targets, BATCH, STEPS);
      assertThat(loss.mean()).isCloseTo(loss(plain, inputs, targets), within(1e-5));
      ParameterLayout layout = new ParameterLayout(model.config());
      for (ParameterLayout.Tensor tensor : layout.tensors()) {
        int at = tensor.offset();
        float[] gradient = Arrays.copyOfRange(trained.gradients(), at, at + tensor.size());
        String name = layout.fullName(tensor);
        float[] values = plain.tensor(name).values();
        boolean shifted = model.config().files().normOffset() != 0 && tensor.shape().size() == 1;
        double step = shifted ? SHIFTED_STEP : STEP;
        agrees(name, step, gradient, values, () -> loss(plain, inputs, targets));
      }
    }
  }

  private interface Function {
    double get();
  }

  /** Compares the slope in a direction, half that of the gradient, with a difference. */
  private static void agrees(
      String name, double size, float[] gradient, float[] values, Function loss) {
    double norm = 0;
    for (float g : gradient) {
      norm += (double) g * g;
    }
    norm = Math.sqrt(norm);
    Random random = new Random(name.hashCode());
    float[] kept = values.clone();
    float[] above = new float[values.length];
    float[] below = new float[values.length];
    double expected = 0;
    double length = 0;
    for (int i = 0; i < values.length; i++) {
      double along = norm == 0 ? 0 : gradient[i] / norm;
      double step = size * (along + random.nextGaussian() / Math.sqrt(values.length));
      above[i] = kept[i] + (float) step;
      below[i] = kept[i] - (float) step;
      double change = (double) above[i] - below[i];
      expected += gradient[i] * change;
      length += change * change;
    }
    System.arraycopy(above, 0, values, 0, values.length);
    double difference = loss.get();
    System.arraycopy(below, 0, values, 0, values.length);
    difference -= loss.get();
    System.arraycopy(kept, 0, values, 0, values.length);
    double tolerance = 2e-4 * norm * Math.sqrt(length) + 1e-13;
    assertThat(difference).as(name).isCloseTo(expected, within(tolerance));
  }

  private static double loss(HuggingFaceModel model, int[] inputs, int[] targets) {
    double sum = 0;
    for (int b = 0; b < BATCH; b++) {
      int[] sequence = Arrays.copyOfRange(inputs, b * STEPS, (b + 1) * STEPS);
      double[][] logits = ReferenceTransformer.run(model, sequence).logits();
      for (int t = 0; t < STEPS; t++) {
        double most = Arrays.stream(logits[t]).max().orElseThrow();
        double all = Arrays.stream(logits[t]).map(x -> Math.exp(x - most)).sum();
        sum += most + Math.log(all) - logits[t][targets[b * STEPS + t]];
      }
    }
    return sum / targets.length;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void what_the_trainer_lacks_is_refused_by_name(Case judged) {
    assertThatThrownBy(() -> write(judged, judged.model()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("config.json: a model of type gpt_")
        .hasMessageContaining("is run but not trained where it has ");
  }
}
