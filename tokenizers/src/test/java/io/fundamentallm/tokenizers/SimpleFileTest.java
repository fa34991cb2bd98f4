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

  @ParameterizedTest
  @ValueSource(strings = {"byte", "character"})
  void a_begin_token_stands_before_each_text_as_the_file_says(String spec) throws IOException {
    Tokenizers.learn(spec, "ab").save(directory);
    Tokenizer tokenizer = reload();
    int begin = tokenizer.vocabulary().bos().orElseThrow();
    int a = tokenizer.encode("a")[0];
    int b = tokenizer.encode("b")[0];

    assertThat(tokenizer.encode("a", tokenizer.storedOptions()).ids()).containsExactly(begin, a);
    assertThat(tokenizer.encodePair("a", "b", tokenizer.storedOptions()).ids())
        .containsExactly(begin, a, begin, b);
    assertThat(tokenizer.beginToken()).hasValue(begin);

    String json = Files.readString(directory.resolve("tokenizer.json"));
    int from = json.indexOf("\"post_processor\"");
    rewrite(json.substring(from, json.indexOf("\"decoder\"", from)), "\"post_processor\": null, ");
    assertThat(reload().encode("a", tokenizer.storedOptions()).ids()).containsExactly(a);
    assertThat(reload().beginToken()).isEmpty();
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
