package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that look like a character or byte tokenizer's, and say something more. */
class SimpleFileTest {
  @TempDir Path directory;

  private Tokenizer load(String json) throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), json.replace('\'', '"'));
    return reload();
  }

  private Tokenizer reload() throws IOException {
    return Tokenizers.load(directory, Registry.of(getClass().getClassLoader()));
  }

  private void configure(String json) throws IOException {
    Files.writeString(directory.resolve("tokenizer_config.json"), json.replace('\'', '"'));
  }

  private void rewrite(String from, String to) throws IOException {
    Path file = directory.resolve("tokenizer.json");
    String json = Files.readString(file);
    assertThat(json).contains(from);
    Files.writeString(file, json.replace(from, to));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "{'type': 'Fuse'}"})
  void an_unknown_token_that_is_not_special_is_a_character_like_others(String decoder)
      throws IOException {
    Tokenizer tokenizer =
        load(
            "{'decoder': "
                + decoder
                + ", 'model': {'type': 'BPE', 'unk_token': 'u',"
                + " 'vocab': {'a': 0, 'b': 1, 'u': 2}, 'merges': []}}");

    assertThat(tokenizer.encode("abuxa")).containsExactly(0, 1, 2, 2, 0);
    assertThat(tokenizer.vocabulary().special()).isEmpty();
    assertThat(tokenizer.vocabulary().unk()).hasValue(2);
    // without a decoder, that library puts spaces between tokens
    assertThat(tokenizer.decode(0, 1)).isEqualTo(decoder.equals("null") ? "a b" : "ab");
  }

  @Test
  void so_is_one_of_a_word_model() throws IOException {
    Tokenizers.learn("character(unknown=unk)", "abu").save(directory);
    rewrite("\"unk_token\" : \"<|unk|>\"", "\"unk_token\" : \"u\"");
    Tokenizer tokenizer = reload();

    assertThat(tokenizer.encode("abux")).containsExactly(0, 1, 2, 2);
    assertThat(tokenizer.decode(0, 1)).isEqualTo("ab");
  }

  @Test
  void a_word_without_a_token_is_named_with_its_place() throws IOException {
    Tokenizer tokenizer =
        load(
            "{'pre_tokenizer': {'type': 'WhitespaceSplit'}, 'normalizer': {'type': 'Lowercase'},"
                + " 'model': {'type': 'WordLevel', 'vocab': {'the': 0}}}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("The the\u00E9 Cat"))
        .withMessageStartingWith("no token for \"the\u00E9\" at index 4 of the text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte", "character", "character(unknown=skip)"})
  void a_role_makes_its_token_special_as_in_any_file(String spec) throws IOException {
    Tokenizers.learn(spec, "ABC").save(directory);
    configure("{'bos_token': 'A'}");
    Tokenizer tokenizer = reload();
    int bos = tokenizer.vocabulary().bos().orElseThrow();

    assertThat(tokenizer.vocabulary().token(bos)).isEqualTo("A");
    assertThat(tokenizer.vocabulary().special()).contains(bos);
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte", "character"})
  void a_chat_template_is_not_lost(String spec) throws IOException {
    Tokenizers.learn(spec, "abc").save(directory);
    Files.writeString(directory.resolve("chat_template.jinja"), "{{ messages[0].content }}<|end|>");

    assertThat(reload().chatTemplate()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte", "character"})
  void a_token_that_takes_its_spaces_does(String spec) throws IOException {
    Tokenizers.learn(spec, "abc ").save(directory);
    rewrite("\"lstrip\" : false", "\"lstrip\" : true");
    Tokenizer tokenizer = reload();
    int end = tokenizer.vocabulary().eos().orElseThrow();

    assertThat(tokenizer.encode("a <|end|>", SpecialTokens.all())).hasSize(2).contains(end);
  }

  @Test
  void a_byte_tokenizer_that_lays_out_texts_does() throws IOException {
    Tokenizers.learn("byte").save(directory);
    rewrite(
        "\"post_processor\" : null",
        """
        "post_processor": {"type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "<|begin|>", "type_id": 0}},
                     {"Sequence": {"id": "A", "type_id": 0}}],
          "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
          "special_tokens": {"<|begin|>": {"id": "<|begin|>", "ids": [256], "tokens": ["<|begin|>"]}}}
        """);
    Tokenizer tokenizer = reload();

    assertThat(tokenizer.encode("a", tokenizer.storedOptions()).ids()).containsExactly(256, 97);
  }

  @Test
  void a_byte_tokenizer_without_some_byte_leaves_it_out() throws IOException {
    Tokenizers.learn("byte").save(directory);
    rewrite("\"c\" : 99,", "");
    Tokenizer tokenizer = reload();

    assertThat(tokenizer.encode("abcd")).containsExactly(97, 98, 100);
    assertThat(tokenizer.decode(97, 99, 98)).isEqualTo("ab");
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte", "character", "character(unknown=unk)", "character(unknown=skip)"})
  void what_this_library_writes_is_read_as_what_it_is(String spec) throws IOException {
    Tokenizer learned = Tokenizers.learn(spec, "abc");
    learned.save(directory);

    assertThat(reload()).hasSameClassAs(learned).hasToString(learned.toString());
  }
}
