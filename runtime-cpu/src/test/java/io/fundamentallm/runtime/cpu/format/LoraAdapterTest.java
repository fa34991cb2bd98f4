package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Layer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LoraAdapterTest {
  private static final String QUERY = "model.layers.0.self_attn.q_proj";

  @TempDir private Path folder;
  private Path base;
  private Path adapter;

  @BeforeEach
  void folders() throws IOException {
    base = Files.createDirectory(folder.resolve("base"));
    adapter = folder.resolve("adapter");
  }

  /** W + scale·B·A, plainly. */
  private static void assertAdded(
      float[][] rows, Weights weights, TinyAdapter adapter, String module, double scale) {
    Weights a = adapter.factor(module, "A");
    Weights b = adapter.factor(module, "B");
    for (int r = 0; r < b.shape()[0]; r++) {
      for (int c = 0; c < a.shape()[1]; c++) {
        double sum = 0;
        for (int k = 0; k < a.shape()[0]; k++) {
          sum += (double) b.at(r, k) * a.at(k, c);
        }
        assertThat((double) rows[r][c])
            .isCloseTo(weights.at(r, c) + scale * sum, within(1e-5 * (1 + Math.abs(sum))));
      }
    }
  }

  private ModelFiles open(TinyModel model, TinyAdapter adapter) throws IOException {
    return ModelFiles.open(model.write(base), adapter.write(this.adapter));
  }

  @Test
  void the_product_is_added_to_the_rows_of_its_module() throws IOException {
    TinyModel model = TinyModel.llama("llama");
    TinyAdapter lora =
        new TinyAdapter()
            .add(QUERY, 2, 24, 16)
            .add("model.layers.1.self_attn.v_proj", 2, 12, 16)
            .add("model.layers.1.mlp.down_proj", 2, 16, 20)
            .add("lm_head", 2, 11, 16);
    try (ModelFiles files = open(model, lora)) {
      Matrix attention = files.weights().layer(0).queryKeyValue().matrix();
      assertThat(attention.format()).isEqualTo(Matrix.Format.F32);
      float[][] rows = MatrixReading.all(attention);
      assertAdded(rows, model.tensor(QUERY + ".weight"), lora, QUERY, 3);
      assertThat(rows[24][5])
          .isEqualTo(model.tensor("model.layers.0.self_attn.k_proj.weight").at(0, 5));
      Layer second = files.weights().layer(1);
      float[][] values =
          List.of(MatrixReading.all(second.queryKeyValue().matrix()))
              .subList(36, 48)
              .toArray(new float[0][]);
      String module = "model.layers.1.self_attn.v_proj";
      assertAdded(values, model.tensor(module + ".weight"), lora, module, 3);
      module = "model.layers.1.mlp.down_proj";
      float[][] down = MatrixReading.all(second.down().matrix());
      assertAdded(down, model.tensor(module + ".weight"), lora, module, 3);
      float[][] head = MatrixReading.all(files.weights().head().matrix());
      assertAdded(head, model.tensor("lm_head.weight"), lora, "lm_head", 3);
    }
  }

  @Test
  void an_adapted_tied_head_leaves_the_embedding_alone() throws IOException {
    TinyModel model = TinyModel.llama("llama").set("tie_word_embeddings", true);
    model.tensors.remove("lm_head.weight");
    TinyAdapter lora = new TinyAdapter().add("lm_head", 2, 11, 16);
    try (ModelFiles files = open(model, lora)) {
      Weights embedding = model.tensor("model.embed_tokens.weight");
      float[][] head = MatrixReading.all(files.weights().head().matrix());
      assertAdded(head, embedding, lora, "lm_head", 3);
      assertThat(MatrixReading.all(files.weights().embedding())[10][15])
          .isEqualTo(embedding.at(10, 15));
    }
  }

  @Test
  void gpt2s_transposed_layers_are_adapted_whatever_the_flag_says() throws IOException {
    TinyModel model = TinyModel.gpt2();
    String module = "transformer.h.1.attn.c_attn";
    for (boolean flag : new boolean[] {true, false}) {
      TinyAdapter lora = new TinyAdapter().set("fan_in_fan_out", flag).add(module, 2, 36, 12);
      Weights stored = model.tensor(module + ".weight");
      float[] turned = new float[36 * 12];
      for (int r = 0; r < 36; r++) {
        for (int c = 0; c < 12; c++) {
          turned[r * 12 + c] = stored.at(c, r);
        }
      }
      try (ModelFiles files = open(model, lora)) {
        float[][] rows = MatrixReading.all(files.weights().layer(1).queryKeyValue().matrix());
        assertAdded(rows, new Weights(new int[] {36, 12}, turned), lora, module, 3);
      }
    }
  }

  @Test
  void gpt_neoxs_heads_are_adapted_in_the_order_of_the_file() throws IOException {
    TinyModel model = TinyModel.gptNeoX();
    String module = "gpt_neox.layers.0.attention.query_key_value";
    TinyAdapter lora = new TinyAdapter().add(module, 2, 72, 24);
    try (ModelFiles files = open(model, lora)) {
      float[][] rows = MatrixReading.all(files.weights().layer(0).queryKeyValue().matrix());
      float[][] stored = new float[72][];
      for (int part = 0; part < 3; part++) {
        for (int head = 0; head < 3; head++) {
          for (int d = 0; d < 8; d++) {
            stored[(head * 3 + part) * 8 + d] = rows[(part * 3 + head) * 8 + d];
          }
        }
      }
      assertAdded(stored, model.tensor(module + ".weight"), lora, module, 3);
    }
  }

  @Test
  void phi3s_fused_layers_are_adapted_as_a_whole() throws IOException {
    TinyModel model = TinyModel.phi3();
    String fused = "model.layers.1.mlp.gate_up_proj";
    String attention = "model.layers.0.self_attn.qkv_proj";
    TinyAdapter lora = new TinyAdapter().add(fused, 2, 40, 16).add(attention, 2, 48, 16);
    try (ModelFiles files = open(model, lora)) {
      float[][] rows = MatrixReading.all(files.weights().layer(0).queryKeyValue().matrix());
      assertAdded(rows, model.tensor(attention + ".weight"), lora, attention, 3);
      Layer layer = files.weights().layer(1);
      float[][] gate = MatrixReading.all(Objects.requireNonNull(layer.gate()).matrix());
      float[][] up = MatrixReading.all(layer.up().matrix());
      float[][] both = Arrays.copyOf(gate, 40);
      System.arraycopy(up, 0, both, 20, 20);
      assertAdded(both, model.tensor(fused + ".weight"), lora, fused, 3);
      assertThat(AdaptedLayer.read(files, adapter))
          .extracting(AdaptedLayer::name)
          .containsExactly("blk.0.attn_qkv", "blk.1.ffn_up");
    }
  }

  @Test
  void ranks_and_alphas_may_differ_by_module() throws IOException {
    TinyModel model = TinyModel.llama("llama");
    String down = "model.layers.1.mlp.down_proj";
    TinyAdapter lora =
        new TinyAdapter()
            .set("use_rslora", true)
            .set("rank_pattern", Map.of("q_proj", 4, "^" + down, 1))
            .set("alpha_pattern", Map.of("self_attn.q_proj", 8))
            .add(QUERY, 4, 24, 16)
            .add(down, 1, 16, 20);
    try (ModelFiles files = open(model, lora)) {
      float[][] rows = MatrixReading.all(files.weights().layer(0).queryKeyValue().matrix());
      assertAdded(rows, model.tensor(QUERY + ".weight"), lora, QUERY, 4);
      rows = MatrixReading.all(files.weights().layer(1).down().matrix());
      assertAdded(rows, model.tensor(down + ".weight"), lora, down, 6);
    }
  }

  @Test
  void names_may_hold_the_adapters_name_and_lack_the_models_prefix() throws IOException {
    TinyModel model = TinyModel.llama("llama");
    TinyAdapter lora = new TinyAdapter().add(QUERY, 2, 24, 16);
    Map<String, Weights> renamed = new LinkedHashMap<>();
    lora.tensors.forEach(
        (name, weights) ->
            renamed.put(
                name.replace("model.layers", "layers").replace(".weight", ".default.weight"),
                weights));
    lora.write(adapter);
    Files.write(adapter.resolve("adapter_model.safetensors"), SafeTensorsBytes.of(renamed, "F32"));
    try (ModelFiles files = ModelFiles.open(model.write(base), adapter)) {
      float[][] rows = MatrixReading.all(files.weights().layer(0).queryKeyValue().matrix());
      assertAdded(rows, model.tensor(QUERY + ".weight"), lora, QUERY, 3);
    }
  }

  static Stream<Arguments> settings() {
    return Stream.of(
        Arguments.of("peft_type", "LOHA", "expected \"LORA\""),
        Arguments.of("r", 0, "expected at least 1"),
        Arguments.of("r", 3, "does not have the rank 3"),
        Arguments.of("lora_alpha", null, "has no \"lora_alpha\""),
        Arguments.of("lora_alpha", 1e300, "\"lora_alpha\" is 1.0E+300, a factor beyond all floats"),
        Arguments.of(
            "alpha_pattern", Map.of("q_proj", -1e39), "\"q_proj\" is -1.0E+39, a factor beyond"),
        Arguments.of("bias", "all", "expected none"),
        Arguments.of("use_dora", true, "lacks its lora_magnitude_vector"),
        Arguments.of("lora_bias", true, "expected none"),
        Arguments.of("modules_to_save", List.of("lm_head"), "expected none"),
        Arguments.of("init_lora_weights", "pissa", "expected true or false or gaussian"),
        Arguments.of("trainable_token_indices", List.of(1), "expected none"),
        Arguments.of("rank_pattern", Map.of("(q|k)_proj", 3), "a regular expression"));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void what_cannot_be_met_is_refused_by_name(String key, Object value, String message) {
    TinyAdapter lora = new TinyAdapter().add(QUERY, 2, 24, 16).set(key, value);
    assertThatThrownBy(() -> open(TinyModel.llama("llama"), lora))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(adapter.toString())
        .hasMessageContaining(message);
  }

  private void refuses(TinyAdapter lora, String... messages) {
    assertThatThrownBy(() -> open(TinyModel.llama("llama"), lora))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(adapter.resolve("adapter_model.safetensors").toString())
        .hasMessageContainingAll(messages);
  }

  @Test
  void a_factor_that_fits_no_module_is_refused_by_name() {
    refuses(
        new TinyAdapter().add("model.layers.7.self_attn.q_proj", 2, 24, 16),
        "\"model.layers.7.self_attn.q_proj\", which is no linear layer of the model");
    refuses(
        new TinyAdapter().add(QUERY, 2, 24, 17), QUERY + ".lora_A", "has shape [2, 17]", "[2, 16]");
    refuses(
        new TinyAdapter().add(QUERY, 2, 23, 16), QUERY + ".lora_B", "has shape [23, 2]", "[24, 2]");
    TinyAdapter half = new TinyAdapter().add(QUERY, 2, 24, 16);
    half.tensors.remove("base_model.model." + QUERY + ".lora_B.weight");
    refuses(half, QUERY + ".lora_A", "lacks its lora_B");
    half = new TinyAdapter().add(QUERY, 2, 24, 16);
    half.tensors.remove("base_model.model." + QUERY + ".lora_A.weight");
    refuses(half, QUERY + ".lora_B", "lacks its lora_A");
    TinyAdapter embedding = new TinyAdapter();
    embedding.tensors.put(
        "base_model.model.model.embed_tokens.lora_embedding_A",
        new Weights(new int[] {2, 11}, new float[22]));
    refuses(embedding, "lora_embedding_A", "no factor of a linear layer's adapter");
    TinyAdapter twice = new TinyAdapter().add(QUERY, 2, 24, 16);
    twice.tensors.put(
        "base_model.model." + QUERY + ".lora_A.default.weight", twice.factor(QUERY, "A"));
    refuses(twice, "stands for the same factor");
  }

  @Test
  void missing_files_are_named() throws IOException {
    TinyModel.llama("llama").write(base);
    Files.createDirectory(adapter);
    assertThatThrownBy(() -> ModelFiles.open(base, adapter))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("adapter_config.json");
    new TinyAdapter().write(adapter);
    Files.delete(adapter.resolve("adapter_model.safetensors"));
    assertThatThrownBy(() -> ModelFiles.open(base, adapter))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("adapter_model.safetensors");
  }
}
