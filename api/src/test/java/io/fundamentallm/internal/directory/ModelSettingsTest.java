package io.fundamentallm.internal.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSettingsTest {
  @TempDir private Path directory;

  private ModelSettings settings(String config) throws IOException {
    Files.writeString(directory.resolve("config.json"), config);
    return ModelSettings.readWithGenAi(directory);
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2, 50256, 50256, 1024",
    "gpt_neox, 0, 2, 2048",
    "llama, 1, 2, 2048",
    "mistral, 1, 2, 131072",
    "qwen2, , , 32768",
    "qwen3, , , 32768"
  })
  void a_family_has_defaults_for_what_is_missing(
      String type, Integer begin, Integer end, int contextLength) throws IOException {
    ModelSettings settings = settings("{\"model_type\":\"" + type + "\"}");
    BoundaryTokens tokens = settings.boundaryTokens(60_000);
    assertThat(tokens.begin())
        .isEqualTo(begin == null ? OptionalInt.empty() : OptionalInt.of(begin));
    assertThat(tokens.ends()).isEqualTo(end == null ? Set.of() : Set.of(end));
    assertThat(settings.contextLength()).isEqualTo(contextLength);
  }

  @Test
  void an_unknown_family_has_none() throws IOException {
    ModelSettings settings = settings("{\"model_type\":\"novel\"}");
    assertThat(settings.boundaryTokens(60_000))
        .isEqualTo(new BoundaryTokens(OptionalInt.empty(), Set.of()));
    assertThatIOException()
        .isThrownBy(settings::contextLength)
        .withMessageStartingWith(directory + ": no context length; expected one of the keys")
        .withMessageContaining("max_position_embeddings");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"n_positions":7}                                  | {"context_length":9} | 7
          {"max_position_embeddings":7,"model_type":"llama"} | {"context_length":9} | 7
          {"model_type":"llama"}                             | {"context_length":9} | 9
          {"model_type":"llama"}                             | {}                   | 2048
          {"seq_length":7}                                   | {}                   | 7
          {"n_ctx":7,"model_type":"gpt2"}                    | {}                   | 1024
          {"max_position_embeddings":7,"model_type":"gpt2"}  | {}                   | 7
          {"n_positions":7,"max_position_embeddings":8,"model_type":"gpt2"} | {}    | 7
          {"n_positions":7,"model_type":"llama"}             | {}                   | 2048
          {"n_positions":7,"model_type":"mistral"}           | {}                   | 131072
          {"n_ctx":7,"model_type":"qwen2"}                   | {}                   | 32768
          {"seq_length":7,"model_type":"qwen3"}              | {}                   | 32768
          {"max_seq_len":7,"model_type":"gpt_neox"}          | {"context_length":9} | 9
          """)
  void the_context_length_has_several_names(String config, String genAi, int expected)
      throws IOException {
    Files.writeString(directory.resolve("genai_config.json"), "{\"model\":" + genAi + "}");
    assertThat(settings(config).contextLength()).isEqualTo(expected);
  }

  @Test
  void a_directory_may_have_none_of_the_files() throws IOException {
    assertThat(ModelSettings.read(directory).boundaryTokens(9).ends()).isEmpty();
  }

  static Stream<String> oddTokenizers() {
    String tokens = "\"eos_token\":\"e\",\"added_tokens_decoder\":";
    return Stream.of(
        "{",
        "[]",
        "{" + tokens + "{\"5\":{\"content\":\"e\"}},\"a\":1,\"a\":1}",
        "{" + tokens + "{\"5\":{\"content\":\"e\"}},\"a\":\"" + "a".repeat(10_000_000) + "\"}",
        "{" + tokens + "[5]}",
        "{" + tokens + "{\"5\":\"e\"}}",
        "{" + tokens + "{\"5\":{\"content\":5}}}",
        "{" + tokens + "{\"x\":{\"content\":\"e\"}}}",
        "{\"eos_token\":{\"content\":5},\"added_tokens_decoder\":{\"5\":{\"content\":5}}}");
  }

  @ParameterizedTest
  @MethodSource("oddTokenizers")
  void a_tokenizer_configuration_of_another_form_says_nothing(String json) throws IOException {
    Files.writeString(directory.resolve("tokenizer_config.json"), json);
    assertThat(settings("{\"model_type\":\"llama\"}").boundaryTokens(9))
        .isEqualTo(new BoundaryTokens(OptionalInt.of(1), Set.of(2)));
  }

  @Test
  void an_odd_entry_does_not_hide_the_others() throws IOException {
    Files.writeString(
        directory.resolve("tokenizer_config.json"),
        "{\"eos_token\":\"e\",\"added_tokens_decoder\":{\"x\":1,\"5\":{\"content\":\"e\"}}}");
    assertThat(settings("{}").boundaryTokens(9).ends()).containsExactly(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[]", "{\"model\":[]}", "{\"model\":{\"eos_token_id\":[4,\"x\"]}}"})
  void a_malformed_genai_configuration_stops_only_the_runtime_that_it_is_for(String json)
      throws IOException {
    Path file = directory.resolve("genai_config.json");
    Files.writeString(file, json);
    Files.writeString(directory.resolve("config.json"), "{\"model_type\":\"llama\"}");
    assertThat(ModelSettings.read(directory).boundaryTokens(9))
        .isEqualTo(new BoundaryTokens(OptionalInt.of(1), Set.of(2)));
    assertThatIOException()
        .isThrownBy(() -> ModelSettings.readWithGenAi(directory).boundaryTokens(9))
        .withMessageStartingWith(file.toString());
  }

  @Test
  void fields_name_the_tokens_or_say_that_there_are_none() {
    assertThat(new BoundaryTokens(OptionalInt.of(3), Set.of(4)).fields())
        .containsEntry("bos_token_id", 3)
        .containsEntry("eos_token_id", 4);
    Set<Integer> two = new TreeSet<>(List.of(5, 4));
    assertThat(new BoundaryTokens(OptionalInt.empty(), two).fields())
        .containsEntry("bos_token_id", null)
        .containsEntry("eos_token_id", two);
  }
}
