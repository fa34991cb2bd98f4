package io.fundamentallm.runtime.cpu.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.runtime.cpu.format.GgufBytes;
import io.fundamentallm.runtime.cpu.format.GgufModels;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.runtime.cpu.format.TinyAdapter;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.gpu.GpuProvider;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("once")
class OnnxExportTest {
  private static final int[] TOKENS = {3, 1, 4, 1, 5, 9, 2, 6, 5, 35, 8, 9};

  @TempDir private Path folder;
  private Path model;
  private Path graph;
  private Path data;

  @BeforeEach
  void write() throws IOException {
    model = folder.resolve("model");
    graph = model.resolve("model.onnx");
    data = model.resolve("model.onnx_data");
    TrainableConfig config = TrainableConfig.llama(37, 70, 64, 2, 4, 2, 96, false);
    Random random = new Random(5);
    float[] parameters = new float[new ParameterLayout(config).size()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = (float) (0.2 * random.nextGaussian());
    }
    new ModelDirectory(config, OptionalInt.of(1), Set.of(2), parameters).write(model);
  }

  static List<OnnxWeights> weights() {
    return List.of(
        OnnxWeights.F32, OnnxWeights.INT8, OnnxWeights.INT4, OnnxWeights.INT4.withRoundedInputs());
  }

  private static float[][] run(Path directory) throws OrtException {
    try (OnnxDecoder decoder = OnnxDecoder.open(directory)) {
      return decoder.append(TOKENS);
    }
  }

  private float[][] expected(Map<String, String> options) throws IOException {
    try (LanguageModel runtime = new CpuRuntimeProvider().load(model, Options.of("cpu", options));
        Session session = runtime.open()) {
      float[][] logits = new float[TOKENS.length][runtime.info().vocabularySize()];
      session.append(TOKENS, logits);
      return logits;
    }
  }

  private static double difference(float[][] actual, float[][] expected) {
    double max = 0;
    for (int t = 0; t < expected.length; t++) {
      for (int i = 0; i < expected[t].length; i++) {
        double one = Math.abs(actual[t][i] - expected[t][i]);
        max = one <= max ? max : one;
      }
    }
    return max;
  }

  @ParameterizedTest
  @MethodSource("weights")
  void large_constants_outside_are_the_same_as_inside(OnnxWeights weights)
      throws IOException, OrtException {
    OnnxExport.write(model, weights);
    assertThat(data).doesNotExist();
    long inside = Files.size(graph);
    float[][] logits = run(model);

    OnnxExport.write(model, null, weights, model, 0);
    assertThat(Files.size(graph) + Files.size(data)).isGreaterThan(inside - 1);
    assertThat(Files.size(graph)).isLessThan(inside / 2);
    assertThat(run(model)).isDeepEqualTo(logits);

    OnnxExport.write(model, weights);
    assertThat(data).doesNotExist();
    assertThat(run(model)).isDeepEqualTo(logits);
  }

  @Test
  void constants_outside_begin_on_pages() throws IOException {
    OnnxExport.write(model, null, OnnxWeights.F32, model, 0);
    // the embedding is the first, 37 rows of 64 floats
    assertThat(Files.readString(graph, StandardCharsets.ISO_8859_1))
        .contains("offset\u0012\u00010")
        .contains("offset\u0012\u000512288");
  }

  @Test
  void rounded_inputs_are_those_of_the_runtime() throws IOException, OrtException {
    float[][] expected = expected(Map.of("weights", "int8"));
    OnnxExport.write(model, OnnxWeights.INT8.withRoundedInputs());
    double rounded = difference(new float[][] {run(model)[0]}, new float[][] {expected[0]});
    OnnxExport.write(model, OnnxWeights.INT8);
    double exact = difference(new float[][] {run(model)[0]}, new float[][] {expected[0]});
    assertThat(rounded).isLessThan(1e-4);
    assertThat(exact).isGreaterThan(10 * rounded);
  }

