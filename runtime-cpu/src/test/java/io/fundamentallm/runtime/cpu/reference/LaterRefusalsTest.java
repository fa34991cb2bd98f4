package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.runtime.cpu.gguf.GgufExport;
import io.fundamentallm.runtime.cpu.gguf.GgufWeights;
import io.fundamentallm.runtime.cpu.train.DigitTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the families that came after Llama cannot meet is refused, with file and key or tensor. */
class LaterRefusalsTest {
  @TempDir Path directory;

  static Stream<Arguments> settings() {
    Map<String, Object> few =
        Scalings.scaling(
            "longrope", "short_factor", List.of(1.0), "long_factor", List.of(1, 1, 1, 1, 1, 1));
    Map<String, Object> zero =
        Scalings.scaling("longrope", "short_factor", List.of(1, 1, 0, 1, 1, 1));
    return Stream.of(
        Arguments.of(RandomModel.mixtral(), "num_local_experts", 2_147_483_647, "experts.5.w1"),
        Arguments.of(RandomModel.mixtral(), "num_local_experts", 1L << 31, "a whole number"),
        Arguments.of(RandomModel.mixtral(), "num_local_experts", 0, "expected at least 1"),
        Arguments.of(RandomModel.mixtral(), "num_experts_per_tok", 6, "at most the 5"),
        Arguments.of(RandomModel.qwen3Moe(), "mlp_only_layers", List.of(1), "mlp.down_proj"),
        Arguments.of(RandomModel.qwen3Moe(), "mlp_only_layers", List.of(0.5), "a whole number"),
        Arguments.of(RandomModel.mixtral(), "mlp_only_layers", List.of(1), "expected none"),
        Arguments.of(RandomModel.qwen3Moe(), "decoder_sparse_step", 2, "mlp.down_proj"),
        Arguments.of(RandomModel.qwen3Moe(), "decoder_sparse_step", 0, "at least 1"),
        Arguments.of(RandomModel.qwen3Moe(), "use_sliding_window", true, "expected false"),
        Arguments.of(RandomModel.qwen2Moe(), "moe_intermediate_size", 25, "has shape"),
        Arguments.of(RandomModel.gemma2(), "use_bidirectional_attention", true, "expected false"),
        Arguments.of(RandomModel.gemma2(), "attn_logit_softcapping", -1.0, "soft cap"),
        Arguments.of(RandomModel.gemma2(), "query_pre_attn_scalar", 0, "attention scale"),
        Arguments.of(RandomModel.gemma2(), "sliding_window_pattern", 0, "at least 1"),
        Arguments.of(RandomModel.gemma3(), "rope_local_base_freq", -1.0, "rope_theta"),
        Arguments.of(RandomModel.granite(), "logits_scaling", 0.0, "logit scale"),
        Arguments.of(RandomModel.granite(), "residual_multiplier", -1.0, "residual scale"),
        Arguments.of(RandomModel.granite(), "sliding_window", 8, "expected none"),
        Arguments.of(RandomModel.smollm3(), "no_rope_layers", List.of(1, 0), "expected 4"),
        Arguments.of(RandomModel.smollm3(), "no_rope_layer_interval", 0, "at least 1"),
        Arguments.of(RandomModel.olmo2(), "partial_rotary_factor", 0.5, "expected 1"),
        Arguments.of(RandomModel.phi3(), "rope_scaling", few, "of length 1, expected 6"),
        Arguments.of(RandomModel.phi3(), "rope_scaling", zero, "by 0.0, expected above 0"));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void settings_are_refused_by_name(RandomModel model, String key, Object value, String message)
      throws IOException {
    HuggingFaceFiles.write(model.build().with(key, value), Precision.F32, directory);
    assertThatThrownBy(() -> ModelFiles.open(directory).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining(message);
  }

  @Test
  void llama_cpp_has_experts_in_all_layers_or_none() throws IOException {
    RandomModel model = RandomModel.qwen3Moe().set("mlp_only_layers", List.of(1));
    HuggingFaceFiles.write(model.build(), Precision.F32, directory);
    Path file = directory.resolve("model.gguf");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GgufExport.write(directory, new DigitTokenizer(), GgufWeights.F32, file))
        .withMessageContaining("does not run qwen3moe models with layers without experts");
  }

  static Stream<Arguments> leftOut() {
    String window = "a sliding window of 24 tokens, but lets every token see all before it";
    return Stream.of(
        Arguments.of("llama", RandomModel.mistral().set("sliding_window", 24), window),
        Arguments.of("llama", RandomModel.mixtral().set("sliding_window", 24), window),
        Arguments.of("phi3", RandomModel.phi3().set("sliding_window", 24), window),
        Arguments.of("starcoder2", RandomModel.starcoder2().set("sliding_window", 24), window),
        Arguments.of("qwen2", windows(RandomModel.qwen2()), window),
        Arguments.of("qwen3", windows(RandomModel.qwen3()), window),
        Arguments.of("smollm3", windows(RandomModel.smollm3()), window),
        Arguments.of(
            "gemma2",
            RandomModel.gemma2().set("attn_logit_softcapping", null),
            "no \"attn_logit_softcapping\""),
        Arguments.of(
            "gemma2",
            RandomModel.gemma2().set("final_logit_softcapping", null),
            "no \"final_logit_softcapping\""),
        Arguments.of(
            "gemma3",
            RandomModel.gemma3().set("attn_logit_softcapping", 50.0),
            "with \"attn_logit_softcapping\""));
  }

  private static RandomModel windows(RandomModel model) {
    return model
        .set("use_sliding_window", true)
        .set("sliding_window", 24)
        .set("max_window_layers", 1);
  }

  @ParameterizedTest
  @MethodSource("leftOut")
  void what_llama_cpp_would_leave_out_is_refused(String name, RandomModel model, String what)
      throws IOException {
    HuggingFaceFiles.write(model.build(), Precision.F32, directory);
    Path file = directory.resolve("model.gguf");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GgufExport.write(directory, new DigitTokenizer(), GgufWeights.F32, file))
        .withMessageContaining("llama.cpp does not run " + name + " models with ")
        .withMessageContaining(what);
    assertThat(file).doesNotExist();
  }

