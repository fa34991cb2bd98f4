package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelDirectoryTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "byte",
        "byte(special=false)",
        "character",
        "character(unknown=unk)",
        "character(unknown=skip)",
        "character(unknown=skip,special=false)",
        "character(unknown=unk,special=false)",
        "character(special=false)"
      })
  void a_saved_tokenizer_is_written_the_same_again_after_reloading(String spec) throws IOException {
    Tokenizer tokenizer = Tokenizers.learn(spec, "abc \"\\\n\u0000\u2028\u00E9\uD83D\uDE42");
    tokenizer.save(directory);
    Tokenizer reloaded = Tokenizers.load(directory);
    assertThat(reloaded).hasToString(tokenizer.toString());
    reloaded.save(directory.resolve("again"));
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      assertThat(directory.resolve("again").resolve(name))
          .hasSameTextualContentAs(directory.resolve(name));
    }
  }

  @Test
  void the_unknown_policy_is_kept() throws IOException {
    Tokenizers.learn("character", "abc").save(directory);
    Tokenizer error = Tokenizers.load(directory);
    assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> error.encode("x"));
    Tokenizers.learn("character(unknown=skip)", "abc").save(directory);
    assertThat(Tokenizers.load(directory).encode("xax")).containsExactly(0);
    Tokenizers.learn("character(unknown=unk)", "abc").save(directory);
    assertThat(Tokenizers.load(directory).encode("xax")).containsExactly(6, 0, 6);
  }

  @Test
  void saving_leaves_nothing_but_the_two_files() throws IOException {
    for (int i = 0; i < 3; i++) {
      Tokenizers.learn("byte").save(directory);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("tokenizer.json", "tokenizer_config.json");
    }
  }

  @Test
  void saving_makes_the_directory() throws IOException {
    Path deep = directory.resolve("a/b");
    Tokenizers.learn("byte").save(deep);
    assertThat(Tokenizers.load(deep).vocabulary().size()).isEqualTo(259);
  }

  @Test
  void the_file_itself_loads_like_its_directory() throws IOException {
    Tokenizers.learn("character", "abc").save(directory);
    Tokenizer tokenizer = Tokenizers.load(directory.resolve("tokenizer.json"));
    assertThat(tokenizer.vocabulary().eos()).hasValue(4);
  }

  @Test
  void without_a_configuration_the_usual_written_forms_play_their_parts() throws IOException {
    Tokenizers.learn("character(unknown=unk)", "abc").save(directory);
    Files.delete(directory.resolve("tokenizer_config.json"));
    Tokenizer tokenizer = Tokenizers.load(directory);
    assertThat(tokenizer.vocabulary().bos()).hasValue(3);
    assertThat(tokenizer.vocabulary().eos()).hasValue(4);
    assertThat(tokenizer.vocabulary().pad()).hasValue(5);
    assertThat(tokenizer.vocabulary().unk()).hasValue(6);
  }

  @Test
  void a_configuration_may_name_tokens_as_objects_or_not_at_all() throws IOException {
    Tokenizers.learn("byte").save(directory);
    Files.writeString(
        directory.resolve("tokenizer_config.json"),
        """
        {"eos_token": {"content": "<|pad|>", "special": true}, "pad_token": null,
         "added_tokens_decoder": {"0": {"content": "x"}}, "model_max_length": 1e30}
        """);
    Tokenizer tokenizer = Tokenizers.load(directory);
    assertThat(tokenizer.vocabulary().eos()).hasValue(258);
    assertThat(tokenizer.vocabulary().pad()).isEmpty();
    assertThat(tokenizer.vocabulary().bos()).isEmpty();
  }

  @Test
  void a_place_without_a_tokenizer_is_refused_with_every_providers_reason() throws IOException {
    Files.writeString(directory.resolve("notes.txt"), "no tokenizer");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Tokenizers.load(directory))
        .withMessageContaining("auto, bpe, byte, character, unigram, wordpiece: it learns")
        .withMessageContaining("huggingface: there is no tokenizer.json")
        .withMessageContaining("tiktoken:")
        .withMessageContaining("sentencepiece:")
        .withMessageContaining("gguf: " + directory + " has 0 .gguf files; expected exactly one");
  }

  @Test
  void a_file_of_no_known_kind_is_refused() throws IOException {
    Path file = Files.writeString(directory.resolve("tokenizer.bin"), "\n\u000E");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Tokenizers.load(file))
        .withMessageContaining("neither a directory nor a .json file");
  }

  @Test
  void other_kinds_of_the_same_file_are_read_as_what_they_are() throws IOException {
    Files.writeString(
        directory.resolve("tokenizer.json"),
        "{'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1, 'ab': 2}, 'merges': ['a b']}}"
            .replace('\'', '"'));
    assertThat(Tokenizers.load(directory).encode("abba")).containsExactly(2, 1, 0);
  }

  @Test
  void an_added_token_may_fill_a_hole_in_the_vocabularys_ids() throws IOException {
    Files.writeString(
        directory.resolve("tokenizer.json"),
        ("{'added_tokens': [{'id': 1, 'content': '<s>', 'special': true}],"
                + " 'pre_tokenizer': {'type': 'Whitespace'},"
                + " 'model': {'type': 'WordLevel', 'unk_token': 'u',"
                + " 'vocab': {'a': 0, 'b': 2, 'u': 3}}}")
            .replace('\'', '"'));
    Tokenizer tokenizer = Tokenizers.load(directory);
    assertThat(tokenizer.encode("a <s> b", SpecialTokens.all())).containsExactly(0, 1, 2);
    assertThat(tokenizer.encode("a <s> b")).doesNotContain(1);
    Path saved = Files.createDirectory(directory.resolve("saved"));
    tokenizer.save(saved);
    Tokenizer again = Tokenizers.load(saved);
    assertThat(again.vocabulary().size()).isEqualTo(4);
    assertThat(again.encode("a <s> b", SpecialTokens.all())).containsExactly(0, 1, 2);
    // the model's unknown token is not special, and stays a word after saving
    assertThat(again.vocabulary().unk()).hasValue(3);
    assertThat(again.vocabulary().special()).containsExactly(1);
    assertThat(again.encode("u x")).containsExactly(3, 3);
  }
}
