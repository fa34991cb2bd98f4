package io.fundamentallm.runtime.cpu.train.tuning;

import static io.fundamentallm.runtime.cpu.train.tuning.FineTuningTest.model;
import static io.fundamentallm.runtime.cpu.train.tuning.FineTuningTest.plan;
import static io.fundamentallm.runtime.cpu.train.tuning.FineTuningTest.train;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonFactory;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.DigitTokenizer;
import io.fundamentallm.runtime.cpu.train.ReferenceTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraModelTest {
  private static final int[] INPUTS = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
  private static final int[] TARGETS = {1, 4, 1, 5, 9, 2, 6, 5, 3, 5};

  @TempDir private Path folder;
  private Path base;

  @BeforeEach
  void folders() throws IOException {
    base = Files.createDirectory(folder.resolve("base"));
  }

  private static FineTuning.Lora lora(boolean merged, String... targets) {
    return new FineTuning.Lora(2, 6, List.of(targets), merged);
  }

  private FineTuning tuning(boolean merged, String... targets) {
    return FineTuning.of(base).withLora(lora(merged, targets));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void merged_logits_are_those_of_base_and_adapter(String type) throws IOException {
    model(type).write(base);
    Path merged = folder.resolve("merged");
    Path adapter = folder.resolve("adapter");
    List<Double> losses = train(plan(merged, tuning(true)).build());
    assertThat(losses.get(39)).isLessThan(0.8 * losses.get(0));
    assertThat(train(plan(adapter, tuning(false)).build())).isEqualTo(losses);
    float[][] together = AdapterFixture.logits(base, "cpu(adapter=\"" + adapter + "\")");
    float[][] whole = AdapterFixture.logits(merged, "cpu");
    float[][] before = AdapterFixture.logits(base, "cpu");
    double learned = 0;
    for (int i = 0; i < whole.length; i++) {
      for (int v = 0; v < 11; v++) {
        assertThat(whole[i][v]).isCloseTo(together[i][v], within(1e-4f));
        learned = Math.max(learned, Math.abs(whole[i][v] - before[i][v]));
      }
    }
    assertThat(learned).isGreaterThan(0.1);
    assertThat(adapter.resolve("config.json")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"gpt2, c_proj", "llama, q_proj", "llama, mlp.up_proj"})
  void weights_without_an_adapter_keep_their_bits(String type, String target) throws IOException {
    model(type).write(base);
    byte[] file = Files.readAllBytes(base.resolve("model.safetensors"));
    Path result = folder.resolve("result");
    train(plan(result, tuning(true, target)).weightDecay(0.5).build());
    assertThat(Files.readAllBytes(base.resolve("model.safetensors"))).isEqualTo(file);
    ModelDirectory before = ModelDirectory.read(base);
    float[] after = ModelDirectory.read(result).parameters();
    for (ParameterLayout.Tensor tensor : new ParameterLayout(before.config()).tensors()) {
      int to = tensor.offset() + tensor.size();
      boolean same =
          Arrays.equals(before.parameters(), tensor.offset(), to, after, tensor.offset(), to);
      assertThat(same)
          .as(tensor.name())
          .isEqualTo(!tensor.name().endsWith("." + target + ".weight"));
    }
  }

  @Test
  void an_adapter_begins_by_adding_nothing() throws IOException {
    model("gpt2").write(base);
    Path whole = folder.resolve("whole");
    Path adapters = folder.resolve("adapters");
    double before = train(plan(whole, FineTuning.of(base)).steps(1).build()).get(0);
    assertThat(train(plan(adapters, tuning(false)).steps(1).build()).get(0)).isEqualTo(before);
  }

  @Test
  void files_are_as_peft_writes_them() throws IOException {
    model("gpt2").write(base);
    Path result = folder.resolve("result");
    train(plan(result, tuning(false, "c_attn")).steps(2).build());
    byte[] file = Files.readAllBytes(result.resolve("adapter_model.safetensors"));
    String header = new String(file, 8, 1200, java.nio.charset.StandardCharsets.UTF_8);
    assertThat(header)
        .contains(
            "\"base_model.model.transformer.h.0.attn.c_attn.lora_A.weight\":"
                + "{\"dtype\":\"F32\",\"shape\":[2,12]",
            "\"base_model.model.transformer.h.1.attn.c_attn.lora_B.weight\":"
                + "{\"dtype\":\"F32\",\"shape\":[36,2]")
        .doesNotContain("c_proj");
    String config = Files.readString(result.resolve("adapter_config.json"));
    new JsonFactory().createParser(config).close();
    assertThat(config.replaceAll("\\s", ""))
        .contains(
            "\"peft_type\":\"LORA\"",
            "\"task_type\":\"CAUSAL_LM\"",
            "\"base_model_name_or_path\":\"" + base.getFileName() + "\"",
            "\"r\":2",
            "\"lora_alpha\":6",
            "\"target_modules\":[\"c_attn\"]",
            "\"fan_in_fan_out\":true",
            "\"bias\":\"none\"");
  }

  @Test
  void adapters_and_copies_of_their_matrices_count_as_weights() throws IOException {
    model("gpt2").write(base);
    int parameters = ModelDirectory.read(base).parameters().length;
    try (Parallel parallel = Parallel.ofThreads(1)) {
      TrainingPlan plan = plan(folder.resolve("result"), tuning(true, "c_attn")).build();
      TrainedModel trained = TrainedModel.of(plan, new DigitTokenizer(), Kernels.best(), parallel);
      // two layers of [12][36], with factors of rank 2
      assertThat(trained.held()).isEqualTo(parameters + 2 * (12 * 36 + 2 * (12 + 36)));
    }
  }

  @Test
  void frozen_layers_get_no_adapter() throws IOException {
    model("llama").write(base);
    Path result = folder.resolve("result");
    train(
        plan(result, tuning(false, "q_proj", "v_proj").withFrozen("model.layers.0.*"))
            .steps(2)
            .build());
    assertThat(Files.readString(result.resolve("adapter_config.json")))
        .contains("\"model.layers.1.self_attn.q_proj\"", "\"model.layers.1.self_attn.v_proj\"")
        .doesNotContain("layers.0");
    AdapterFixture.logits(base, "cpu(adapter=\"" + result + "\")");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "ema(decay=0.8)"})
  void a_resumed_training_gives_the_same_bits(String averaging) throws IOException {
    model("gpt2").write(base);
    Path straight = folder.resolve("straight");
    Path resumed = folder.resolve("resumed");
    train(plan(straight, tuning(false)).steps(20).averaging(averaging).build());
    TrainingPlan half =
        plan(resumed, tuning(false)).steps(20).averaging(averaging).checkpoints(10, 3).build();
    train(half);
    // the second half once more, from the checkpoint
    deleteTree(resumed.resolve("checkpoint-20"));
    Files.delete(resumed.resolve("adapter_model.safetensors"));
    assertThat(train(half.toBuilder().resume().build())).hasSize(10);
    assertThat(Files.readAllBytes(resumed.resolve("adapter_model.safetensors")))
        .isEqualTo(Files.readAllBytes(straight.resolve("adapter_model.safetensors")));
    model("gpt2").add("transformer.ln_f.bias", 12).write(base);
    assertThatThrownBy(() -> train(half.toBuilder().resume().steps(21).build()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be resumed: it has fineTuning.model ")
        .hasMessageContaining("; steps 20 and not 21; ")
        .hasMessageContaining("fineTuning.model cannot change");
  }

  private static void deleteTree(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "lion", "muon", "sgd"})
  void every_optimiser_trains_adapters(String optimizer) throws IOException {
    model("llama").write(base);
    TrainingPlan plan =
        plan(folder.resolve("result"), tuning(false)).optimizer(optimizer).steps(60).build();
    List<Double> losses = train(plan);
    assertThat(losses.get(59)).isLessThan(0.8 * losses.get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void gradients_of_the_factors_agree_with_finite_differences(String type) throws IOException {
    model(type).write(base);
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainingPlan plan = plan(folder.resolve("result"), tuning(true)).build();
      TrainedModel trained = TrainedModel.of(plan, new DigitTokenizer(), Kernels.best(), parallel);
      Random random = new Random(5);
      for (int i = 0; i < trained.weights().length; i++) {
        trained.weights()[i] = 0.2f * (float) random.nextGaussian();
      }
      trained.update();
      trained.transformer().forwardBackward(INPUTS, TARGETS, 2, 5);
      float[] gradients = trained.gradients().clone();
      ModelDirectory model = ModelDirectory.read(base);
      ReferenceTransformer reference = new ReferenceTransformer(model.config(), model.parameters());
      List<Sum> sums = new ArrayList<>();
      List<ParameterLayout.Tensor> factors = trained.trained().tensors();
      for (int i = 0; i < factors.size(); i += 2) {
        Sum sum = Sum.of(factors.get(i), factors.get(i + 1), trained.weights(), reference);
        sum.compute();
        sums.add(sum);
      }
      for (Sum sum : sums) {
        agrees(sum, sum.left, sum.leftOf, gradients, reference);
        agrees(sum, sum.right, sum.rightOf, gradients, reference);
      }
    }
  }

  /** A matrix of the reference as the sum of its base and the product of two factors, in double. */
  private record Sum(
      ParameterLayout.Tensor leftOf,
      double[] left,
      ParameterLayout.Tensor rightOf,
      double[] right,
      double[] base,
      double[] matrix) {
    static Sum of(
        ParameterLayout.Tensor left,
        ParameterLayout.Tensor right,
        float[] weights,
        ReferenceTransformer reference) {
      String module = left.name().replaceAll("base_model[.]model[.]|transformer[.]|[.]lora_.*", "");
      double[] matrix = reference.parameter(module + ".weight");
      return new Sum(
          left, doubles(weights, left), right, doubles(weights, right), matrix.clone(), matrix);
    }

    private static double[] doubles(float[] weights, ParameterLayout.Tensor tensor) {
      double[] values = new double[tensor.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = weights[tensor.offset() + i];
      }
      return values;
    }

    /** With alpha/rank = 3. */
    void compute() {
      int columns = rightOf.shape().get(1);
      for (int i = 0; i < matrix.length; i++) {
        double product = 0;
        for (int r = 0; r < 2; r++) {
          product += left[i / columns * 2 + r] * right[r * columns + i % columns];
        }
        matrix[i] = base[i] + 3 * product;
      }
    }
  }

  private static void agrees(
      Sum sum,
      double[] factor,
      ParameterLayout.Tensor tensor,
      float[] gradients,
      ReferenceTransformer reference) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < factor.length; i += 5) {
      double kept = factor[i];
      factor[i] = kept + 1e-5;
      double above = loss(sum, reference);
      factor[i] = kept - 1e-5;
      double numeric = (above - loss(sum, reference)) / 2e-5;
      factor[i] = kept;
      difference += Math.pow(numeric - gradients[tensor.offset() + i], 2);
      norm += numeric * numeric;
    }
    sum.compute();
    assertThat(norm).as(tensor.name()).isPositive();
    assertThat(Math.sqrt(difference / norm)).as(tensor.name()).isLessThan(1e-4);
  }

  private static double loss(Sum sum, ReferenceTransformer reference) {
    sum.compute();
    return reference.loss(INPUTS, TARGETS, 2, 5, -100);
  }

  @Test
  void targets_that_are_no_layers_are_refused() throws IOException {
    model("gpt2").write(base);
    Path result = folder.resolve("result");
    assertThatThrownBy(() -> train(plan(result, tuning(false, "q_proj")).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "target \"q_proj\" is no linear layer of the model's blocks; there are [c_attn, c_fc,"
                + " c_proj]");
    assertThatThrownBy(
            () -> train(plan(result, tuning(false, "c_fc").withFrozen("*.c_fc.*")).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing is trained");
    assertThat(Optional.of(FineTuning.Lora.ofRank(4).alpha())).hasValue(8.0);
  }
}
