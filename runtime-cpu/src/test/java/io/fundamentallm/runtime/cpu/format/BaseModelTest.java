package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseModelTest {
  @TempDir private Path folder;

  private static TinyModel llama(String type) {
    return TinyModel.llama(type, 16, 4, 2, 4, 20);
  }

  private static void assertHolds(BaseModel base, TinyModel model, double tolerance) {
    ParameterLayout layout = new ParameterLayout(base.config());
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      float[] stored = model.tensor(layout.prefix() + tensor.name()).values();
      for (int i = 0; i < stored.length; i++) {
        float read = base.parameters()[tensor.offset() + i];
        assertThat(Math.abs(read - stored[i]))
            .as(tensor.name())
            .isLessThanOrEqualTo((float) (tolerance * Math.abs(stored[i])));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "BF16", "F16"})
  void weights_of_any_precision_are_read(String type) throws IOException {
    TinyModel gpt2 = TinyModel.gpt2();
    assertHolds(BaseModel.read(gpt2.write(folder, type)), gpt2, type.equals("F32") ? 0 : 1 / 128.0);
  }

  @Test
  void shards_are_read() throws IOException {
    TinyModel model = llama("llama").writeConfig(folder);
    SafeTensorsBytes.writeShards(folder, model.tensors, "F32", 7);
    BaseModel base = BaseModel.read(folder);
    assertHolds(base, model, 0);
    assertThat(base.config().keyValueHeads()).isEqualTo(2);
    assertThat(base.config().tied()).isFalse();
  }

  @Test
  void names_of_the_transformer_alone_are_read() throws IOException {
    TinyModel model = llama("llama").set("tie_word_embeddings", true);
    model.tensors.remove("lm_head.weight");
    Map<String, Weights> bare = new LinkedHashMap<>();
    model.tensors.forEach((name, tensor) -> bare.put(name.replaceFirst("model[.]", ""), tensor));
    model.writeConfig(folder);
    Files.write(folder.resolve("model.safetensors"), SafeTensorsBytes.of(bare, "F32"));
    BaseModel base = BaseModel.read(folder);
    assertHolds(base, model, 0);
    assertThat(base.config().tied()).isTrue();
  }

  @Test
  void a_successor_keeps_the_settings_and_adds_its_tokens() throws IOException {
    Path from = Files.createDirectory(folder.resolve("from"));
    Path to = folder.resolve("to");
    llama("mistral")
        .set("sliding_window", null)
        .set("rope_theta", 500_000.0)
        .set("rope_scaling", Map.of("rope_type", "linear", "factor", 2.0))
        .set("torch_dtype", "bfloat16")
        .set("attention_dropout", 0.25)
        .set("eos_token_id", List.of(2, 3))
        .write(from, "BF16");
    Files.writeString(from.resolve("generation_config.json"), "{\"temperature\": 0.5}");
    BaseModel base = BaseModel.read(from);
    assertThat(base.config().rotary().scaling()).isEqualTo(new Rotary.Linear(2));
    base.write(to, base.parameters(), OptionalInt.of(7), Set.of(5));
    JsonObject config = JsonObject.read(to.resolve("config.json"));
    assertThat(config.text("model_type")).isEqualTo("mistral");
    assertThat(config.real("rope_theta")).isEqualTo(500_000);
    assertThat(config.object("rope_scaling").real("factor")).isEqualTo(2);
    assertThat(config.real("attention_dropout")).isEqualTo(0.25);
    assertThat(config.text("torch_dtype")).isEqualTo("float32");
    assertThat(config.names()).contains("sliding_window");
    assertThat(JsonObject.read(to.resolve("generation_config.json")).real("temperature"))
        .isEqualTo(0.5);
    ModelDirectory read = ModelDirectory.read(to);
    assertThat(read.config()).isEqualTo(base.config());
    assertThat(read.parameters()).isEqualTo(base.parameters());
    assertThat(read.begin()).hasValue(1);
    assertThat(read.end()).containsExactly(2, 3, 5);
  }

  @Test
  void a_generation_config_without_keys_is_kept_as_one_and_none_as_none() throws IOException {
    Path from = Files.createDirectory(folder.resolve("from"));
    Path generation = folder.resolve("to").resolve("generation_config.json");
    TinyModel.gpt2().write(from);
    BaseModel none = BaseModel.read(from);
    none.write(folder.resolve("to"), none.parameters(), OptionalInt.empty(), Set.of(5));
    assertThat(generation).doesNotExist();
    Files.writeString(from.resolve("generation_config.json"), "{}");
    BaseModel empty = BaseModel.read(from);
    empty.write(folder.resolve("to"), empty.parameters(), OptionalInt.empty(), Set.of(5));
    assertThat(JsonObject.read(generation).wholeNumbers("eos_token_id")).contains(5);
  }

  static Stream<Arguments> untrainable() {
    return Stream.of(
        Arguments.of(TinyModel.gptNeoX(), "\"use_parallel_residual\""),
        Arguments.of(TinyModel.gptNeoX(), "query, key and value of each head together"),
        Arguments.of(TinyModel.experts("gpt_oss"), "\"swiglu_limit\""),
        Arguments.of(TinyModel.experts("gpt_oss"), "attending to nothing (sinks)"));
  }

  @ParameterizedTest
  @MethodSource("untrainable")
  void a_model_that_the_trainer_has_no_part_for_is_refused_by_name(TinyModel model, String message)
      throws IOException {
    model.write(folder);
    ModelFiles.open(folder).close();
    assertThatThrownBy(() -> BaseModel.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.resolve("config.json").toString())
        .hasMessageContaining("of type " + model.config.get("model_type"))
        .hasMessageContaining(message);
  }

  @Test
  void an_adapter_is_not_taken_for_a_model() throws IOException {
    Files.writeString(
        folder.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"base\"}");
    String advice =
        "it is an adapter of the model \"base\", and no model itself; load that model with the"
            + " runtime cpu(adapter="
            + folder
            + ")";
    assertThat(ModelFiles.supports(folder)).isEqualTo(Support.no(advice));
    assertThatThrownBy(() -> ModelFiles.open(folder)).hasMessage(folder + ": " + advice);
    assertThatThrownBy(() -> BaseModel.read(folder))
        .hasMessage(folder + ": expected a whole model to train; " + advice);
    Path nowhere = folder.resolve("nowhere");
    String missing = nowhere + ": there is no such file or directory";
    assertThatThrownBy(() -> ModelFiles.open(nowhere)).hasMessage(missing);
    assertThatThrownBy(() -> LoraAdapter.open(nowhere)).hasMessageStartingWith(missing);
  }

  @Test
  void a_directory_without_safetensors_is_refused() {
    assertThatThrownBy(() -> BaseModel.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a directory with config.json and model.safetensors");
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> BaseModel.read(nowhere))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(nowhere + ": there is no such file or directory");
    assertThat(TrainableConfig.gpt2(11, 8, 6, 2, 3).withContextLength(4).contextLength())
        .isEqualTo(4);
  }
}
