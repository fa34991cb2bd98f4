package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code add_bos_token} and {@code add_eos_token} say beside a {@code tokenizer.json}. */
class BoundariesTest {
  private static final String BYTES =
      "{'type': 'ByteLevel', 'add_prefix_space': true, 'trim_offsets': false}";

  private static final Pattern SPACE = Pattern.compile(" ");

  @TempDir Path directory;

  /** A template with the tokens of a layout; "A" and "B" are texts. */
  private static String template(String single, String pair) {
    return "{'type': 'TemplateProcessing', 'single': ["
        + parts(single)
        + "], 'pair': ["
        + parts(pair)
        + "], 'special_tokens': {'<s>': {'id': '<s>', 'ids': [2], 'tokens': ['<s>']},"
        + " '</s>': {'id': '</s>', 'ids': [3], 'tokens': ['</s>']}}}";
  }

  private static String parts(String layout) {
    return SPACE
        .splitAsStream(layout)
        .map(
            part ->
                (part.length() == 1 ? "{'Sequence'" : "{'SpecialToken'")
                    + (": {'id': '" + part + "', 'type_id': 0}}"))
        .collect(Collectors.joining(", "));
  }

  private static String postProcessor(String kind) {
    return switch (kind) {
      case "none" -> "null";
      case "bytes" -> BYTES;
      case "begin" -> template("<s> A", "<s> A <s> B");
      case "both" -> template("<s> A </s>", "<s> A </s> <s> B </s>");
      case "sequence" -> "{'type': 'Sequence', 'processors': [" + BYTES + "]}";
      case "sequence+begin" ->
          "{'type': 'Sequence', 'processors': ["
              + (BYTES + ", " + template("<s> A", "<s> A <s> B") + "]}");
      case "roberta" -> "{'type': 'RobertaProcessing', 'sep': ['</s>', 3], 'cls': ['<s>', 2]}";
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private Tokenizer load(String postProcessor, String config) throws IOException {
    write(
        "tokenizer.json",
        "{'added_tokens': [{'id': 2, 'content': '<s>', 'special': true},"
            + " {'id': 3, 'content': '</s>', 'special': true}],"
            + " 'post_processor': "
            + postProcessor(postProcessor)
            + ", 'pre_tokenizer': {'type': 'ByteLevel', 'add_prefix_space': false},"
            + " 'decoder': {'type': 'ByteLevel'},"
            + " 'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': []}}");
    write("tokenizer_config.json", config);
    return load(directory);
  }

  private void write(String name, String json) throws IOException {
    Files.writeString(directory.resolve(name), json.replace('\'', '"'));
  }

  private Tokenizer load(Path directory) throws IOException {
    return Tokenizers.load(directory, Registry.of(getClass().getClassLoader()));
  }

  private static String config(String className, String begin, String end) {
    return "{'tokenizer_class': '"
        + className
        + "', 'bos_token': '<s>', 'eos_token': '</s>'"
        + (begin.equals("absent") ? "" : ", 'add_bos_token': " + begin)
        + (end.equals("absent") ? "" : ", 'add_eos_token': " + end)
        + "}";
  }

  private static int[] single(Tokenizer tokenizer) {
    return tokenizer.encode("a", tokenizer.storedOptions()).ids();
  }

  private static int[] ids(String spaced) {
    return SPACE.splitAsStream(spaced).mapToInt(Integer::parseInt).toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "none, absent, absent, 0, 0 1",
    "none, true, absent, 2 0, 2 0 2 1",
    "none, true, true, 2 0 3, 2 0 3 2 1 3",
    "none, false, true, 0 3, 0 3 1 3",
    "none, null, true, 0 3, 0 3 1 3",
    "bytes, absent, absent, 0, 0 1",
    "bytes, true, false, 2 0, 2 0 2 1",
    "bytes, false, false, 0, 0 1",
    "begin, absent, absent, 2 0, 2 0 2 1",
    "begin, true, false, 2 0, 2 0 2 1",
    "begin, false, absent, 0, 0 1",
    "begin, absent, true, 2 0 3, 2 0 3 2 1 3",
    "both, true, false, 2 0, 2 0 2 1",
    "both, false, absent, 0 3, 0 3 1 3",
    "both, absent, absent, 2 0 3, 2 0 3 2 1 3",
    "sequence, true, false, 2 0, 2 0 2 1",
    "sequence, absent, false, 0, 0 1",
    "sequence+begin, true, absent, 2 0, 2 0 2 1",
    "sequence+begin, false, false, 0, 0 1",
    "roberta, true, true, 2 0 3, 2 0 3 3 1 3",
    "roberta, true, false, 2 0, 2 0 2 1",
  })
  void the_switches_say_what_stands_around_a_text(
      String stored, String begin, String end, String single, String pair) throws IOException {
    Tokenizer tokenizer = load(stored, config("LlamaTokenizerFast", begin, end));

    assertThat(single(tokenizer)).containsExactly(ids(single));
    assertThat(tokenizer.encodePair("a", "b", tokenizer.storedOptions()).ids())
        .containsExactly(ids(pair));
    assertThat(tokenizer.encode("a")).containsExactly(0);

    Path saved = directory.resolve("saved");
    tokenizer.save(saved);
    assertThat(single(load(saved))).containsExactly(ids(single));
    assertThat(load(saved).encodePair("a", "b", tokenizer.storedOptions()).ids())
        .containsExactly(ids(pair));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LlamaTokenizer",
        "LlamaTokenizerFast",
        "CodeLlamaTokenizer",
        "GemmaTokenizerFast",
        "CohereTokenizer",
        "GPTNeoXTokenizerFast"
      })
  void classes_that_follow_them_in_transformers_do(String name) throws IOException {
    assertThat(single(load("bytes", config(name, "true", "absent")))).containsExactly(2, 0);
    assertThat(single(load("begin", config(name, "false", "absent")))).containsExactly(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"PreTrainedTokenizerFast", "TokenizersBackend", "GPT2Tokenizer", "Qwen2Tokenizer"})
  void others_have_what_their_tokenizer_json_says(String name) throws IOException {
    assertThat(single(load("bytes", config(name, "true", "true")))).containsExactly(0);
    assertThat(single(load("begin", config(name, "false", "false")))).containsExactly(2, 0);
  }

