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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelSettingsTest {
  @TempDir private Path directory;

  private ModelSettings settings(String config) throws IOException {
    Files.writeString(directory.resolve("config.json"), config);
    return ModelSettings.read(directory);
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

  @Test
  void a_token_whose_key_is_no_id_is_refused_by_name() throws IOException {
    Path file = directory.resolve("tokenizer_config.json");
    Files.writeString(
        file, "{\"eos_token\":\"e\",\"added_tokens_decoder\":{\"x\":{\"content\":\"e\"}}}");
    assertThatIOException()
        .isThrownBy(() -> settings("{}").boundaryTokens(9))
        .withMessageStartingWith(file.toString())
        .withMessageContaining("\"x\"");
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
