package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Layer;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFilesTest {
  @TempDir private Path folder;

  private static void assertRows(Matrix matrix, Weights expected) throws IOException {
    float[][] rows = MatrixReading.all(matrix);
    assertThat(rows.length).isEqualTo(expected.shape()[0]);
    assertThat(matrix.columns()).isEqualTo(expected.shape()[1]);
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < rows[r].length; c++) {
        assertThat(rows[r][c]).isEqualTo(expected.at(r, c));
      }
    }
  }

  private static void assertTransposed(Linear linear, TinyModel model, String name)
      throws IOException {
    Weights expected = model.tensor(name + ".weight");
    float[][] rows = MatrixReading.all(linear.matrix());
    assertThat(rows.length).isEqualTo(expected.shape()[1]);
    for (int r = 0; r < rows.length; r++) {
      assertThat(rows[r].length).isEqualTo(expected.shape()[0]);
      for (int c = 0; c < rows[r].length; c++) {
        assertThat(rows[r][c]).isEqualTo(expected.at(c, r));
      }
    }
    assertThat(linear.bias()).isEqualTo(model.tensor(name + ".bias").values());
  }

  private static void assertLinear(Linear linear, TinyModel model, String name) throws IOException {
    assertRows(linear.matrix(), model.tensor(name + ".weight"));
    Weights bias = model.tensor(name + ".bias");
    assertThat(linear.bias()).isEqualTo(bias == null ? null : bias.values());
  }

  private static void assertNorm(ModelWeights.Norm norm, TinyModel model, String name) {
    assertThat(norm.weight()).isEqualTo(model.tensor(name + ".weight").values());
    Weights bias = model.tensor(name + ".bias");
    assertThat(norm.bias()).isEqualTo(bias == null ? null : bias.values());
  }

  private static void assertGpt2(ModelFiles files, TinyModel model) throws IOException {
    ModelWeights weights = files.weights();
    assertRows(weights.embedding(), model.tensor("transformer.wte.weight"));
    assertRows(weights.positions(), model.tensor("transformer.wpe.weight"));
    assertThat(weights.head().matrix()).isSameAs(weights.embedding());
    assertThat(weights.head().bias()).isNull();
    assertNorm(weights.finalNorm(), model, "transformer.ln_f");
    for (int i = 0; i < 2; i++) {
      String h = "transformer.h." + i + ".";
      Layer layer = weights.layer(i);
      assertNorm(layer.norm1(), model, h + "ln_1");
      assertNorm(layer.norm2(), model, h + "ln_2");
      assertTransposed(layer.queryKeyValue(), model, h + "attn.c_attn");
      assertTransposed(layer.attentionOut(), model, h + "attn.c_proj");
      assertTransposed(layer.up(), model, h + "mlp.c_fc");
      assertTransposed(layer.down(), model, h + "mlp.c_proj");
      assertThat(layer.gate()).isNull();
      assertThat(layer.queryNorm()).isNull();
      assertThat(layer.keyNorm()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16", "BF16", "F64"})
  void gpt2_is_read_from_numbers_of_any_type(String type) throws IOException {
    TinyModel model = TinyModel.gpt2();
    assertThat(ModelFiles.supports(model.write(folder, type)).supported()).isTrue();
    try (ModelFiles files = ModelFiles.open(folder)) {
      assertThat(files.config())
          .isEqualTo(
              new TransformerConfig(
                  "gpt2",
                  11,
                  8,
                  12,
                  new TransformerConfig.Norms(false, 1e-5f, TransformerConfig.Placement.BEFORE),
                  TransformerConfig.Attention.of(3, 3, 4),
                  new TransformerConfig.FeedForward(48, Activation.GELU_TANH, false),
                  TransformerConfig.Scales.NONE,
                  TransformerConfig.Positions.of(null, List.of(0, 0))));
      assertThat(files.begin()).hasValue(9);
      assertThat(files.end()).containsExactly(10);
      assertThat(files.parameters())
          .isEqualTo(model.tensors.values().stream().mapToLong(w -> w.values().length).sum());
      assertGpt2(files, model);
    }
  }

  @Test
  void names_may_lack_the_prefix() throws IOException {
    TinyModel model = TinyModel.gpt2().writeConfig(folder);
    Map<String, Weights> bare = new LinkedHashMap<>();
    model.tensors.forEach((name, tensor) -> bare.put(name.replace("transformer.", ""), tensor));
    Files.write(folder.resolve("model.safetensors"), SafeTensorsBytes.of(bare, "F32"));
    try (ModelFiles files = ModelFiles.open(folder)) {
      assertGpt2(files, model);
    }
  }

  @Test
  void gpt_neox_keeps_its_heads_together_and_here_they_lie_apart() throws IOException {
    TinyModel model = TinyModel.gptNeoX();
    try (ModelFiles files = ModelFiles.open(model.write(folder))) {
      assertThat(files.config().positions().get(0).rotary())
          .isEqualTo(new Rotary(2, 10_000, new Rotary.Unscaled()));
      assertThat(files.config().norms().parallel()).isTrue();
      assertThat(files.config().feedForward().activation()).isEqualTo(Activation.GELU);
      assertThat(files.begin()).hasValue(0);
      assertThat(files.end()).containsExactly(2);
      ModelWeights weights = files.weights();
      assertRows(weights.embedding(), model.tensor("gpt_neox.embed_in.weight"));
      assertRows(weights.head().matrix(), model.tensor("embed_out.weight"));
      assertThat(weights.positions()).isNull();
      for (int i = 0; i < 2; i++) {
        String h = "gpt_neox.layers." + i + ".";
        Layer layer = weights.layer(i);
        assertNorm(layer.norm1(), model, h + "input_layernorm");
        assertNorm(layer.norm2(), model, h + "post_attention_layernorm");
        assertLinear(layer.attentionOut(), model, h + "attention.dense");
        assertLinear(layer.up(), model, h + "mlp.dense_h_to_4h");
        assertLinear(layer.down(), model, h + "mlp.dense_4h_to_h");
        Weights stored = model.tensor(h + "attention.query_key_value.weight");
        float[] bias = model.tensor(h + "attention.query_key_value.bias").values();
        float[][] rows = MatrixReading.all(layer.queryKeyValue().matrix());
        for (int part = 0; part < 3; part++) {
          for (int head = 0; head < 3; head++) {
            for (int d = 0; d < 8; d++) {
              int here = (part * 3 + head) * 8 + d;
              int there = (head * 3 + part) * 8 + d;
              assertThat(layer.queryKeyValue().bias()[here]).isEqualTo(bias[there]);
              for (int c = 0; c < 24; c++) {
                assertThat(rows[here][c]).isEqualTo(stored.at(there, c));
              }
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mistral", "qwen2", "qwen3"})
  void the_llama_family_is_read_whole_and_from_shards(String type) throws IOException {
    TinyModel model = TinyModel.llama(type);
    model.write(folder, "BF16");
    try (ModelFiles files = ModelFiles.open(folder)) {
      assertLlama(files, model, type);
    }
    Files.delete(folder.resolve("model.safetensors"));
    SafeTensorsBytes.writeShards(folder, model.tensors, "F16", 4);
    assertThat(ModelFiles.supports(folder).supported()).isTrue();
    try (ModelFiles files = ModelFiles.open(folder)) {
      assertLlama(files, model, type);
    }
  }

  private static void assertLlama(ModelFiles files, TinyModel model, String type)
      throws IOException {
    assertThat(files.config())
        .isEqualTo(
            new TransformerConfig(
                type,
                11,
                32,
                16,
                new TransformerConfig.Norms(true, 1e-6f, TransformerConfig.Placement.BEFORE),
                TransformerConfig.Attention.of(4, 2, 6)
                    .with(
                        type.equals("qwen3")
                            ? TransformerConfig.QueryKeyNorm.HEAD
                            : TransformerConfig.QueryKeyNorm.NONE),
                new TransformerConfig.FeedForward(20, Activation.SILU, true),
                TransformerConfig.Scales.NONE,
                TransformerConfig.Positions.of(
                    new Rotary(6, 10_000, new Rotary.Unscaled()),
                    type.equals("mistral") ? List.of(4096, 4096) : List.of(0, 0))));
    ModelWeights weights = files.weights();
    assertRows(weights.embedding(), model.tensor("model.embed_tokens.weight"));
    assertRows(weights.head().matrix(), model.tensor("lm_head.weight"));
    assertNorm(weights.finalNorm(), model, "model.norm");
    for (int i = 0; i < 2; i++) {
      String h = "model.layers." + i + ".";
      Layer layer = weights.layer(i);
      assertNorm(layer.norm1(), model, h + "input_layernorm");
      assertNorm(layer.norm2(), model, h + "post_attention_layernorm");
      assertLinear(layer.attentionOut(), model, h + "self_attn.o_proj");
      assertLinear(layer.gate(), model, h + "mlp.gate_proj");
      assertLinear(layer.up(), model, h + "mlp.up_proj");
      assertLinear(layer.down(), model, h + "mlp.down_proj");
      float[][] rows = MatrixReading.all(layer.queryKeyValue().matrix());
      int at = 0;
      for (String part : List.of("q", "k", "v")) {
        Weights stored = model.tensor(h + "self_attn." + part + "_proj.weight");
        Weights bias = model.tensor(h + "self_attn." + part + "_proj.bias");
        for (int r = 0; r < stored.shape()[0]; r++, at++) {
          if (bias != null) {
            assertThat(layer.queryKeyValue().bias()[at]).isEqualTo(bias.values()[r]);
          }
          for (int c = 0; c < 16; c++) {
            assertThat(rows[at][c]).isEqualTo(stored.at(r, c));
          }
        }
      }
      assertThat(layer.queryKeyValue().bias() != null).isEqualTo(type.equals("qwen2"));
      if (type.equals("qwen3")) {
        assertThat(layer.queryNorm())
            .isEqualTo(model.tensor(h + "self_attn.q_norm.weight").values());
        assertThat(layer.keyNorm()).isEqualTo(model.tensor(h + "self_attn.k_norm.weight").values());
      }
    }
  }

  @Test
  void llama_has_the_biases_that_its_configuration_says() throws IOException {
    TinyModel model = TinyModel.llama("llama").set("attention_bias", true).set("mlp_bias", true);
    for (int i = 0; i < 2; i++) {
      String h = "model.layers." + i + ".";
      model.add(h + "self_attn.q_proj.bias", 24).add(h + "self_attn.k_proj.bias", 12);
      model.add(h + "self_attn.v_proj.bias", 12).add(h + "self_attn.o_proj.bias", 16);
      model.add(h + "mlp.gate_proj.bias", 20).add(h + "mlp.up_proj.bias", 20);
      model.add(h + "mlp.down_proj.bias", 16);
    }
    try (ModelFiles files = ModelFiles.open(model.write(folder))) {
      Layer layer = files.weights().layer(1);
      assertLinear(layer.attentionOut(), model, "model.layers.1.self_attn.o_proj");
      assertLinear(layer.gate(), model, "model.layers.1.mlp.gate_proj");
      assertLinear(layer.down(), model, "model.layers.1.mlp.down_proj");
      assertThat(layer.queryKeyValue().bias()).hasSize(48);
    }
    model.set("mlp_bias", false).write(folder);
    assertThatThrownBy(() -> ModelFiles.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("\"model.layers.0.mlp.gate_proj.bias\"")
        .hasMessageContaining("is none that this architecture and configuration have a use for");
  }

  @Test
  void a_tied_head_is_the_embedding_itself() throws IOException {
    TinyModel model = TinyModel.llama("llama").set("tie_word_embeddings", true);
    assertThatThrownBy(() -> ModelFiles.open(model.write(folder)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("\"lm_head.weight\"")
        .hasMessageContaining("differs from \"model.embed_tokens.weight\"");
    model.tensors.put("lm_head.weight", model.tensor("model.embed_tokens.weight"));
    try (ModelFiles files = ModelFiles.open(model.write(folder))) {
      assertThat(files.weights().head().matrix()).isSameAs(files.weights().embedding());
    }
    model.tensors.remove("lm_head.weight");
    try (ModelFiles files = ModelFiles.open(model.write(folder))) {
      assertThat(files.weights().head().matrix()).isSameAs(files.weights().embedding());
    }
    model.set("tie_word_embeddings", false).write(folder);
    assertThatThrownBy(() -> ModelFiles.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no tensor \"lm_head.weight\"");
  }

  @Test
  void a_tensor_too_few_or_too_many_is_refused_by_name() throws IOException {
    TinyModel whole = TinyModel.gpt2();
    for (String name : List.copyOf(whole.tensors.keySet())) {
      TinyModel model = TinyModel.gpt2();
      model.tensors.remove(name);
      assertThatThrownBy(() -> ModelFiles.open(model.write(folder)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(folder.resolve("model.safetensors").toString())
          .hasMessageContaining(
              name.endsWith("wte.weight") ? "wte.weight" : "has no tensor \"" + name + "\"");
    }
    whole.add("transformer.h.1.attn.bias", 1, 1, 8, 8).add("transformer.h.1.attn.masked_bias");
    try (ModelFiles files = ModelFiles.open(whole.write(folder))) {
      assertGpt2(files, whole);
    }
    whole.add("transformer.h.2.ln_1.weight", 12).write(folder);
    assertThatThrownBy(() -> ModelFiles.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("\"transformer.h.2.ln_1.weight\" at byte");
  }

  @Test
  void a_wrong_shape_is_refused_with_both_shapes() throws IOException {
    TinyModel model = TinyModel.llama("llama");
    model.tensors.remove("model.norm.weight");
    model.add("model.norm.weight", 15).write(folder);
    assertThatThrownBy(() -> ModelFiles.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("\"model.norm.weight\" at byte")
        .hasMessageContaining(
            "has shape [15], expected [16] by the model's settings, as in config.json");
  }

  @Test
  void sizes_beyond_what_the_files_hold_allocate_nothing() throws IOException {
    for (String key :
        List.of(
            "num_hidden_layers",
            "hidden_size",
            "vocab_size",
            "intermediate_size",
            "num_attention_heads",
            "head_dim")) {
      TinyModel model = TinyModel.llama("llama").set(key, Integer.MAX_VALUE - 1);
      assertThatThrownBy(() -> ModelFiles.open(model.write(folder)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(folder.toString());
    }
    TinyModel model = TinyModel.gpt2().set("n_embd", Integer.MAX_VALUE).set("n_head", 1);
    assertThatThrownBy(() -> ModelFiles.open(model.write(folder)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void generation_config_replaces_the_begin_token_and_adds_end_tokens() throws IOException {
    TinyModel.llama("llama").write(folder);
    Files.writeString(
        folder.resolve("generation_config.json"), "{\"bos_token_id\":3,\"eos_token_id\":[4,99]}");
    try (ModelFiles files = ModelFiles.open(folder)) {
      assertThat(files.begin()).hasValue(3);
      assertThat(files.end()).containsExactly(2, 4);
    }
  }

  @Test
  void tokens_that_nobody_names_are_the_model_types_own() throws IOException {
    TinyModel model = TinyModel.llama("llama");
    model.config.remove("bos_token_id");
    model.config.remove("eos_token_id");
    try (ModelFiles files = ModelFiles.open(model.write(folder))) {
      assertThat(files.begin()).hasValue(1);
      assertThat(files.end()).containsExactly(2);
    }
    model.set("bos_token_id", null).set("eos_token_id", null).write(folder);
    try (ModelFiles files = ModelFiles.open(folder)) {
      assertThat(files.begin()).isEmpty();
      assertThat(files.end()).isEmpty();
    }
  }

  @Test
  void what_is_no_model_is_declined_with_a_reason() throws IOException {
    assertThat(ModelFiles.supports(folder).reason()).contains("no config.json and no .gguf");
    assertThat(ModelFiles.supports(folder.resolve("missing")).supported()).isFalse();
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"rwkv\"}");
    assertThat(ModelFiles.supports(folder).reason()).contains("no model.safetensors");
    Files.write(folder.resolve("model.safetensors"), new byte[0]);
    assertThat(ModelFiles.supports(folder).reason()).contains("rwkv").contains("qwen3");
    Files.writeString(folder.resolve("config.json"), "{");
    assertThat(ModelFiles.supports(folder).reason()).contains("malformed");
    assertThatThrownBy(() -> ModelFiles.open(folder)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ModelFiles.open(folder.resolve("missing")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void a_file_that_may_not_be_read_is_named_as_that() throws IOException {
    Path config = TinyModel.gpt2().write(folder).resolve("config.json");
    assumeTrue(
        config.toFile().setReadable(false) && !Files.isReadable(config),
        "this user may read every file");
    assertThat(ModelFiles.supports(folder).reason()).isEqualTo(config + " may not be read");
  }

  @Test
  void nothing_is_read_from_closed_files() throws IOException {
    ModelFiles files = ModelFiles.open(TinyModel.gpt2().write(folder));
    Matrix embedding = files.weights().embedding();
    files.close();
    assertThatThrownBy(() -> embedding.read(0, 1, new float[12]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }
}
