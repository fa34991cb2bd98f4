package io.fundamentallm.runtime.cpu.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.internal.gguf.GgufInput;
import io.fundamentallm.internal.gguf.GgufMetadata;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.runtime.cpu.format.TinyAdapter;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.format.Weights;
import io.fundamentallm.runtime.cpu.format.gguf.GgufFile;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.train.DigitTokenizer;
import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.channels.FileChannel;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufExportTest {
  private static final int[] TOKENS = {3, 1, 4, 1, 5, 9, 2, 6};

  @TempDir private Path folder;

  private record Named(String name, TinyModel model) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Named> models() {
    return Stream.of(
        new Named("gpt2", TinyModel.gpt2()),
        new Named("gpt_neox", TinyModel.gptNeoX()),
        new Named("llama", TinyModel.llama("llama")),
        new Named("mistral", TinyModel.llama("mistral")),
        new Named(
            "mistral with a window as long as its context",
            TinyModel.llama("mistral").set("sliding_window", 4096)),
        new Named("qwen2", TinyModel.llama("qwen2")),
        new Named("qwen3", TinyModel.llama("qwen3")),
        new Named(
            "linear scaling",
            TinyModel.llama("llama")
                .set("rope_scaling", Map.of("rope_type", "linear", "factor", 4.0))),
        new Named(
            "yarn scaling",
            TinyModel.llama("qwen2")
                .set(
                    "rope_scaling",
                    Map.of(
                        "rope_type",
                        "yarn",
                        "factor",
                        4.0,
                        "original_max_position_embeddings",
                        8))));
  }

  private static float[][] logits(Path model, Map<String, String> options) throws IOException {
    try (LanguageModel runtime = new CpuRuntimeProvider().load(model, Options.of("cpu", options));
        Session session = runtime.open()) {
      float[][] logits = new float[TOKENS.length][runtime.info().vocabularySize()];
      session.append(TOKENS, logits);
      return logits;
    }
  }

  private Path directory(TinyModel model) throws IOException {
    return model.write(Files.createDirectories(folder.resolve("model")));
  }

  @ParameterizedTest
  @MethodSource("models")
  void floats_come_back_to_the_bit(Named named) throws IOException {
    Path model = directory(named.model);
    Path file = folder.resolve("out/model.gguf");
    GgufExport.write(model, new ElevenTokens(), GgufWeights.F32, file);
    assertThat(logits(file, Map.of())).isDeepEqualTo(logits(model, Map.of()));
    // and once more, from the file itself
    Path again = folder.resolve("again.gguf");
    GgufExport.write(file, new ElevenTokens(), GgufWeights.F32, again);
    assertThat(logits(again, Map.of())).isDeepEqualTo(logits(model, Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt_oss", "mixtral"})
  void experts_come_back_to_the_bit(String type) throws IOException {
    // the usual scaling of gpt-oss has bounds that llama.cpp would round
    Path model = directory(TinyModel.experts(type).set("rope_scaling", null));
    Path file = folder.resolve("model.gguf");
    GgufExport.write(model, new ElevenTokens(), GgufWeights.F32, file);
    Map<String, String> exact = Map.of("weights", "f32");
    assertThat(logits(file, exact)).isDeepEqualTo(logits(model, exact));
    // E2M1 and a power of two are no more than BF16 holds
    GgufExport.write(model, new ElevenTokens(), GgufWeights.BF16, file);
    try (TensorFiles files = GgufFile.open(file).tensors();
        ModelFiles directory = ModelFiles.open(model)) {
      Matrix down = directory.weights().layer(1).feedForward().experts().get(2).down().matrix();
      float[] expected = new float[down.rows() * down.columns()];
      down.read(0, down.rows(), expected);
      float[] all = values(files, "blk.1.ffn_down_exps.weight");
      assertThat(Arrays.copyOfRange(all, 2 * expected.length, all.length)).isEqualTo(expected);
    }
  }

  @Test
  void llama_3s_frequencies_are_a_tensor() throws IOException {
    Path model =
        directory(
            TinyModel.llama("llama")
                .set(
                    "rope_scaling",
                    Map.of(
                        "rope_type", "llama3",
                        "factor", 8.0,
                        "low_freq_factor", 1.0,
                        "high_freq_factor", 4.0,
                        "original_max_position_embeddings", 16)));
    Path file = folder.resolve("model.gguf");
    GgufExport.write(model, new ElevenTokens(), GgufWeights.F32, file);
    assertClose(logits(file, Map.of()), logits(model, Map.of()), 1e-4);
  }

  @Test
  void sixteen_bits_keep_vectors_whole() throws IOException {
    TinyModel tiny = TinyModel.llama("llama");
    Path model = directory(tiny);
    Path file = folder.resolve("model.gguf");
    for (GgufWeights weights : List.of(GgufWeights.F16, GgufWeights.BF16)) {
      GgufExport.write(model, new ElevenTokens(), weights, file);
      double step = weights == GgufWeights.F16 ? 0x1p-11 : 0x1p-8;
      try (TensorFiles files = GgufFile.open(file).tensors()) {
        assertThat(values(files, "output_norm.weight"))
            .containsExactly(tiny.tensor("model.norm.weight").values());
        float[] exact = tiny.tensor("model.layers.1.mlp.up_proj.weight").values();
        float[] rounded = values(files, "blk.1.ffn_up.weight");
        for (int i = 0; i < exact.length; i++) {
          assertThat((double) Math.abs(rounded[i] - exact[i]))
              .isLessThanOrEqualTo(step * Math.abs(exact[i]));
        }
      }
    }
  }

  private static float[] values(TensorFiles files, String name) throws IOException {
    return files.tensor(name).read();
  }

  @Test
  void the_mixture_is_that_of_llama_cpp() throws IOException {
    Path model = directory(calm(TinyModel.llama("llama", 256, 4, 2, 64, 512)));
    Path file = folder.resolve("model.gguf");
    GgufExport.write(model, new ElevenTokens(), GgufWeights.Q4_K_M, file);
    // of two layers both are in no first eighth, but the second is in the last
    assertThat(types(file))
        .containsEntry("token_embd.weight", "Q4_K")
        .containsEntry("output.weight", "Q6_K")
        .containsEntry("blk.0.attn_q.weight", "Q4_K")
        .containsEntry("blk.0.attn_v.weight", "Q4_K")
        .containsEntry("blk.1.attn_v.weight", "Q6_K")
        .containsEntry("blk.0.ffn_down.weight", "Q4_K")
        .containsEntry("blk.1.ffn_down.weight", "Q6_K")
        .containsEntry("blk.1.attn_norm.weight", "F32");
    assertThat(relativeError(file, model)).isLessThan(0.2);
    GgufExport.write(model, new ElevenTokens(), GgufWeights.Q6_K, file);
    assertThat(types(file)).containsEntry("blk.0.ffn_down.weight", "Q6_K");
    assertThat(relativeError(file, model)).isLessThan(0.05);
    GgufExport.write(model, new ElevenTokens(), GgufWeights.Q8_0, file);
    assertThat(types(file)).containsEntry("output.weight", "Q8_0");
    assertThat(relativeError(file, model)).isLessThan(0.02);
    GgufExport.write(model, new ElevenTokens(), GgufWeights.Q4_0, file);
    assertThat(types(file)).containsEntry("output.weight", "Q6_K");
    assertThat(relativeError(file, model)).isLessThan(0.3);
  }

  @Test
  void rows_that_are_no_whole_blocks_get_another_type() throws IOException {
    Path file = folder.resolve("model.gguf");
    Path model = directory(calm(TinyModel.llama("llama", 64, 4, 2, 16, 48)));
    GgufExport.write(model, new ElevenTokens(), GgufWeights.Q4_K_M, file);
    assertThat(types(file))
        .containsEntry("blk.0.ffn_up.weight", "Q5_0")
        .containsEntry("blk.0.ffn_down.weight", "F16")
        .containsEntry("output.weight", "Q8_0");
    assertThat(relativeError(file, model)).isLessThan(0.2);
  }

  /** With weights so small that rounding them does not turn attention to other tokens. */
  private static TinyModel calm(TinyModel model) {
    for (Weights weights : model.tensors.values()) {
      for (int i = 0; weights.shape().length > 1 && i < weights.values().length; i++) {
        weights.values()[i] *= 0.03f;
      }
    }
    return model;
  }

  /** The types of all tensors, read here from the file's own list. */
  private static Map<String, String> types(Path file) throws IOException {
    Map<Integer, String> names =
        Map.of(0, "F32", 1, "F16", 2, "Q4_0", 6, "Q5_0", 8, "Q8_0", 12, "Q4_K", 14, "Q6_K");
    Map<String, String> types = new TreeMap<>();
    try (FileChannel channel = FileChannel.open(file)) {
      GgufInput in = new GgufInput(file, channel);
      long tensors = GgufMetadata.header(in).tensors();
      assertThat(GgufMetadata.keys(in, key -> false, 0, 0)).isEmpty();
      for (long i = 0; i < tensors; i++) {
        String name = in.string(64);
        in.skip(8L * in.int32());
        types.put(name, names.get(in.int32()));
        in.skip(8);
      }
    }
    return types;
  }

  private static double relativeError(Path file, Path model) throws IOException {
    float[][] expected = logits(model, Map.of());
    float[][] actual = logits(file, Map.of("weights", "f32"));
    double error = 0;
    double size = 0;
    for (int t = 0; t < expected.length; t++) {
      for (int i = 0; i < expected[t].length; i++) {
        error += Math.pow(actual[t][i] - expected[t][i], 2);
        size += Math.pow(expected[t][i], 2);
      }
    }
    return Math.sqrt(error / size);
  }

  private static void assertClose(float[][] actual, float[][] expected, double most) {
    for (int t = 0; t < expected.length; t++) {
      for (int i = 0; i < expected[t].length; i++) {
        assertThat((double) Math.abs(actual[t][i] - expected[t][i])).isLessThan(most);
      }
    }
  }

  @Test
  void what_llama_cpp_does_not_run_is_refused() throws IOException {
    Path file = Files.writeString(folder.resolve("model.gguf"), "old");
    Path model =
        directory(
            TinyModel.llama("llama")
                .set("rope_scaling", Map.of("rope_type", "dynamic", "factor", 2.0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GgufExport.write(model, new ElevenTokens(), GgufWeights.F32, file))
        .withMessageContaining("does not run llama models with dynamic NTK");
    assertThat(file).hasContent("old");
  }

  @Test
  void a_name_by_which_it_would_not_be_known_is_refused() throws IOException {
    Path model = directory(TinyModel.llama("llama"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                GgufExport.write(
                    model, new ElevenTokens(), GgufWeights.F32, folder.resolve("out.bin")))
        .withMessageContaining("out.bin: expected a name that ends in .gguf");
    assertThat(folder.resolve("out.bin")).doesNotExist();
  }

  @Test
  void weights_that_a_form_cannot_hold_are_refused() throws IOException {
    TinyModel tiny = TinyModel.llama("llama", 32, 4, 2, 8, 32);
    tiny.tensor("model.layers.0.mlp.up_proj.weight").values()[5] = 70_000;
    Path model = directory(tiny);
    Path file = Files.writeString(folder.resolve("model.gguf"), "old");
    assertThatIOException()
        .isThrownBy(() -> GgufExport.write(model, new ElevenTokens(), GgufWeights.F16, file))
        .withMessageContaining("blk.0.ffn_up.weight")
        .withMessageContaining("70000.0 is beyond F16");
    tiny.tensor("model.layers.0.mlp.up_proj.weight").values()[5] = Float.NaN;
    tiny.write(model);
    assertThatIOException()
        .isThrownBy(() -> GgufExport.write(model, new ElevenTokens(), GgufWeights.Q4_0, file))
        .withMessageContaining("not finite");
    assertThat(file).hasContent("old");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void an_adapter_is_added_or_written_alone() throws IOException {
    String query = "model.layers.1.self_attn.q_proj";
    TinyAdapter tiny =
        new TinyAdapter()
            .set("rank_pattern", Map.of("up_proj", 4))
            .add(query, 2, 24, 16)
            .add("model.layers.0.mlp.up_proj", 4, 20, 16);
    Path adapter = tiny.write(folder.resolve("adapter"));
    Path model = directory(TinyModel.llama("llama"));
    Path file = folder.resolve("model.gguf");
    GgufExport.write(model, adapter, new ElevenTokens(), GgufWeights.F32, file);
    Map<String, String> with = Map.of("adapter", adapter.toString());
    assertThat(logits(file, Map.of())).isDeepEqualTo(logits(model, with));

    Path alone = folder.resolve("adapter.gguf");
    GgufExport.writeAdapter(model, adapter, alone);
    try (TensorFiles files = GgufFile.open(alone).tensors()) {
      assertThat(files.tensors()).hasSize(4);
      assertThat(values(files, "blk.0.ffn_up.weight.lora_a"))
          .containsExactly(tiny.factor("model.layers.0.mlp.up_proj", "A").values());
      assertThat(values(files, "blk.0.ffn_up.weight.lora_b"))
          .containsExactly(tiny.factor("model.layers.0.mlp.up_proj", "B").values());
      // four heads of six channels; the file's second row is the first that the first rotates with
      float[] stored = values(files, "blk.1.attn_q.weight.lora_b");
      float[] own = tiny.factor(query, "B").values();
      assertThat(Arrays.copyOfRange(stored, 2, 4)).containsExactly(own[6], own[7]);
      assertThat(Arrays.copyOfRange(stored, 4, 6)).containsExactly(own[2], own[3]);
    }
  }

  @Test
  void a_tokenizer_of_a_smaller_model_is_refused() throws IOException {
    TinyModel large = TinyModel.llama("llama").set("vocab_size", 300);
    large.add("model.embed_tokens.weight", 300, 16).add("lm_head.weight", 300, 16);
    Path model = directory(large);
    Path file = folder.resolve("model.gguf");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GgufExport.write(model, new ElevenTokens(), GgufWeights.F32, file))
        .withMessageContaining("only 11 ids but the model 300 logits");
    assertThat(file).doesNotExist();
  }

  @Test
  void tokens_that_end_a_text_are_the_models() throws IOException {
    Path model = directory(TinyModel.llama("llama").set("eos_token_id", List.of(2, 4, 7)));
    Path file = folder.resolve("model.gguf");
    GgufExport.write(model, new ElevenTokens(), GgufWeights.F32, file);
    try (LanguageModel runtime = new CpuRuntimeProvider().load(file, Options.of("cpu", Map.of()))) {
      assertThat(runtime.info().endTokens()).containsExactly(2, 4, 7);
      assertThat(runtime.info().beginToken()).hasValue(1);
    }
  }

  @Test
  void a_tokenizer_without_such_a_form_says_so() throws IOException {
    Path model = directory(TinyModel.llama("llama"));
    Tokenizer plain = new DigitTokenizer();
    assertThatThrownBy(
            () -> GgufExport.write(model, plain, GgufWeights.F32, folder.resolve("a.gguf")))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("DigitTokenizer");
  }
}