  @Test
  void sixteen_bits_are_half_as_large_and_round() throws IOException {
    OnnxExport.write(model);
    long floats = Files.size(graph);
    OnnxExport.write(model, OnnxWeights.F16);
    assertThat(Files.size(graph)).isBetween(floats / 2, floats * 7 / 10);
    try (LanguageModel onnx =
            new GpuProvider().load(model, Options.of("gpu", Map.of("device", "cpu")));
        Session session = onnx.open()) {
      assertThat(onnx.info().device()).contains("shared buffers");
      assertThat(onnx.info().precision()).isEqualTo("f16");
      float[][] logits = new float[TOKENS.length][onnx.info().vocabularySize()];
      session.append(TOKENS, logits);
      double largest = 0;
      float[][] expected = expected(Map.of());
      for (float[] row : expected) {
        for (float logit : row) {
          largest = Math.max(largest, Math.abs(logit));
        }
      }
      assertThat(difference(logits, expected)).isBetween(1e-6, largest * 5e-3);
    }
  }

  @Test
  void sixteen_bits_need_heads_that_the_operator_takes() throws IOException {
    TrainableConfig config = TrainableConfig.llama(37, 70, 48, 2, 4, 2, 96, false);
    float[] parameters = new float[new ParameterLayout(config).size()];
    Path other = folder.resolve("small");
    new ModelDirectory(config, OptionalInt.of(1), Set.of(2), parameters).write(other);
    assertThatThrownBy(() -> OnnxExport.write(other, OnnxWeights.F16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("heads of a multiple of 8 channels");
    assertThat(other.resolve("model.onnx")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(floats = {65520f, -1e5f, Float.NEGATIVE_INFINITY, Float.NaN})
  void sixteen_bits_refuse_a_weight_that_they_cannot_hold(float weight) throws IOException {
    TrainableConfig config = TrainableConfig.llama(37, 70, 64, 2, 4, 2, 96, false);
    ParameterLayout layout = new ParameterLayout(config);
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      if (tensor.shape().size() < 2) {
        continue;
      }
      int at = tensor.offset() + 17;
      float[] parameters = new float[layout.size()];
      parameters[at] = 65519f;
      new ModelDirectory(config, OptionalInt.of(1), Set.of(2), parameters).write(model);
      OnnxExport.write(model, OnnxWeights.F16);
      byte[] before = Files.readAllBytes(graph);
      parameters[at] = weight;
      new ModelDirectory(config, OptionalInt.of(1), Set.of(2), parameters).write(model);
      Files.write(graph, before); // which goes with the model that is replaced
      assertThatIOException()
          .isThrownBy(() -> OnnxExport.write(model, OnnxWeights.F16))
          .withMessageContaining(" holds " + weight + ", and floats of 16 bits end at 65504");
      assertThat(Files.readAllBytes(graph)).isEqualTo(before);
    }
  }

  @Test
  void padding_on_the_left_changes_nothing() throws IOException, OrtException {
    OnnxExport.write(model);
    try (OnnxDecoder decoder = OnnxDecoder.open(model)) {
      float[][] alone = decoder.append(TOKENS);
      decoder.clear();
      assertThat(difference(decoder.appendPadded(5, TOKENS), alone)).isLessThan(1e-5);
    }
  }

  @Test
  void an_adapter_is_added() throws IOException, OrtException {
    Path adapter =
        new TinyAdapter()
            .add("model.layers.0.self_attn.q_proj", 2, 64, 64)
            .add("model.layers.1.mlp.down_proj", 2, 64, 96)
            .write(folder.resolve("adapter"));
    Path adapted = folder.resolve("adapted");
    OnnxExport.write(model, adapter, OnnxWeights.F32, adapted);
    float[][] expected = expected(Map.of("adapter", adapter.toString()));
    assertThat(difference(run(adapted), expected)).isLessThan(1e-4);
    assertThat(difference(expected(Map.of()), expected)).isGreaterThan(0.1);
  }

  @Test
  void another_directory_gets_configuration_and_tokenizer() throws IOException {
    Files.writeString(model.resolve("tokenizer.json"), "{}");
    Files.writeString(model.resolve("training_state.safetensors"), "");
    Path other = folder.resolve("other");
    OnnxExport.write(model, OnnxWeights.INT4, other);
    assertThat(other.toFile().list())
        .containsExactlyInAnyOrder(
            "model.onnx", "config.json", "generation_config.json", "tokenizer.json");
    assertThat(other.resolve("config.json")).hasSameBinaryContentAs(model.resolve("config.json"));
    assertThat(graph).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3", "gpt2", "gptneox"})
  void a_gguf_file_gets_a_configuration_that_runs_and_says_what_the_file_says(String type)
      throws IOException {
    TinyModel tiny =
        switch (type) {
          case "gpt2" -> TinyModel.gpt2();
          case "gptneox" -> TinyModel.gptNeoX();
          default -> TinyModel.llama(type);
        };
    GgufBytes bytes =
        switch (type) {
          case "gpt2" -> GgufModels.gpt2(tiny);
          case "gptneox" -> GgufModels.gptNeoX(tiny);
          default -> GgufModels.llama(tiny);
        };
    Path gguf = Files.write(folder.resolve("tiny.gguf"), bytes.bytes());
    Path graph = folder.resolve("graph");
    OnnxExport.write(gguf, OnnxWeights.F32, graph);
    assertThat(graph.toFile().list()).containsExactlyInAnyOrder("model.onnx", "config.json");

    try (LanguageModel expected = new CpuRuntimeProvider().load(gguf, Options.of("cpu", Map.of()));
        LanguageModel actual =
            new GpuProvider().load(graph, Options.of("gpu", Map.of("device", "cpu")))) {
      assertThat(actual.info().architecture()).isEqualTo(expected.info().architecture());
      assertThat(actual.info().vocabularySize()).isEqualTo(expected.info().vocabularySize());
      assertThat(actual.info().contextLength()).isEqualTo(expected.info().contextLength());
      assertThat(actual.info().hiddenSize()).isEqualTo(expected.info().hiddenSize());
      assertThat(actual.info().beginToken()).isEqualTo(expected.info().beginToken());
      assertThat(actual.info().endTokens()).isEqualTo(expected.info().endTokens());
      int[] tokens = {3, 1, 4, 1, 5};
      assertThat(logits(actual, tokens)).containsExactly(logits(expected, tokens), within(1e-4f));
    }

    // all of it: with the weights beside it, transformers' form is the model of the file
    Path directory = tiny.write(Files.createDirectory(folder.resolve("hf")));
    Files.copy(
        graph.resolve("config.json"),
        directory.resolve("config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    try (ModelFiles expected = ModelFiles.open(gguf);
        ModelFiles actual = ModelFiles.open(directory)) {
      assertThat(actual.config()).isEqualTo(expected.config());
    }
  }

  private static float[] logits(LanguageModel model, int[] tokens) {
    float[] logits = new float[model.info().vocabularySize()];
    try (Session session = model.open()) {
      session.append(tokens, logits);
    }
    return logits;
  }

  @Test
  void a_model_that_cannot_be_read_leaves_the_graph_that_is_there() throws IOException {
    OnnxExport.write(model);
    byte[] before = Files.readAllBytes(graph);
    Path weights = model.resolve("model.safetensors");
    byte[] all = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(all, all.length - 100));
    assertThatIOException()
        .isThrownBy(() -> OnnxExport.write(model))
        .withMessageContaining("model.safetensors");
    assertThat(graph).hasBinaryContent(before);
  }

  @Test
  void what_fails_while_it_is_written_leaves_nothing_half_done() throws IOException {
    OnnxExport.write(model);
    byte[] before = Files.readAllBytes(graph);
    Graph torn = new Graph();
    torn.weight(
        new Weight(
            "torn",
            ElementType.FLOAT,
            List.of(1000L),
            into -> {
              into.floats(0, new float[10], 0, 10);
              throw new IOException("the disk is gone");
            }));
    String[] files = model.toFile().list();
    for (long inside : new long[] {0, GraphFile.MAX_INSIDE}) {
      assertThatThrownBy(() -> GraphFile.write(torn, model, inside)).hasMessage("the disk is gone");
      assertThat(graph).hasBinaryContent(before);
      assertThat(model.toFile().list()).containsExactlyInAnyOrder(files);
    }
  }

  @Test
  void a_directory_without_a_model_is_named() {
    assertThatIOException()
        .isThrownBy(() -> OnnxExport.write(folder))
        .withMessageContaining(folder.toString());
  }

  @Test
  void floats_have_no_rounded_inputs() {
    assertThatThrownBy(OnnxWeights.F32::withRoundedInputs)
        .isInstanceOf(IllegalArgumentException.class);
  }
}
