package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensorsWriter;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelDirectoryTest {
  private static final TrainableConfig CONFIG = TrainableConfig.gpt2(11, 8, 6, 2, 3);

  @TempDir private Path folder;
  private float[] parameters;

  @BeforeEach
  void write() throws IOException {
    parameters = new float[new ParameterLayout(CONFIG).size()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = i;
    }
    new ModelDirectory(CONFIG, OptionalInt.of(1), Set.of(2), parameters).write(folder);
  }

  private void edit(String file, String from, String to) throws IOException {
    String text = Files.readString(folder.resolve(file));
    assertThat(text).contains(from);
    Files.writeString(folder.resolve(file), text.replace(from, to));
  }

  @Test
  void what_is_written_is_read() throws IOException {
    assertThat(ModelFiles.supports(folder).supported()).isTrue();
    ModelDirectory read = ModelDirectory.read(folder);
    assertThat(read.config()).isEqualTo(CONFIG);
    assertThat(read.begin()).hasValue(1);
    assertThat(read.end()).containsExactly(2);
    assertThat(read.parameters()).isEqualTo(parameters);
  }

  @Test
  void a_model_that_replaces_another_leaves_nothing_of_it_to_other_runtimes() throws IOException {
    List<String> before = List.of("model.onnx", "model.onnx_data", "adapter_config.json");
    for (String name : before) {
      Files.writeString(folder.resolve(name), "{}");
    }
    Files.writeString(folder.resolve("notes.txt"), "kept");
    new ModelDirectory(CONFIG, OptionalInt.of(1), Set.of(2), parameters).write(folder);
    assertThat(before).noneMatch(name -> Files.exists(folder.resolve(name)));
    assertThat(folder.resolve("notes.txt")).hasContent("kept");
    what_is_written_is_read();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_llama_is_written_and_read(boolean tied) throws IOException {
    TrainableConfig llama = TrainableConfig.llama(11, 8, 8, 2, 4, 2, 12, tied);
    float[] weights = new float[new ParameterLayout(llama).size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i % 7 - 3;
    }
    new ModelDirectory(llama, OptionalInt.empty(), Set.of(2, 3), weights).write(folder);
    ModelDirectory read = ModelDirectory.read(folder);
    assertThat(read.config()).isEqualTo(llama);
    assertThat(read.end()).containsExactly(2, 3);
    assertThat(read.parameters()).isEqualTo(weights);
  }

  @Test
  void names_without_the_prefix_are_read_too() throws IOException {
    List<SafeTensorsWriter.Tensor> tensors =
        new ParameterLayout(CONFIG)
            .tensors().stream()
                .map(t -> new SafeTensorsWriter.Tensor(t.name(), t.shape(), parameters, t.offset()))
                .toList();
    SafeTensorsWriter.write(folder.resolve("model.safetensors"), tensors);
    assertThat(ModelDirectory.read(folder).parameters()).isEqualTo(parameters);
  }

  @Test
  void a_model_without_special_tokens_says_so() throws IOException {
    new ModelDirectory(CONFIG, OptionalInt.empty(), Set.of(), parameters).write(folder);
    ModelDirectory read = ModelDirectory.read(folder);
    assertThat(read.begin()).isEmpty();
    assertThat(read.end()).isEmpty();
  }

  @Test
  void all_end_tokens_of_both_files_count() throws IOException {
    edit("generation_config.json", "\"eos_token_id\" : 2", "\"eos_token_id\" : [ 3, 4 ]");
    assertThat(ModelDirectory.read(folder).end()).containsExactly(2, 3, 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "n_layer" : 2             | "n_layer" : 2000000000        | too few for the
          "gelu_new"                | "selu"                        | "activation_function" is selu
          "model_type" : "gpt2"     | "model_type" : "rwkv"         | "model_type" is rwkv
          """)
  void a_setting_that_cannot_be_met_is_refused_by_name(String from, String to, String message)
      throws IOException {
    edit("config.json", from, to);
    assertThatThrownBy(() -> ModelDirectory.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining(message);
  }

  @Test
  void ids_beyond_the_vocabulary_are_left_out() throws IOException {
    edit("config.json", "\"eos_token_id\" : 2", "\"eos_token_id\" : 50256");
    edit("config.json", "\"bos_token_id\" : 1", "\"bos_token_id\" : 50256");
    edit("generation_config.json", "\"bos_token_id\" : 1", "\"bos_token_id\" : -5");
    assertThat(ModelDirectory.read(folder).begin()).isEmpty();
    assertThat(ModelDirectory.read(folder).end()).containsExactly(2);
  }

  @Test
  void a_directory_that_is_no_gpt2_model_is_declined_with_a_reason() throws IOException {
    edit("config.json", "\"gpt2\"", "\"rwkv\"");
    assertThat(ModelFiles.supports(folder).reason())
        .contains("model_type is rwkv; expected one of ");
    Files.writeString(folder.resolve("config.json"), "{");
    assertThat(ModelFiles.supports(folder).supported()).isFalse();
    assertThat(ModelFiles.supports(folder).reason()).contains("malformed");
    Files.delete(folder.resolve("model.safetensors"));
    assertThat(ModelFiles.supports(folder).reason()).contains("model.safetensors");
    Files.delete(folder.resolve("config.json"));
    assertThat(ModelFiles.supports(folder).reason()).contains("config.json");
  }

  @Test
  void a_truncated_configuration_names_file_and_place() throws IOException {
    Path file = folder.resolve("config.json");
    String whole = Files.readString(file);
    for (int length = 0; length < whole.stripTrailing().length(); length++) {
      Files.writeString(file, whole.substring(0, length));
      assertThatThrownBy(() -> ModelDirectory.read(folder))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
  }
}