  @Test
  void a_window_as_long_as_the_context_is_none() throws IOException {
    RandomModel model = RandomModel.mistral().set("sliding_window", 160);
    HuggingFaceFiles.write(model.build(), Precision.F32, directory);
    Path file = directory.resolve("model.gguf");
    assertThatThrownBy(
            () -> GgufExport.write(directory, new DigitTokenizer(), GgufWeights.F32, file))
        .isInstanceOf(UnsupportedOperationException.class) // of the tokenizer, which comes later
        .hasMessageContaining("DigitTokenizer");
  }

  static Stream<Arguments> keys() {
    return Stream.of(
        Arguments.of(RandomModel.mixtral(), "llama.expert_count", 1 << 30, "has shape"),
        Arguments.of(RandomModel.mixtral(), "llama.expert_used_count", 9, "at most the 5"),
        Arguments.of(RandomModel.gemma3(), "gemma3.final_logit_softcapping", 1, ""),
        Arguments.of(RandomModel.olmo2(), "olmo2.attention.sliding_window", 8, "expected none"),
        Arguments.of(RandomModel.granite(), "granite.expert_count", 4, "does not implement"),
        Arguments.of(RandomModel.starcoder2(), "starcoder2.new_trick", 1, "a setting that"));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void keys_are_refused_by_name(RandomModel model, String key, int value, String message)
      throws IOException {
    Path file = directory.resolve("model.gguf");
    GgufConversion.convert(model.build(), Precision.F32).again(key, value).write(file);
    if (message.isEmpty()) {
      ModelFiles.open(file).close();
      return;
    }
    assertThatThrownBy(() -> ModelFiles.open(file).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "language_model.model., language_model.lm_head.weight, vision_tower.patch.weight",
    "model.language_model., lm_head.weight, model.vision_tower.patch.weight"
  })
  void the_text_part_of_gemma3_is_found_among_other_weights(
      String module, String head, String other) throws IOException {
    HuggingFaceModel text = RandomModel.gemma3().headTwice().build();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    text.tensors()
        .forEach(
            (name, tensor) ->
                tensors.put(
                    name.startsWith("model.") ? name.replaceFirst("model\\.", module) : head,
                    tensor));
    tensors.put(other, new Tensor(new int[] {2, 2}, new float[4]));
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "gemma3");
    config.put("text_config", text.config());
    HuggingFaceFiles.write(new HuggingFaceModel(config, tensors), Precision.F32, directory);
    Path alone = directory.resolve("text");
    HuggingFaceFiles.write(text, Precision.F32, alone);
    try (ModelFiles files = ModelFiles.open(directory);
        ModelFiles expected = ModelFiles.open(alone)) {
      assertThat(files.config().positions()).isEqualTo(expected.config().positions());
      assertThat(files.parameters()).isEqualTo(expected.parameters());
    }
    // a weight that is none of either module
    tensors.put(
        module + "layers.0.self_attn.trick.weight", new Tensor(new int[] {1}, new float[1]));
    HuggingFaceFiles.write(new HuggingFaceModel(config, tensors), Precision.F32, directory);
    assertThatThrownBy(() -> ModelFiles.open(directory).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("trick");
  }
}
