package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses and gradients of small models of each family beside PyTorch's, see families.py. */
class TorchGradientsTest {
  private static final int BATCH = 2;
  private static final int STEPS = 9;

  @TempDir private Path folder;

  private record Expected(String family, String tensor, int[] shape, double norm, double along) {}

  private static List<Expected> vectors() throws IOException {
    String file = "/io/fundamentallm/runtime/cpu/train/families.txt";
    try (InputStream in = TorchGradientsTest.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" ", -1))
          .map(
              part ->
                  new Expected(
                      part[0],
                      part[1],
                      Arrays.stream(part[2].split(",", -1)).mapToInt(Integer::parseInt).toArray(),
                      Double.parseDouble(part[3]),
                      Double.parseDouble(part[4])))
          .toList();
    }
  }

  static Stream<String> families() throws IOException {
    return vectors().stream().map(Expected::family).distinct();
  }

  private static Map<String, Object> config(String family) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", family);
    config.put("vocab_size", 13);
    config.put("max_position_embeddings", 32);
    config.put("hidden_size", 16);
    config.put("num_hidden_layers", 2);
    config.put("num_attention_heads", 4);
    config.put("num_key_value_heads", 2);
    config.put("head_dim", 6);
    config.put("intermediate_size", 20);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10_000.0);
    config.put("tie_word_embeddings", family.startsWith("gemma"));
    config.put("sliding_window", family.startsWith("gemma") ? Integer.valueOf(4) : null);
    if (family.startsWith("gemma")) {
      config.put("query_pre_attn_scalar", 9);
      config.put("layer_types", List.of("sliding_attention", "full_attention"));
    }
    switch (family) {
      case "phi3" -> config.put("sliding_window", 5);
      case "smollm3" -> config.put("no_rope_layers", List.of(1, 0));
      case "gemma2" -> {
        config.put("attn_logit_softcapping", 5.0);
        config.put("final_logit_softcapping", 3.0);
      }
      case "gemma3_text" -> config.put("rope_local_base_freq", 100.0);
      case "mixtral" -> {
        config.put("num_local_experts", 3);
        config.put("num_experts_per_tok", 2);
        config.put("router_aux_loss_coef", 0.02);
      }
      case "qwen2_moe" -> {
        config.put("num_experts", 4);
        config.put("num_experts_per_tok", 2);
        config.put("moe_intermediate_size", 20);
        config.put("shared_expert_intermediate_size", 10);
        config.put("router_aux_loss_coef", 0.05);
      }
      default -> {}
    }
    return config;
  }

  private static Weights weights(Expected tensor) {
    int seed = 0;
    for (int i = 0; i < tensor.tensor.length(); i++) {
      seed = (seed + tensor.tensor.charAt(i) * (i + 1)) % 1000;
    }
    boolean one = tensor.tensor.endsWith("norm.weight") && !tensor.family.startsWith("gemma");
    float[] values = new float[Arrays.stream(tensor.shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((one ? 1 : 0) + 0.3 * Math.sin(1.7 * i + seed));
    }
    return new Weights(tensor.shape, values);
  }

  @ParameterizedTest
  @MethodSource("families")
  void losses_and_gradients_are_those_of_pytorch(String family) throws IOException {
    List<Expected> expected =
        vectors().stream().filter(vector -> vector.family.equals(family)).toList();
    Map<String, Weights> tensors = new LinkedHashMap<>();
    expected.stream().skip(1).forEach(vector -> tensors.put(vector.tensor, weights(vector)));
    Files.writeString(folder.resolve("config.json"), JsonText.of(config(family)));
    Files.write(folder.resolve("model.safetensors"), SafeTensorsBytes.of(tensors, "F32"));
    BaseModel model = BaseModel.read(folder);
    int[] inputs = IntStream.range(0, BATCH * STEPS).map(i -> (7 * i * i + 3 * i) % 13).toArray();
    int[] targets = IntStream.range(0, BATCH * STEPS).map(i -> (5 * i * i + i + 2) % 13).toArray();
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer transformer =
          new TrainableTransformer(
              model.config(),
              Kernels.best(),
              parallel,
              model.parameters(),
              Objective.MAXIMUM_LIKELIHOOD);
      double loss = transformer.forwardBackward(inputs, targets, BATCH, STEPS).mean();
      double expectedLoss = expected.get(0).norm;
      assertThat(loss).isCloseTo(expectedLoss, within(1e-5 * expectedLoss));
      ParameterLayout layout = new ParameterLayout(model.config());
      assertThat(layout.tensors()).hasSize(expected.size() - 1);
      for (Expected vector : expected.subList(1, expected.size())) {
        int at = layout.tensor(vector.tensor).offset();
        double squares = 0;
        double along = 0;
        double length = 0;
        for (int i = 0; i < tensors.get(vector.tensor).values().length; i++) {
          double gradient = transformer.gradients()[at + i];
          double cosine = Math.cos(0.9 * i);
          squares += gradient * gradient;
          along += gradient * cosine;
          length += cosine * cosine;
        }
        assertThat(Math.sqrt(squares))
            .as(vector.tensor)
            .isCloseTo(vector.norm, within(1e-5 * vector.norm));
        assertThat(along)
            .as(vector.tensor)
            .isCloseTo(vector.along, within(1e-5 * vector.norm * Math.sqrt(length)));
      }
    }
  }
}
