package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.gguf.section.GgufWriter;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceFile;
import io.fundamentallm.tokenizers.text.Charsmap;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken files of every format: an {@link IOException} that names the file and the place. */
class BrokenTokenizerFilesTest {
  private static final int TENS_OF_THOUSANDS = 10_000;

  @TempDir Path directory;

  static List<String> formats() {
    return List.copyOf(SoundFiles.all().keySet());
  }

  private void write(String name, String content) throws IOException {
    Files.write(directory.resolve(name), SoundFiles.utf8(content));
  }

  private void refused(String file, String... what) {
    var thrown =
        assertThatIOException()
            .isThrownBy(() -> SoundFiles.load(directory))
            .withMessageContaining(directory.resolve(file).toString());
    for (String part : what) {
      thrown.withMessageContaining(part);
    }
  }

  /** A tokenizer.json with a model of characters and this before it. */
  private void component(String json, String... what) throws IOException {
    write(
        "tokenizer.json",
        "{%s, \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}}"
            .formatted(json.replace('\'', '"')));
    refused("tokenizer.json", what);
  }

  private void model(String json, String... what) throws IOException {
    write("tokenizer.json", "{\"model\": %s}".formatted(json.replace('\'', '"')));
    refused("tokenizer.json", what);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void sound_files_are_read(String format) throws IOException {
    SoundFiles.write(SoundFiles.all().get(format), directory);
    assertThat(SoundFiles.load(directory).encode("ab")).isNotEmpty();
  }

  /** As a clone without Git LFS leaves them. */
  @ParameterizedTest
  @ValueSource(strings = {"tokenizer.json", "tokenizer.model", "r50k_base.tiktoken", "vocab.txt"})
  void a_pointer_of_git_lfs_is_said_to_be_one(String file) throws IOException {
    write(file, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n");
    assertThatIOException()
        .isThrownBy(() -> SoundFiles.load(directory))
        .withMessageContaining(file + ": it is a pointer of Git LFS and not the file itself");
  }

  @Test
  void other_files_of_a_model_are_no_tokenizer() throws IOException {
    SoundFiles.write(SoundFiles.all().get("byte-level BPE"), directory);
    for (String name : List.of("config.json", "generation_config.json", "model.index.json")) {
      write(name, "{}");
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(() -> Tokenizers.load(directory.resolve(name)))
          .withMessageContaining("huggingface: " + directory.resolve(name) + " is not a tokenizer")
          .withMessageEndingWith("can be loaded: name " + directory);
    }
  }

  @Test
  void half_a_tokenizer_json_is_to_be_copied_again() throws IOException {
    byte[] whole = SoundFiles.all().get("byte-level BPE").get("tokenizer.json");
    Map<String, byte[]> half = Map.of("tokenizer.json", Arrays.copyOf(whole, whole.length / 2));
    SoundFiles.write(half, directory);
    assertThatIOException()
        .isThrownBy(() -> SoundFiles.load(directory))
        .withMessageContaining("tokenizer.json")
        .withMessageEndingWith("; the file ends too early: copy or download it again")
        .withMessageMatching(".*, line \\d+, column \\d+: [^\\[]*");
  }

  @ParameterizedTest
  @MethodSource("formats")
  void truncated_files_are_refused_or_whole_up_to_there(String format) throws IOException {
    Map<String, byte[]> sound = SoundFiles.all().get(format);
    for (String name : sound.keySet()) {
      byte[] bytes = sound.get(name);
      for (int part = 0; part < 50; part++) {
        Map<String, byte[]> files = new LinkedHashMap<>(sound);
        files.put(name, Arrays.copyOf(bytes, bytes.length * part / 50));
        SoundFiles.write(files, directory);
        try {
          // a list that ends behind an entry is a shorter list
          assertThat(SoundFiles.load(directory).vocabulary().size()).isPositive();
          assertThat(name).doesNotEndWith(".json").doesNotEndWith(".gguf");
        } catch (IOException e) {
          assertThat(e).hasMessageContaining(directory.toString());
          assertThat(e.getMessage())
              .containsPattern("tokenizer\\.|vocab\\.|merges\\.|model\\.|r50k");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tokenizer.json", "vocab.json", "vocab.txt", "tokenizer.model", "merges.txt"})
  void a_string_of_200_megabytes_is_refused(String name) throws IOException {
    if (name.equals("merges.txt")) {
      write("vocab.json", "{\"a\": 0}");
    } else if (name.equals("vocab.json")) {
      write("merges.txt", "");
    }
    sparse(name, "{\"model\": {\"type\": \"");
    refused(name, "67108864");
  }

  @Test
  void a_string_of_200_megabytes_in_a_rank_file_is_refused_by_its_length() throws IOException {
    sparse("r50k_base.tiktoken", "AAAA");
    refused("r50k_base.tiktoken", "209715200");
  }

  @Test
  void a_string_of_200_megabytes_in_a_gguf_file_is_refused_by_its_length() throws IOException {
    GgufWriter file = new GgufWriter();
    file.key("tokenizer.ggml.model", 8);
    file.int64(200_000_000);
    Files.write(directory.resolve("model.gguf"), file.bytes());
    try (RandomAccessFile rest =
        new RandomAccessFile(directory.resolve("model.gguf").toFile(), "rw")) {
      rest.setLength(200L << 20);
    }
    refused("model.gguf", "byte ", "200000000");
  }

  /** A file of 200 MB, of which hardly anything takes space. */
  private void sparse(String name, String start) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(directory.resolve(name).toFile(), "rw")) {
      file.write(SoundFiles.utf8(start));
      file.setLength(200L << 20);
    }
  }

  @Test
  void deep_nesting_is_refused_everywhere() throws IOException {
    String deep = "[".repeat(TENS_OF_THOUSANDS);
    for (String key :
        List.of("normalizer", "pre_tokenizer", "post_processor", "decoder", "added_tokens", "x")) {
      component("'" + key + "': " + deep, "line 1");
      component(
          "'" + key + "': " + "{'type': 'Sequence', 'normalizers': [".repeat(TENS_OF_THOUSANDS),
          "line 1");
    }
    model("{'vocab': " + deep, "line 1");
    model("{'merges': " + deep, "line 1");
    write("vocab.json", deep);
    write("merges.txt", "");
    Files.delete(directory.resolve("tokenizer.json"));
    refused("vocab.json", "line 1");
  }

  @Test
  void steps_nested_as_deep_as_is_read_are_no_stack_overflow() throws IOException {
    String open = "{'type': 'Sequence', 'normalizers': [".repeat(40);
    component("'normalizer': " + open + "{'type': 'no'}" + "]}".repeat(40), "\"no\" is not known");
  }

  private Tokenizer grows(String json) throws IOException {
    write(
        "tokenizer.json",
        "{%s, \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}}"
            .formatted(json.replace('\'', '"')));
    return SoundFiles.load(directory);
  }

  private static String repeated(int times, String step) {
    return String.join(", ", Collections.nCopies(times, step));
  }

  @Test
  void rules_that_double_a_text_again_and_again_are_stopped() throws IOException {
    String twice =
        "{'type': 'Replace', 'pattern': {'String': 'a'}, 'content': 'aa'}, {'type': 'NFC'}";
    String charsmap = Base64.getEncoder().encodeToString(Charsmap.of("a", "aa"));
    String mapped = "{'type': 'Precompiled', 'precompiled_charsmap': '" + charsmap + "'}";
    String replaced = "{'type': 'Replace', 'pattern': {'Regex': 'a'}, 'content': '%s'}";
    String longer = "{'type': 'Prepend', 'prepend': '%s'}";
    for (String steps :
        List.of(
            repeated(40, twice),
            repeated(40, mapped),
            repeated(2, "{'type': 'Sequence', 'normalizers': [" + repeated(20, twice) + "]}"),
            replaced.formatted("a".repeat(1 << 20)),
            longer.formatted("a".repeat(1 << 20)))) {
      Tokenizer tokenizer =
          grows("'normalizer': {'type': 'Sequence', 'normalizers': [" + steps + "]}");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tokenizer.encode("a".repeat(1000)))
          .withMessageContaining("too many for it");
    }
    Tokenizer tokenizer = grows("'normalizer': " + longer.formatted("a".repeat(1000)));
    assertThat(tokenizer.encode("aa")).hasSize(1002);
  }

  @Test
  void layouts_that_repeat_a_text_or_tokens_without_end_are_refused() throws IOException {
    String text = "{'Sequence': {'id': 'A', 'type_id': 0}}";
    String other = "{'Sequence': {'id': 'B', 'type_id': 0}}";
    String token = "{'SpecialToken': {'id': 'x', 'type_id': 0}}";
    String layout =
        "{'type': 'TemplateProcessing', 'single': [%s], 'pair': [%s], 'special_tokens':"
            + " {'x': {'ids': [%s]}}}";
    String pair = text + ", " + other;
    String many = repeated(17, text);
    component("'post_processor': " + layout.formatted(many, pair, "0"), "single", "17 times");
    component("'post_processor': " + layout.formatted(text, many, "0"), "pair", "17 times");
    component(
        "'post_processor': " + layout.formatted(text + ", " + token, pair, repeated(4097, "0")),
        "single",
        "4097 tokens");
    component(
        "'post_processor': " + layout.formatted(repeated(4097, token), pair, "0"),
        "single",
        "4097 tokens");
    String twice = layout.formatted(repeated(2, text), pair, "0");
    String sequence = "'post_processor': {'type': 'Sequence', 'processors': [%s]}";
    component(sequence.formatted(repeated(5, twice)), "processors[4]", "32 times");
    String nothing = layout.formatted(token, token, "0");
    component(sequence.formatted(nothing + ", " + repeated(5, twice)), "processors[5]", "32 times");
    component(
        sequence.formatted(
            repeated(3, "{'type': 'Sequence', 'processors': [" + repeated(2, twice) + "]}")),
        "processors[2]",
        "64 times");
    String adds = layout.formatted(text + ", " + repeated(2000, token), pair, "0");
    component(sequence.formatted(repeated(3, adds)), "processors[2]", "6000 tokens");
    grows("'post_processor': " + layout.formatted(repeated(16, text), pair, "0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': ['a b']} | model.merges[0]",
        "{'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': ['a b']} | model.merges[0]",
        "{'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': ['a b c']} | line 1",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': ['aa']} | line 1",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': [['a']]} | line 1",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': [['a', 'a', 'a']]} | line 1",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': {}} | line 1",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'merges': [1]} | line 1",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'unk_token': 'u', 'merges': []} | unk_token",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'unk_token': 1, 'merges': []} | unk_token",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'fuse_unk': 1, 'merges': []} | fuse_unk",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'byte_fallback': 'x', 'merges': []} | byte_fallback",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'ignore_merges': [], 'merges': []} | ignore_merges",
        "{'type': 'BPE', 'vocab': {'a': 0}, 'end_of_word_suffix': 1} | end_of_word_suffix",
        "{'type': 'BPE', 'vocab': {'a': 0, 'b': 0}, 'merges': []} | both have the id 0",
        "{'type': 'BPE', 'vocab': {'a': 2147483647}, 'merges': []} | line 1",
        "{'type': 'BPE', 'vocab': {'a': 99999999999999}, 'merges': []} | line 1",
        "{'type': 'WordLevel', 'vocab': {'a': 0, 'a': 1}} | line 1",
        "{'type': 'WordLevel', 'vocab': {'a': 0, 'b': 2097152}} | [0, 2097151]",
        "{'type': 'WordLevel', 'vocab': [['a', 0]]} | model",
        "{'type': 'WordLevel', 'unk_token': 1, 'vocab': {'a': 0}} | unk_token",
        "{'type': 'WordPiece', 'vocab': {'a': 0}, 'max_input_chars_per_word': -1} | max_input",
        "{'type': 'WordPiece', 'vocab': {'a': 0}, 'max_input_chars_per_word': 'x'} | max_input",
        "{'type': 'WordPiece', 'vocab': {'a': 0, 'b': 0}} | both have the id 0",
        "{'type': 'WordPiece', 'continuing_subword_prefix': 1, 'vocab': {'a': 0}} | prefix",
        "{'type': 'Unigram', 'vocab': {'a': 0}} | model",
        "{'type': 'Unigram'} | model",
        "{'type': 'Unigram', 'vocab': [['a', NaN]]} | line 1",
        "{'type': 'Unigram', 'vocab': [['a', 1e999]]} | finite",
        "{'type': 'Unigram', 'vocab': [['a', -1e999]]} | finite",
        "{'type': 'Unigram', 'vocab': [['a', 'x']]} | line 1",
        "{'type': 'Unigram', 'vocab': [['a']]} | line 1",
        "{'type': 'Unigram', 'vocab': [['a', 1, 2]]} | line 1",
        "{'type': 'Unigram', 'vocab': [['a', 1], ['a', 2]]} | line 1",
        "{'type': 'Unigram', 'unk_id': 5, 'vocab': [['a', 1]]} | unk_id",
        "{'type': 'Unigram', 'unk_id': 'a', 'vocab': [['a', 1]]} | unk_id",
        "{'type': 'Other', 'vocab': {'a': 0}} | \"Other\" is not known",
        "{'type': 7, 'vocab': {'a': 0}} | model.type",
      })
  void broken_models_are_named(String json, String place) throws IOException {
    model(json, place);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'normalizer': {'type': 'X'} | normalizer.type",
        "'normalizer': {} | normalizer.type",
        "'normalizer': 'NFC' | normalizer",
        "'normalizer': {'type': 'Sequence'} | normalizer.normalizers",
        "'normalizer': {'type': 'Sequence', 'normalizers': [{'type': 'X'}]} | normalizers[0].type",
        "'normalizer': {'type': 'Strip', 'strip_left': 1} | normalizer.strip_left",
        "'normalizer': {'type': 'Prepend', 'prepend': 1} | normalizer.prepend",
        "'normalizer': {'type': 'Replace', 'pattern': 'x', 'content': ''} | normalizer.pattern",
        "'normalizer': {'type': 'Replace', 'pattern': {'Regex': '('}, 'content': ''} | Regex",
        "'normalizer': {'type': 'Replace', 'pattern': {'Regex': 1}, 'content': ''} | Regex",
        "'normalizer': {'type': 'Replace', 'pattern': {'String': 'a'}} | normalizer.content",
        "'normalizer': {'type': 'BertNormalizer', 'lowercase': 'yes'} | normalizer.lowercase",
        "'normalizer': {'type': 'BertNormalizer', 'strip_accents': 0} | strip_accents",
        "'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': '*'} | precompiled_charsmap",
        "'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': 'AAAA'} | charsmap",
        "'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': '/////w=='} | charsmap",
        "'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': 1} | precompiled_charsmap",
        "'pre_tokenizer': {'type': 'X'} | pre_tokenizer.type",
        "'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': 1} | pretokenizers",
        "'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': [1]} | pretokenizers[0]",
        "'pre_tokenizer': {'type': 'ByteLevel', 'use_regex': 1} | pre_tokenizer.use_regex",
        "'pre_tokenizer': {'type': 'ByteLevel', 'add_prefix_space': 1} | add_prefix_space",
        "'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': '[a'}, 'behavior': 'Isolated'} | Regex",
        "'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': 'a{9999999}'}, 'behavior': 'Isolated'} | Regex",
        "'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': '\\\\p{Nope}'}, 'behavior': 'Isolated'} | Regex",
        "'pre_tokenizer': {'type': 'Split', 'pattern': {}, 'behavior': 'Isolated'} | pattern",
        "'pre_tokenizer': {'type': 'Split', 'pattern': 1, 'behavior': 'Isolated'} | pattern",
        "'pre_tokenizer': {'type': 'Split', 'pattern': {'String': 'a'}, 'behavior': 'No'} | behavior",
        "'pre_tokenizer': {'type': 'Split', 'pattern': {'String': 'a'}, 'behavior': 'Removed', 'invert': 1} | invert",
        "'pre_tokenizer': {'type': 'Digits', 'individual_digits': 1} | individual_digits",
        "'pre_tokenizer': {'type': 'Punctuation', 'behavior': 1} | behavior",
        "'pre_tokenizer': {'type': 'CharDelimiterSplit', 'delimiter': 'ab'} | delimiter",
        "'pre_tokenizer': {'type': 'CharDelimiterSplit'} | delimiter",
        "'pre_tokenizer': {'type': 'FixedLength', 'length': 0} | length",
        "'pre_tokenizer': {'type': 'FixedLength', 'length': 0.5} | length",
        "'pre_tokenizer': {'type': 'Metaspace', 'replacement': ''} | replacement",
        "'pre_tokenizer': {'type': 'Metaspace', 'prepend_scheme': 'x'} | prepend_scheme",
        "'pre_tokenizer': {'type': 'Metaspace', 'split': 3} | split",
        "'post_processor': {'type': 'X'} | post_processor.type",
        "'post_processor': {'type': 'BertProcessing', 'cls': ['a', 9], 'sep': ['a', 0]} | cls",
        "'post_processor': {'type': 'BertProcessing', 'cls': ['a'], 'sep': ['a', 0]} | cls",
        "'post_processor': {'type': 'RobertaProcessing', 'cls': ['a', 0], 'sep': ['a', -1]} | sep",
        "'post_processor': {'type': 'ByteLevel', 'trim_offsets': 1} | trim_offsets",
        "'post_processor': {'type': 'Sequence', 'processors': {}} | processors",
        "'post_processor': {'type': 'TemplateProcessing', 'single': 1} | single",
        "'post_processor': {'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': 'x', 'type_id': 0}}], 'pair': [], 'special_tokens': {}} | single[0].SpecialToken.id",
        "'post_processor': {'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': 'x', 'type_id': 0}}], 'pair': [], 'special_tokens': {'x': {'ids': [9]}}} | ids[0]",
        "'post_processor': {'type': 'TemplateProcessing', 'single': [{'Sequence': {'id': 'B', 'type_id': 0}}], 'pair': [], 'special_tokens': {}} | single[0]",
        "'post_processor': {'type': 'TemplateProcessing', 'single': [{'Sequence': {'id': 'A', 'type_id': -1}}], 'pair': [], 'special_tokens': {}} | type_id",
        "'post_processor': {'type': 'TemplateProcessing', 'single': [{}], 'pair': [], 'special_tokens': {}} | single[0]",
        "'decoder': {'type': 'X'} | decoder.type",
        "'decoder': {'type': 'Sequence', 'decoders': [{'type': 'X'}]} | decoders[0].type",
        "'decoder': {'type': 'Sequence', 'decoders': 1} | decoders",
        "'decoder': {'type': 'Replace', 'pattern': {'Regex': '*'}, 'content': ''} | Regex",
        "'decoder': {'type': 'Replace', 'pattern': {'String': 'a'}, 'content': 1} | content",
        "'decoder': {'type': 'Strip', 'content': ' ', 'start': -1, 'stop': 0} | start",
        "'decoder': {'type': 'Strip', 'content': '', 'start': 0, 'stop': 0} | decoder.content",
        "'decoder': {'type': 'Metaspace', 'replacement': 1} | replacement",
        "'decoder': {'type': 'WordPiece', 'prefix': 1} | prefix",
        "'decoder': {'type': 'WordPiece', 'prefix': '', 'cleanup': 1} | cleanup",
        "'decoder': {'type': 'BPEDecoder', 'suffix': 1} | suffix",
        "'decoder': {'type': 'CTC', 'pad_token': 1} | pad_token",
        "'truncation': {'max_length': 0, 'stride': 0} | truncation.max_length",
        "'truncation': {'max_length': 4, 'stride': 4} | truncation.stride",
        "'truncation': {'max_length': 4, 'stride': 0, 'strategy': 'x'} | truncation.strategy",
        "'truncation': 7 | truncation",
        "'padding': {'pad_id': 9, 'pad_type_id': 0} | padding.pad_id",
        "'padding': {'pad_id': 0, 'pad_type_id': 0, 'strategy': {'Fixed': 'x'}} | Fixed",
        "'padding': {'pad_id': 0, 'pad_type_id': 0, 'strategy': {'Fixed': 2147483647}} | Fixed",
        "'padding': {'pad_id': 0, 'pad_type_id': 0, 'pad_to_multiple_of': 2147483647} | multiple",
        "'added_tokens': [{'id': 2097152, 'content': 'x'}] | [0, 2097151]",
        "'added_tokens': [{'id': 2147483647, 'content': 'x'}] | line 1",
      })
  void broken_components_are_named(String json, String place) throws IOException {
    component(json, place);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a': 0, 'b': 1}         | a b        | merges.txt",
        "{'a': 0, 'b': 1, 'ab': 2} | a c       | merges.txt",
        "{'a': 0, 'b': 1, 'ab': 2} | ab        | merges.txt",
        "{'a': 0, 'b': 1, 'ab': 2} | a b ab    | merges.txt",
        "{'a': 0, 'b': 0}         | #version   | vocab.json",
        "{'a': 0, 'a': 1}         | #version   | vocab.json",
        "{'a': 99999999999}       | #version   | vocab.json",
        "{'a': 2097152}           | #version   | vocab.json",
        "{'a': -1}                | #version   | vocab.json",
        "{'': 0}                  | #version   | vocab.json",
        "[]                       | #version   | vocab.json",
      })
  void broken_vocab_json_and_merges_are_named(String vocabulary, String merges, String file)
      throws IOException {
    write("vocab.json", vocabulary.replace('\'', '"'));
    write("merges.txt", merges);
    refused(file, file.equals("merges.txt") ? "line 1" : "");
  }

  @Test
  void broken_word_lists_are_named() throws IOException {
    write("vocab.txt", "[UNK]\n[CLS]\n[SEP]\na\na\n");
    refused("vocab.txt", "line 5");
    write("vocab.txt", "[UNK]\n[CLS]\n[SEP]\n\na\n");
    refused("vocab.txt", "line 4");
    write("vocab.txt", "[UNK]\n[CLS]\na\n");
    refused("vocab.txt", "[SEP]");
    Files.write(directory.resolve("vocab.txt"), new byte[] {'a', '\n', (byte) 0xFF});
    refused("vocab.txt", "malformed UTF-8");
  }

  @Test
  void broken_rank_files_are_named() throws IOException {
    String file = "r50k_base.tiktoken";
    for (String line :
        List.of(
            "*** 0",
            "YQ 0",
            "Y=Q= 0",
            "==== 0",
            "YQ==",
            "YQ== ",
            "YQ== x",
            "YQ== 2097152",
            "YQ== -1",
            "YQ== 99999999999",
            "YQ== 0 0",
            " 0",
            "YQ==\t0",
            "\u00E9\u00E9 0")) {
      write(file, line + "\n");
      refused(file, "line 1");
    }
    write(file, "YQ== 0\nYg== 0\n");
    refused(file, "line 2");
    write(file, "YQ== 0\nYg== 2\nYw== 1\n");
    refused(file, "line 3");
    write(file, "YQ== 0\nYQ== 1\n");
    refused(file);
    write(file, "YQ== 0\n");
    refused(file, "byte 0x00");
    String sound =
        new String(
            SoundFiles.all().get("tiktoken").get(file), java.nio.charset.StandardCharsets.US_ASCII);
    write(file, sound + "YWI= 259\n");
    refused(file, "259");
  }

  @Test
  void models_that_claim_more_than_they_have_are_named() throws IOException {
    Path file = directory.resolve("tokenizer.model");
    // a piece of four gigabytes, a piece list without an end, an unknown group
    for (byte[] bytes :
        new byte[][] {
          {0x0A, -1, -1, -1, -1, 0x0F, 0x0A},
          {0x0A, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1},
          {0x0A, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
          {0x0B, 0x0B, 0x0B, 0x0B},
          {0x1F, -117, 8, 0},
          {}
        }) {
      Files.write(file, bytes);
      refused("tokenizer.model");
    }
    // a normalizer's table that says it is larger than it is
    byte[] table = {0x12, 6, -1, -1, -1, 0x7F, 0, 0};
    for (int type = 1; type <= 2; type++) {
      Files.write(
          file,
          SentencePieceFile.plain(type)
              .piece("a", 0, SentencePieceFile.NORMAL)
              .field(3, table)
              .bytes());
      refused("tokenizer.model", "charsmap");
    }
    for (float score : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Files.write(
          file, SentencePieceFile.plain(1).piece("a", score, SentencePieceFile.NORMAL).bytes());
      refused("tokenizer.model", "piece 2");
    }
  }

  @Test
  void gguf_files_with_other_things_in_them_are_named() throws IOException {
    List<String> tokens = List.of("a", "b", "ab");
    broken(new GgufWriter().string("tokenizer.ggml.model", "gpt2"));
    broken(gguf("gpt2", List.of("a", "a")).strings("tokenizer.ggml.merges", List.of()));
    broken(gguf("gpt2", tokens).strings("tokenizer.ggml.merges", List.of("a c")));
    broken(gguf("gpt2", tokens).strings("tokenizer.ggml.merges", List.of("ab")));
    broken(gguf("gpt2", tokens).ints("tokenizer.ggml.merges", 1));
    broken(gguf("llama", tokens).floats("tokenizer.ggml.scores", 0, Float.NaN, 0));
    broken(gguf("llama", tokens).floats("tokenizer.ggml.scores", 0, Float.POSITIVE_INFINITY, 0));
    broken(gguf("llama", tokens).floats("tokenizer.ggml.scores", 0));
    broken(gguf("t5", tokens).floats("tokenizer.ggml.scores", 0, 0, Float.NEGATIVE_INFINITY));
    broken(gguf("gpt2", tokens).string("tokenizer.ggml.bos_token_id", "a"));
    broken(gguf("other", tokens));
    broken(gguf("llama", List.of()));
  }

  private static GgufWriter gguf(String model, List<String> tokens) {
    return new GgufWriter()
        .string("tokenizer.ggml.model", model)
        .strings("tokenizer.ggml.tokens", tokens);
  }

  private void broken(GgufWriter file) throws IOException {
    Files.write(directory.resolve("model.gguf"), file.bytes());
    refused("model.gguf");
  }

  @Test
  void a_configuration_that_names_no_token_is_named() throws IOException {
    SoundFiles.write(SoundFiles.all().get("WordPiece"), directory);
    write("tokenizer_config.json", "{\"bos_token\": \"nowhere\"}");
    refused("tokenizer_config.json", "bos_token");
    write("tokenizer_config.json", "{\"chat_template\": 7}");
    refused("tokenizer_config.json", "chat_template");
    write("tokenizer_config.json", "{\"do_lower_case\": 7}");
    refused("tokenizer_config.json", "do_lower_case");
    sparse("tokenizer_config.json", "{");
    refused("tokenizer_config.json", "209715200");
    Files.delete(directory.resolve("tokenizer_config.json"));
    Files.write(directory.resolve("chat_template.jinja"), new byte[] {'a', (byte) 0xFF});
    refused("chat_template.jinja");
  }
}