  @Test
  void a_file_that_names_no_class_is_followed() throws IOException {
    assertThat(single(load("bytes", "{'bos_token': '<s>', 'add_bos_token': true}")))
        .containsExactly(2, 0);
  }

  @Test
  void a_token_that_no_file_names_is_not_put_there() throws IOException {
    String both = "{'tokenizer_class': 'LlamaTokenizer', 'add_bos_token': true, 'bos_token': null}";

    assertThat(single(load("bytes", both))).containsExactly(0);
  }

  @Test
  void vocabulary_files_have_their_begin_token_as_gpt_2s_converter_has_it() throws IOException {
    write("vocab.json", "{'a': 0, 'b': 1, '<s>': 2, '</s>': 3}");
    write("merges.txt", "");
    write("tokenizer_config.json", config("GPT2Tokenizer", "true", "absent"));
    Tokenizer tokenizer = load(directory);

    assertThat(single(tokenizer)).containsExactly(2, 0);
    assertThat(tokenizer.encodePair("a", "b", tokenizer.storedOptions()).ids())
        .containsExactly(2, 0, 2, 1);
    write("tokenizer_config.json", config("GPT2Tokenizer", "false", "absent"));
    assertThat(single(load(directory))).containsExactly(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'yes'", "1", "[]"})
  void a_switch_is_true_or_false(String value) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> load("bytes", config("LlamaTokenizer", value, "absent")))
        .withMessageContaining("tokenizer_config.json")
        .withMessageContaining("add_bos_token");
  }

  @Test
  void deepseek_3s_own_files_begin_a_text() throws IOException {
    Tokenizer tokenizer = load(Golden.files("deepseek_v3", directory));
    int begin = tokenizer.vocabulary().bos().orElseThrow();

    assertThat(tokenizer.beginToken()).hasValue(begin);
    assertThat(single(tokenizer)).hasSize(2).startsWith(begin);
  }
}
