package io.fundamentallm.runtime.cpu.format.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.JsonText;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.tensor.MappedFile;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HuggingFaceConfigTest {
  @TempDir private Path folder;

  /** Reads a configuration beside as many tensors as could be. */
  private ModelSpec read(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), json);
    Map<String, Tensor> many = new TreeMap<>();
    try (MappedFile mapped = MappedFile.open(file)) {
      for (int i = 0; i < 100; i++) {
        many.put("t" + i, new Tensor(mapped, "t" + i, "F32", new long[] {1}, 0, 4));
      }
      return HuggingFaceConfig.read(
          JsonObject.read(file), new TensorFiles(file, List.of(mapped), many));
    }
  }

  private ModelSpec read(TinyModel model) throws IOException {
    return read(JsonText.of(model.config));
  }

  private static TinyModel model(String type) {
    return switch (type) {
      case "gpt2" -> TinyModel.gpt2();
      case "gpt_neox" -> TinyModel.gptNeoX();
      default -> TinyModel.llama(type);
    };
  }

  @Test
  void what_is_missing_has_the_default_of_the_model_type() throws IOException {
    TransformerConfig gpt2 = read("{\"model_type\":\"gpt2\"}").config();
    assertThat(List.of(gpt2.vocabularySize(), gpt2.contextLength(), gpt2.hiddenSize()))
        .containsExactly(50_257, 1024, 768);
    assertThat(List.of(gpt2.layers(), gpt2.heads(), gpt2.innerSize()))
        .containsExactly(12, 12, 3072);
    assertThat(read("{\"model_type\":\"gpt2\"}").architecture().tied()).isTrue();

    TransformerConfig neox = read("{\"model_type\":\"gpt_neox\"}").config();
    assertThat(neox.layers()).isEqualTo(44);
    assertThat(neox.headSize()).isEqualTo(96);
    assertThat(neox.positions().get(0).rotary().dimensions()).isEqualTo(24);
    assertThat(neox.norms().epsilon()).isEqualTo(1e-5f);

    TransformerConfig llama = read("{\"model_type\":\"llama\"}").config();
    assertThat(List.of(llama.vocabularySize(), llama.contextLength(), llama.innerSize()))
        .containsExactly(32_000, 2048, 11_008);
    assertThat(llama.keyValueHeads()).isEqualTo(32);
    assertThat(llama.headSize()).isEqualTo(128);
    assertThat(read("{\"model_type\":\"llama\"}").architecture().tied()).isFalse();

    TransformerConfig mistral = read("{\"model_type\":\"mistral\"}").config();
    assertThat(List.of(mistral.contextLength(), mistral.innerSize(), mistral.keyValueHeads()))
        .containsExactly(131_072, 14_336, 8);
    assertThat(mistral.positions())
        .extracting(TransformerConfig.Positions::window)
        .containsOnly(4096);

    TransformerConfig qwen2 = read("{\"model_type\":\"qwen2\"}").config();
    assertThat(List.of(qwen2.vocabularySize(), qwen2.contextLength(), qwen2.innerSize()))
        .containsExactly(151_936, 32_768, 22_016);
    assertThat(read("{\"model_type\":\"qwen3\",\"hidden_size\":1024}").config().headSize())
        .isEqualTo(128);
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2, n_ctx, 1024",
    "gpt2, max_position_embeddings, 9",
    "gpt_neox, n_positions, 2048",
    "llama, n_positions, 2048",
    "mistral, max_seq_len, 131072",
    "qwen2, seq_length, 32768",
    "qwen3, max_position_embeddings, 9"
  })
  void a_family_has_its_own_names_for_the_context_length(String type, String key, int expected)
      throws IOException {
    String json = "{\"model_type\":\"%s\",\"%s\":9}";
    assertThat(read(json.formatted(type, key)).config().contextLength()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "gelu, GELU",
    "gelu_new, GELU_TANH",
    "gelu_fast, GELU_TANH",
    "gelu_pytorch_tanh, GELU_TANH",
    "silu, SILU",
    "swish, SILU",
    "relu, RELU"
  })
  void activations_have_hugging_faces_names(String name, Activation activation) throws IOException {
    assertThat(
            read(TinyModel.llama("llama").set("hidden_act", name))
                .config()
                .feedForward()
                .activation())
        .isEqualTo(activation);
    assertThat(
            read(TinyModel.gpt2().set("activation_function", name))
                .config()
                .feedForward()
                .activation())
        .isEqualTo(activation);
  }

  @Test
  void settings_are_honoured() throws IOException {
    assertThat(read(TinyModel.gpt2().set("n_inner", 7)).config().innerSize()).isEqualTo(7);
    assertThat(read(TinyModel.gpt2().set("layer_norm_epsilon", 0.25)).config().norms().epsilon())
        .isEqualTo(0.25f);
    assertThat(read(TinyModel.gpt2().set("tie_word_embeddings", false)).architecture().tied())
        .isFalse();
    TinyModel neox = TinyModel.gptNeoX().set("use_parallel_residual", false);
    assertThat(read(neox).config().norms().parallel()).isFalse();
    assertThat(read(neox.set("rotary_pct", 0.5)).config().positions().get(0).rotary().dimensions())
        .isEqualTo(4);
    assertThat(read(neox.set("rotary_emb_base", 500)).config().positions().get(0).rotary().theta())
        .isEqualTo(500);
    assertThat(read(neox.set("attention_bias", false)).architecture().biases().queryKeyValue())
        .isEqualTo(Architecture.Bias.ABSENT);
    TinyModel llama = TinyModel.llama("llama").set("num_key_value_heads", null);
    assertThat(read(llama).config().keyValueHeads()).isEqualTo(4);
    assertThat(read(llama.set("head_dim", null)).config().headSize()).isEqualTo(4);
    assertThat(read(llama.set("rms_norm_eps", 0.5)).config().norms().epsilon()).isEqualTo(0.5f);
    assertThat(read(TinyModel.llama("qwen3").set("attention_bias", true)).architecture().biases())
        .extracting(Architecture.Biases::attentionOut)
        .isEqualTo(Architecture.Bias.REQUIRED);
  }

  @Test
  void windows_slide_where_the_model_type_says() throws IOException {
    assertThat(read(TinyModel.llama("mistral").set("sliding_window", 7)).config().positions())
        .extracting(TransformerConfig.Positions::window)
        .containsExactly(7, 7);
    assertThat(read(TinyModel.llama("mistral").set("sliding_window", null)).config().positions())
        .extracting(TransformerConfig.Positions::window)
        .containsExactly(0, 0);
    TinyModel qwen = TinyModel.llama("qwen2").set("sliding_window", 7);
    assertThat(read(qwen.set("max_window_layers", 1)).config().positions())
        .extracting(TransformerConfig.Positions::window)
        .containsExactly(0, 0);
    assertThat(read(qwen.set("use_sliding_window", true)).config().positions())
        .extracting(TransformerConfig.Positions::window)
        .containsExactly(0, 7);
    assertThat(read(qwen.set("max_window_layers", 0)).config().positions())
        .extracting(TransformerConfig.Positions::window)
        .containsExactly(7, 7);
    assertThat(
            read(qwen.set("layer_types", List.of("sliding_attention", "full_attention")))
                .config()
                .positions())
        .extracting(TransformerConfig.Positions::window)
        .containsExactly(7, 0);
    assertThat(read(TinyModel.llama("qwen3").set("use_sliding_window", true)).config().positions())
        .extracting(TransformerConfig.Positions::window)
        .containsExactly(0, 0); // from layer 28 on, 4096
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("gpt2", "scale_attn_weights", false, "expected true"),
        Arguments.of("gpt2", "scale_attn_by_inverse_layer_idx", true, "expected false"),
        Arguments.of("gpt2", "add_cross_attention", true, "expected false"),
        Arguments.of("gpt2", "activation_function", "quick_gelu", "gelu_pytorch_tanh, relu"),
        Arguments.of("gpt2", "n_embd", 13, "13 channels are not a multiple of 3"),
        Arguments.of("gpt2", "n_embd", "six", "expected a whole number"),
        Arguments.of("gpt2", "n_embd", 2_147_483_646, ""),
        Arguments.of("gpt2", "n_layer", 0, "expected at least 1"),
        Arguments.of("gpt2", "n_layer", 2_000_000_000, "too few for the 2000000000 layers"),
        Arguments.of("gpt2", "n_inner", -1, "expected at least 1"),
        Arguments.of("gpt2", "layer_norm_epsilon", 2, "normEpsilon"),
        Arguments.of("gpt2", "tie_word_embeddings", "yes", "expected true or false"),
        Arguments.of("gpt2", "quantization_config", Map.of("bits", 4), "expected none"),
        Arguments.of("gpt2", "model_type", "rwkv", "llama, mistral, mixtral, olmo2, phi3, qwen2"),
        Arguments.of("gpt_neox", "rotary_pct", 0.1, "rotary dimensions"),
        Arguments.of("gpt_neox", "rotary_pct", 2, "rotary dimensions"),
        Arguments.of("gpt_neox", "rotary_emb_base", 0, "rope_theta"),
        Arguments.of("llama", "partial_rotary_factor", 0.34, "makes 2 of 6 channels turn"),
        Arguments.of(
            "llama", "num_key_value_heads", 3, "no multiple of the 3 heads of keys and values"),
        Arguments.of("llama", "head_dim", 7, "rotary dimensions must be even"),
        Arguments.of("llama", "sliding_window", 5, "expected none"),
        Arguments.of("llama", "layer_types", List.of("full_attention"), "expected 2"),
        Arguments.of(
            "llama",
            "layer_types",
            List.of("full_attention", "sliding_attention"),
            "expected full_attention in all"),
        Arguments.of(
            "mistral",
            "layer_types",
            List.of("full_attention", "sliding_attention"),
            "expected sliding_attention in all"),
        Arguments.of(
            "qwen2",
            "layer_types",
            List.of("full_attention", "sliding_attention"),
            "use_sliding_window"),
        Arguments.of(
            "qwen3",
            "layer_types",
            List.of("full_attention", "chunked_attention"),
            "chunked_attention"),
        Arguments.of("qwen3", "layer_types", 3, "expected a list of texts"),
        Arguments.of("mistral", "sliding_window", 0, "expected at least 1"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void what_cannot_be_met_is_refused_by_name(
      String type, String key, Object value, String message) {
    TinyModel model = model(type).set(key, value);
    assertThatThrownBy(() -> read(model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.resolve("config.json").toString())
        .hasMessageContaining(message);
  }

  @Test
  void a_file_cut_short_anywhere_names_file_and_place() throws IOException {
    String whole =
        JsonText.of(TinyModel.llama("llama").set("x", Arrays.asList(1, null, true)).config);
    for (int length = 0; length < whole.length(); length++) {
      String some = whole.substring(0, length);
      assertThatThrownBy(() -> read(some))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(folder.resolve("config.json").toString())
          .hasMessageContaining("byte");
    }
    assertThatThrownBy(() -> read(whole + "{}")).hasMessageContaining("expected the end");
    assertThatThrownBy(() -> read("{\"a\":1,\"a\":2}")).hasMessageContaining("no second");
    assertThatThrownBy(() -> read("[".repeat(5000))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> read("{\"vocab_size\":1e999999999,\"model_type\":\"gpt2\"}"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> read("{\"n_embd\":1e-999999999,\"model_type\":\"gpt2\"}"))
        .isInstanceOf(IOException.class);
  }
}
