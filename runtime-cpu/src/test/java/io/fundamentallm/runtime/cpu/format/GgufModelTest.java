package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.Matrix.Format;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Layer;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufModelTest {
  @TempDir private Path folder;

  private Path write(GgufBytes gguf) throws IOException {
    return Files.write(folder.resolve("model.gguf"), gguf.bytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "qwen3"})
  void the_llama_family_reads_as_from_hugging_faces_files(String type) throws IOException {
    TinyModel model = TinyModel.llama(type);
    if (type.equals("llama")) {
      model.set("attention_bias", true);
      for (int i = 0; i < 2; i++) {
        String h = "model.layers." + i + ".self_attn.";
        model.add(h + "q_proj.bias", 24).add(h + "k_proj.bias", 12).add(h + "v_proj.bias", 12);
        model.add(h + "o_proj.bias", 16);
      }
    }
    Path directory = Files.createDirectory(folder.resolve("hf"));
    try (ModelFiles expected = ModelFiles.open(model.write(directory));
        ModelFiles actual = ModelFiles.open(write(GgufModels.llama(model)))) {
      assertThat(actual.config()).isEqualTo(expected.config());
      assertThat(actual.begin()).hasValue(1);
      assertThat(actual.end()).containsExactly(2);
      assertThat(actual.parameters()).isEqualTo(expected.parameters());
      assertSame(actual.weights(), expected.weights());
      assertThat(ModelFiles.supports(folder).supported()).isTrue();
      assertThat(ModelFiles.supports(folder.resolve("model.gguf")).supported()).isTrue();
    }
    try (ModelFiles found = ModelFiles.open(folder)) {
      assertThat(found.config().architecture()).isEqualTo(type);
    }
  }

  @Test
  void gpt2_reads_as_from_hugging_faces_files() throws IOException {
    TinyModel model = TinyModel.gpt2();
    Path directory = Files.createDirectory(folder.resolve("hf"));
    try (ModelFiles expected = ModelFiles.open(model.write(directory));
        ModelFiles actual = ModelFiles.open(write(GgufModels.gpt2(model)))) {
      assertThat(actual.config()).isEqualTo(expected.config());
      assertSame(actual.weights(), expected.weights());
      assertThat(actual.weights().head().matrix()).isSameAs(actual.weights().embedding());
    }
  }

  @Test
  void gpt_neox_reads_as_from_hugging_faces_files() throws IOException {
    TinyModel model = TinyModel.gptNeoX();
    Path directory = Files.createDirectory(folder.resolve("hf"));
    try (ModelFiles expected = ModelFiles.open(model.write(directory));
        ModelFiles actual = ModelFiles.open(write(GgufModels.gptNeoX(model)))) {
      assertThat(actual.config()).isEqualTo(expected.config());
      assertThat(actual.config().feedForward().activation()).isEqualTo(Activation.GELU);
      assertSame(actual.weights(), expected.weights());
    }
  }

  private static void assertSame(ModelWeights actual, ModelWeights expected) throws IOException {
    assertSame(actual.embedding(), expected.embedding());
    assertSame(actual.head().matrix(), expected.head().matrix());
    Matrix positions = expected.positions();
    if (positions == null) {
      assertThat(actual.positions()).isNull();
    } else {
      assertSame(actual.positions(), positions);
    }
    assertThat(actual.finalNorm()).usingRecursiveComparison().isEqualTo(expected.finalNorm());
    for (int i = 0; i < 2; i++) {
      Layer a = actual.layer(i);
      Layer e = expected.layer(i);
      assertThat(a.norm1()).usingRecursiveComparison().isEqualTo(e.norm1());
      assertThat(a.norm2()).usingRecursiveComparison().isEqualTo(e.norm2());
      assertThat(a.queryNorm()).isEqualTo(e.queryNorm());
      assertThat(a.keyNorm()).isEqualTo(e.keyNorm());
      assertSame(a.queryKeyValue(), e.queryKeyValue());
      assertSame(a.attentionOut(), e.attentionOut());
      assertThat(a.gate() == null).isEqualTo(e.gate() == null);
      if (e.gate() != null) {
        assertSame(a.gate(), e.gate());
      }
      assertSame(a.up(), e.up());
      assertSame(a.down(), e.down());
    }
  }

  private static void assertSame(ModelWeights.Linear actual, ModelWeights.Linear expected)
      throws IOException {
    assertThat(actual.bias()).isEqualTo(expected.bias());
    assertSame(actual.matrix(), expected.matrix());
  }

  private static void assertSame(Matrix actual, Matrix expected) throws IOException {
    assertThat(MatrixReading.all(actual)).isDeepEqualTo(MatrixReading.all(expected));
  }

  /** A llama whose rows are whole blocks of every type. */
  private static GgufBytes wide() {
    return GgufModels.llama(TinyModel.llama("llama", 256, 4, 2, 64, 256));
  }

  private static GgufBytes quantised(GgufBytes gguf, String name, String type, int rows) {
    byte[] data = GgufBytes.randomBlocks(type, rows * 256, new Random(name.hashCode()));
    return gguf.add(name + ".weight", type, new int[] {rows, 256}, data);
  }

  @ParameterizedTest
  @CsvSource({
    "Q8_0, INT8, true",
    "Q5_0, INT8, true",
    "Q5_1, INT8, false",
    "Q5_K, INT8, false",
    "Q6_K, INT8, false",
    "Q4_0, INT4, true",
    "Q4_1, INT4, true",
    "Q4_K, INT4, true",
    "F32, F32, false",
    "BF16, F32, false",
    "F16, F32, false"
  })
  void blocks_of_the_file_are_given_where_they_are_those_of_the_format(
      String type, Format format, boolean exact) throws IOException {
    GgufBytes gguf = wide();
    if (type.startsWith("Q")) {
      quantised(gguf, "blk.1.ffn_up", type, 256);
    } else {
      gguf.add("blk.1.ffn_up.weight", type, Weights.random(new Random(1), 256, 256));
    }
    try (ModelFiles files = ModelFiles.open(write(gguf))) {
      Matrix up = files.weights().layer(1).up().matrix();
      assertThat(up.format()).isEqualTo(format);
      float[][] rows = MatrixReading.all(up);
      byte[] q = new byte[256];
      float[] scales = new float[8];
      float[] minima = new float[8];
      for (int row = 0; row < 256; row += 51) {
        assertThat(up.readBlocks(row, q, scales, minima)).isEqualTo(exact);
        for (int c = 0; exact && c < 256; c++) {
          assertThat(scales[c / 32] * q[c] - minima[c / 32]).isEqualTo(rows[row][c]);
          assertThat((int) q[c]).isBetween(format == Format.INT4 ? 0 : -128, 127);
        }
      }
    }
  }

  @Test
  void queries_keys_and_values_of_several_types_have_the_finest_format() throws IOException {
    GgufBytes gguf = wide();
    quantised(gguf, "blk.0.attn_q", "Q4_K", 256);
    quantised(gguf, "blk.0.attn_k", "Q4_0", 128);
    quantised(gguf, "blk.0.attn_v", "Q6_K", 128);
    quantised(gguf, "blk.1.attn_q", "Q4_K", 256);
    quantised(gguf, "blk.1.attn_k", "Q4_K", 128);
    quantised(gguf, "blk.1.attn_v", "Q8_0", 128);
    try (ModelFiles files = ModelFiles.open(write(gguf))) {
      byte[] q = new byte[256];
      float[] scales = new float[8];
      float[] minima = new float[8];
      Matrix first = files.weights().layer(0).queryKeyValue().matrix();
      assertThat(first.format()).isEqualTo(Format.INT8);
      for (int row : new int[] {0, 255, 256, 383, 384, 511}) {
        assertThat(first.readBlocks(row, q, scales, minima)).isFalse();
      }
      Matrix second = files.weights().layer(1).queryKeyValue().matrix();
      assertThat(second.format()).isEqualTo(Format.INT8);
      assertThat(second.readBlocks(383, q, scales, minima)).isFalse();
      assertThat(second.readBlocks(384, q, scales, minima)).isTrue();
      float[] row = new float[256];
      second.read(384, 1, row);
      for (int c = 0; c < 256; c++) {
        assertThat(scales[c / 32] * q[c]).isEqualTo(row[c]);
      }
    }
  }

  @Test
  void blocks_of_turned_rows_are_those_of_the_rows_before_they_were_paired() throws IOException {
    GgufBytes gguf = wide();
    quantised(gguf, "blk.0.attn_q", "Q4_0", 256);
    quantised(gguf, "blk.0.attn_k", "Q4_0", 128);
    quantised(gguf, "blk.0.attn_v", "Q4_0", 128);
    try (ModelFiles files = ModelFiles.open(write(gguf))) {
      Matrix matrix = files.weights().layer(0).queryKeyValue().matrix();
      assertThat(matrix.format()).isEqualTo(Format.INT4);
      float[][] rows = MatrixReading.all(matrix);
      byte[] q = new byte[256];
      float[] scales = new float[8];
      float[] minima = new float[8];
      for (int row = 0; row < 512; row += 13) {
        assertThat(matrix.readBlocks(row, q, scales, minima)).isTrue();
        for (int c = 0; c < 256; c++) {
          assertThat(scales[c / 32] * q[c] - minima[c / 32]).isEqualTo(rows[row][c]);
        }
      }
    }
  }

  private Rotary rotary(GgufBytes gguf) throws IOException {
    try (ModelFiles files = ModelFiles.open(write(gguf))) {
      return files.config().positions().get(0).rotary();
    }
  }

  @Test
  void rotary_settings_have_llama_cpps_meaning() throws IOException {
    GgufBytes gguf = GgufModels.llama(TinyModel.llama("llama"));
    gguf.set("llama.rope.freq_base", 500f).set("llama.rope.dimension_count", 6);
    assertThat(rotary(gguf)).isEqualTo(new Rotary(6, 500, new Rotary.Unscaled()));
    gguf.set("llama.rope.scaling.factor", 4f);
    assertThat(rotary(gguf).scaling()).isEqualTo(new Rotary.Linear(4));
    gguf.set("llama.rope.scaling.type", "linear");
    assertThat(rotary(gguf).scaling()).isEqualTo(new Rotary.Linear(4));
    gguf.set("llama.rope.scaling.type", "none");
    assertThat(rotary(gguf).scaling()).isEqualTo(new Rotary.Unscaled());
    gguf.set("llama.rope.scaling.type", "yarn")
        .set("llama.rope.scaling.original_context_length", 16);
    Rotary.Yarn yarn = (Rotary.Yarn) rotary(gguf).scaling();
    assertThat(yarn.factor()).isEqualTo(4);
    assertThat(yarn.trainedContext()).isEqualTo(16);
    assertThat(yarn.attentionFactor()).isCloseTo(1.1386294361, within(1e-9));
    try (ModelFiles files = ModelFiles.open(write(gguf))) {
      assertThat(files.config().contextLength()).isEqualTo(64);
    }
  }

  @Test
  void divisors_of_the_frequencies_are_honoured() throws IOException {
    GgufBytes gguf = wide();
    float[] divisors = new float[32];
    Arrays.fill(divisors, 8);
    divisors[0] = 1;
    gguf.add("rope_freqs.weight", new Weights(new int[] {32}, divisors));
    assertThat(rotary(gguf).scaling())
        .isInstanceOfSatisfying(
            Rotary.Divided.class,
            divided -> assertThat(divided.divisors()).hasSize(32).startsWith(1f, 8f));
    divisors[5] = 0;
    gguf.add("rope_freqs.weight", new Weights(new int[] {32}, divisors));
    assertThatThrownBy(() -> rotary(gguf))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("\"rope_freqs.weight\" at byte")
        .hasMessageContaining("divides a frequency by 0.0");
  }

  @Test
  void a_window_of_a_llama_is_honoured() throws IOException {
    GgufBytes gguf = GgufModels.llama(TinyModel.llama("llama"));
    try (ModelFiles files = ModelFiles.open(write(gguf.set("llama.attention.sliding_window", 7)))) {
      assertThat(files.config().positions())
          .extracting(TransformerConfig.Positions::window)
          .containsExactly(7, 7);
    }
    try (ModelFiles files =
        ModelFiles.open(write(gguf.set("llama.attention.sliding_window", 32)))) {
      assertThat(files.config().positions())
          .extracting(TransformerConfig.Positions::window)
          .containsExactly(0, 0);
    }
  }

  @Test
  void all_kinds_of_end_tokens_count_and_what_is_none_does_not() throws IOException {
    GgufBytes gguf = GgufModels.llama(TinyModel.llama("llama"));
    gguf.set("tokenizer.ggml.eot_token_id", 5).set("tokenizer.ggml.bos_token_id", -1);
    try (ModelFiles files = ModelFiles.open(write(gguf))) {
      assertThat(files.begin()).isEmpty();
      assertThat(files.end()).containsExactly(2, 5);
    }
  }

  @Test
  void arrays_with_equal_numbers_for_all_layers_are_one_number() throws IOException {
    GgufBytes gguf = GgufModels.llama(TinyModel.llama("llama"));
    gguf.set("llama.attention.head_count_kv", List.of(2, 2));
    try (ModelFiles files = ModelFiles.open(write(gguf))) {
      assertThat(files.config().keyValueHeads()).isEqualTo(2);
    }
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("general.architecture", "mamba", "general.architecture is mamba"),
        Arguments.of("split.count", 3, "name is not that of the first of as many"),
        Arguments.of("llama.block_count", 2_000_000_000, "too few for the 2000000000 layers"),
        Arguments.of("llama.block_count", 0, "expected a whole number from 1"),
        Arguments.of("llama.block_count", "two", "expected a number"),
        Arguments.of("llama.embedding_length", 2_147_483_647, ""),
        Arguments.of("llama.attention.head_count_kv", List.of(2, 4), "differs between layers"),
        Arguments.of(
            "llama.attention.head_count_kv", 3, "no multiple of the 3 heads of keys and values"),
        Arguments.of("llama.attention.value_length", 7, "expected 6"),
        Arguments.of("llama.expert_count", 8, "no \"llama.expert_used_count\""),
        Arguments.of("llama.attention.causal", false, "expected true"),
        Arguments.of("llama.logit_scale", 0.5f, "expected 1"),
        Arguments.of("llama.new_trick", 1, "\"llama.new_trick\" is 1, a setting that"),
        Arguments.of("llama.rope.scaling.type", "longrope", "expected none, linear or yarn"),
        Arguments.of("llama.rope.scaling.factor", 0.5f, "expected at least 1"),
        Arguments.of("llama.rope.dimension_count", 4, "expected 6"),
        Arguments.of("llama.vocab_size", 12, "expected 11"),
        Arguments.of("tokenizer.ggml.tokens", List.of("a", "b"), "11 rows for the 2"),
        Arguments.of("general.alignment", 24, "expected a power of two"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void what_cannot_be_met_is_refused_by_name(String key, Object value, String message)
      throws IOException {
    Path file = write(GgufModels.llama(TinyModel.llama("llama")).set(key, value));
    assertThatThrownBy(() -> ModelFiles.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void types_and_versions_that_are_not_implemented_are_refused_by_name() throws IOException {
    GgufBytes gguf = wide();
    gguf.add("blk.0.ffn_up.weight", "IQ1_S", new int[] {256, 256}, new byte[50 * 256]);
    Path file = write(gguf);
    assertThatThrownBy(() -> ModelFiles.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("\"blk.0.ffn_up.weight\" has type IQ1_S")
        .hasMessageContaining("Q6_K");
    byte[] whole = GgufModels.llama(TinyModel.llama("llama")).bytes();
    for (int version : new int[] {0, 1, 4, 3 << 24}) {
      ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(4, version);
      Files.write(file, whole);
      assertThatThrownBy(() -> ModelFiles.open(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("at byte 4")
          .hasMessageContaining(version > 4 ? "big-endian" : "version " + version);
    }
    ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(4, 2);
    Files.write(file, whole);
    ModelFiles.open(file).close();
    whole[0] = 'g';
    Files.write(file, whole);
    assertThatThrownBy(() -> ModelFiles.open(file)).hasMessageContaining("not a GGUF file");
    assertThat(ModelFiles.supports(file).supported()).isFalse();
  }

  @Test
  void a_file_cut_short_anywhere_names_file_and_place() throws IOException {
    byte[] whole = GgufModels.llama(TinyModel.llama("llama")).bytes();
    Path file = folder.resolve("model.gguf");
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      // the last bytes are padding
      int length = random.nextInt(random.nextBoolean() ? 3000 : whole.length - 64);
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ModelFiles.open(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file + ": ")
          .hasMessageContaining("byte");
    }
  }

  /** Patches what follows a tensor's name in the header: dimensions, type, offset. */
  private void refusesPatched(int at, long value, String... messages) throws IOException {
    byte[] bytes = GgufModels.llama(TinyModel.llama("llama")).bytes();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int place = text.indexOf("\u0000output.weight") + "\u0000output.weight".length() + at;
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(place, value);
    Path file = Files.write(folder.resolve("model.gguf"), bytes);
    assertThatThrownBy(() -> ModelFiles.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + ": ")
        .hasMessageContaining("\"output.weight\"")
        .hasMessageContaining("at byte")
        .hasMessageContainingAll(messages);
  }

  @Test
  void tensors_that_overlap_or_lie_outside_the_file_are_refused() throws IOException {
    refusesPatched(24, 32, "overlaps tensor \"token_embd.weight\"");
    refusesPatched(24, 33, "has the offset 33, no multiple of the alignment 32");
    refusesPatched(24, 10_000_000_000L, "beyond the file's end: it is torn or damaged; copy or");
    refusesPatched(24, 32L << 40, "beyond the file's end");
    refusesPatched(24, -32, "has the offset");
    refusesPatched(4, 10_000_000_000L, "beyond the file's end");
    refusesPatched(4, -1, "has an impossible shape");
    refusesPatched(4, 1L << 62, "has an impossible shape");
    refusesPatched(0, 7, "has 7 dimensions, expected 0 to 4");
  }

  @Test
  void a_configuration_beside_the_file_plays_no_part() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"llama\"}");
    write(GgufModels.llama(TinyModel.llama("llama")));
    assertThat(ModelFiles.supports(folder).supported()).isTrue();
    ModelFiles.open(folder).close();
  }

  @Test
  void a_key_or_a_tensor_twice_is_refused() throws IOException {
    byte[] bytes = GgufModels.llama(TinyModel.llama("llama")).bytes();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Path file = folder.resolve("model.gguf");
    Files.writeString(
        file, text.replace("blk.1.ffn_up", "blk.0.ffn_up"), StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> ModelFiles.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the tensor \"blk.0.ffn_up.weight\" occurs twice");
    Files.writeString(
        file, text.replace("ggml.eos_token", "ggml.bos_token"), StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> ModelFiles.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the key \"tokenizer.ggml.bos_token_id\" occurs twice");
  }

  @Test
  void counts_beyond_the_file_allocate_nothing() throws IOException {
    byte[] whole = GgufModels.llama(TinyModel.llama("llama")).bytes();
    Path file = folder.resolve("model.gguf");
    for (int at : new int[] {8, 16}) {
      for (long count : new long[] {10_000_000_000L, -1, Long.MAX_VALUE}) {
        byte[] claims = whole.clone();
        ByteBuffer.wrap(claims).order(ByteOrder.LITTLE_ENDIAN).putLong(at, count);
        Files.write(file, claims);
        assertThatThrownBy(() -> ModelFiles.open(file))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("at byte " + at + " " + Long.toUnsignedString(count));
      }
    }
  }

  @Test
  void several_files_are_not_guessed_among_and_an_adapter_has_a_directory() throws IOException {
    Path file = write(GgufModels.llama(TinyModel.llama("llama")));
    assertThatThrownBy(() -> ModelFiles.open(file, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a LoRA adapter, a directory with adapter_config.json")
        .hasMessageEndingWith("in PEFT's layout");
    assertThatThrownBy(() -> ModelFiles.open(file, folder.resolve("nowhere")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageEndingWith("no such file or directory; expected a LoRA adapter's directory");
    Files.writeString(folder.resolve("config.json"), "{}");
    assertThatThrownBy(() -> ModelFiles.open(file, folder))
        .hasMessageContaining("expected a LoRA adapter")
        .hasMessageEndingWith("load it itself, without adapter");
    Files.delete(folder.resolve("config.json"));
    Files.copy(file, folder.resolve("other.gguf"));
    assertThatThrownBy(() -> ModelFiles.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("found 2");
    assertThat(ModelFiles.supports(folder).reason()).contains("found 2");
  }
}
