package io.fundamentallm.runtime.gpu;

import static io.fundamentallm.runtime.gpu.OnnxFile.DOUBLE;
import static io.fundamentallm.runtime.gpu.OnnxFile.FLOAT;
import static io.fundamentallm.runtime.gpu.OnnxFile.INT64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadFilesTest {
  @TempDir private Path directory;

  @BeforeEach
  void aGoodModel() throws IOException {
    TinyDecoder.small().save(directory, Form.IDS_ONLY);
  }

  private Throwable failure() {
    return catchThrowable(
        () ->
            new GpuProvider().load(directory, Options.of("gpu", Map.of("device", "cpu"))).close());
  }

  private Path graph() {
    return directory.resolve("model.onnx");
  }

  @Test
  void a_truncated_graph_is_refused_with_its_name_and_the_reason() throws IOException {
    byte[] whole = Files.readAllBytes(graph());
    for (int percent = 0; percent < 100; percent += 9) {
      Files.write(graph(), Arrays.copyOf(whole, whole.length * percent / 100));
      assertThat(failure())
          .as("%d %% of the file", percent)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(graph() + ": ONNX Runtime cannot load this graph on cpu: ");
    }
  }

  @Test
  void a_graph_without_its_end_is_to_be_copied_again() throws IOException {
    byte[] whole = Files.readAllBytes(graph());
    Files.write(graph(), Arrays.copyOf(whole, whole.length - 1));
    assertThat(failure())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(graph() + ": ONNX Runtime cannot load this graph on cpu: ")
        .hasMessageEndingWith("; the file is torn, or no ONNX graph: copy or download it again");
  }

  @Test
  void a_pointer_of_git_lfs_is_said_to_be_one() throws IOException {
    Files.writeString(
        graph(), "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n");
    assertThat(failure())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(graph() + ": it is a pointer of Git LFS and not the file itself");
  }

  @Test
  void random_bytes_are_refused_with_the_name_of_the_file() throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      byte[] bytes = new byte[1 + seed * 97];
      new Random(seed).nextBytes(bytes);
      Files.write(graph(), bytes);
      assertThat(failure())
          .as("seed %d", seed)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(graph().toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"n_positions": 48                   | at byte
          []                                   | at byte 0: expected {
          {"n_positions": "many"}              | "n_positions" is many, expected a whole number
          {"n_positions": 0}                   | "n_positions" is 0, expected at least 1
          {"n_positions": {"a": [1]}}          | "n_positions" is {…}, expected a whole number
          {"n_positions": 99999999999}         | "n_positions" is 99999999999
          {"n_positions": null}                | no context length; expected one of the keys n_positions, max_position_embeddings
          {"n_positions":48,"eos_token_id":[1,"x"]} | "eos_token_id" is […], expected a whole number
          {"n_positions":48,"vocab_size":18}   | config.json gives the vocab_size 18, but
          {"n_positions":48,"n_layer":3}       | config.json gives the number of layers 3, but
          """)
  void a_bad_configuration_is_refused_with_the_place(String json, String message)
      throws IOException {
    Files.writeString(directory.resolve("config.json"), json);
    assertThat(failure())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(message);
  }

  /** A decoder of 17 tokens whose scores are in another file. */
  private void outside(String location) throws IOException {
    OnnxFile file = new OnnxFile();
    file.input("input_ids", INT64, "B", "T");
    file.output("logits", FLOAT, "B", "T", 17);
    String table = file.floatsOutside(location, 4 * 17 * 17, 17, 17);
    file.rename(file.node("Gather", table, "input_ids"), "logits");
    Files.write(graph(), file.toBytes());
  }

  @Test
  void weights_in_another_file_are_read_from_the_directory_alone() throws IOException {
    byte[] weights = new byte[4 * 17 * 17];
    Path model = Files.createDirectory(directory.resolve("inner"));
    Files.write(directory.resolve("weights"), weights);
    Files.copy(directory.resolve("config.json"), model.resolve("config.json"));
    directory = model;
    outside("weights");
    assertThat(failure())
        .as("missing")
        .isInstanceOf(IOException.class)
        .hasMessageContaining(graph().toString())
        .hasMessageContaining("weights");
    Files.write(model.resolve("weights"), Arrays.copyOf(weights, 100));
    assertThat(failure())
        .as("too short")
        .isInstanceOf(IOException.class)
        .hasMessageContaining(graph().toString())
        .hasMessageContaining("file_length: 100");
    Files.write(model.resolve("weights"), weights);
    assertThat(failure()).isNull();
    for (String location :
        List.of("../weights", "./../weights", model.resolveSibling("weights").toString())) {
      outside(location);
      assertThat(failure())
          .as(location)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(graph().toString());
    }
  }

  @Test
  void a_missing_configuration_is_refused_by_name() throws IOException {
    Files.delete(directory.resolve("config.json"));
    assertThat(failure())
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("config.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"model": {"context_length": 48, "decoder": {"filename": "../model.onnx"}}}  | "filename" is ../model.onnx, expected a file in the same directory
          {"model": {"context_length": 48, "decoder": {"filename": ".."}}}             | "filename" is .., expected a file in the same directory
          {"model": {"context_length": 48, "decoder": {"filename": "a\\u0000"}}}     | expected a file in the same directory
          {"model": {"context_length": 48, "decoder": {"filename": "b.onnx"}}}         | no b.onnx
          {"model": {"context_length": "long"}}                                        | "context_length" is long, expected a whole number
          {"model": {}}                                                                | no context length; expected one of the keys
          {"model": {"context_length": 48, "vocab_size": 18}}                          | genai_config.json gives the vocab_size 18, but
          {"model": {"context_length": 48, "decoder": {"inputs": {"past_key_names": "past"}}}} | is past, expected a name with %d
          {"model": {"context_length": 48, "decoder": {"inputs": {"input_ids": "ids"}}}} | there is no input ids
          {"model": {"context_length": 48, "decoder": {"num_hidden_layers": 3}}}       | gives the number of layers 3, but
          """)
  void a_bad_configuration_of_onnxruntime_genai_is_refused(String json, String message)
      throws IOException {
    Files.delete(directory.resolve("config.json"));
    Files.writeString(directory.resolve("genai_config.json"), json);
    assertThat(failure()).isInstanceOf(IOException.class).hasMessageContaining(message);
    assertThatCode(() -> new GpuProvider().supports(directory)).doesNotThrowAnyException();
  }

  @Test
  void a_configuration_that_would_fill_the_memory_is_refused() throws IOException {
    String open = ("{\"" + "k".repeat(5000) + "\":").repeat(900);
    Path file = directory.resolve("genai_config.json");
    Files.writeString(file, open + "1" + "}".repeat(900));
    assertThat(failure())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": malformed JSON at byte ")
        .hasMessageContaining("at most 100 levels of nesting")
        .message()
        .hasSizeLessThan(1000);
    Files.writeString(file, "{\"model\":{\"a\":[" + "[0],".repeat(2_400_000) + "0]}}");
    assertThat(failure())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": malformed JSON at byte ")
        .hasMessageContaining(" values");
  }

  @Test
  void sizes_that_no_run_could_have_are_refused_when_it_is_loaded() throws IOException {
    write(file -> {}, 2, "T");
    assertThat(failure()).hasMessageContaining("input_ids is always of 2 sequences");
    write(file -> {}, "B", 3);
    assertThat(failure()).hasMessageContaining("input_ids is always of 3 tokens");
    write(
        file -> {
          for (String kind : new String[] {"key", "value"}) {
            String past = "past_key_values.0." + kind;
            file.input(past, FLOAT, "B", 1 << 30, "L", 1 << 30);
            file.output("present.0." + kind, FLOAT, "B", 1 << 30, "S", 1 << 30);
            file.rename(past, "present.0." + kind);
          }
        });
    assertThat(failure()).hasMessageContaining("more than 2 GB");
  }

  @Test
  void a_missing_counterpart_is_named() throws IOException {
    write(
        file -> {
          cache(file, 3, "key", FLOAT, "L");
          cache(file, 3, "value", FLOAT, "L");
          file.input("past_key_values.5.key", FLOAT, "B", 2, "L", 8);
        });
    assertThat(failure()).hasMessageContaining("layer 5 lacks the output present.5.key");
    write(file -> cache(file, 0, "key", FLOAT, "L"));
    assertThat(failure()).hasMessageContaining("layer 0 lacks the input past_key_values.0.value");
  }

  @Test
  void an_input_nobody_fills_is_named() throws IOException {
    write(
        file -> {
          cache(file, 0, "key", FLOAT, "L");
          cache(file, 0, "value", FLOAT, "L");
          file.input("encoder_hidden_states", FLOAT, "B", "S", 8);
        });
    assertThat(failure())
        .hasMessageContaining("the input encoder_hidden_states is none that this runtime knows");
  }

  @Test
  void a_flag_of_another_type_is_refused() throws IOException {
    write(
        file -> {
          cache(file, 0, "key", FLOAT, "L");
          cache(file, 0, "value", FLOAT, "L");
          file.input("use_cache_branch", OnnxFile.INT64, 1);
        });
    assertThat(failure())
        .hasMessageContaining("use_cache_branch is INT64")
        .hasMessageContaining("expected bool");
  }

  @Test
  void caches_of_other_types_and_shapes_are_refused() throws IOException {
    write(file -> both(file, DOUBLE, "L"));
    assertThat(failure())
        .hasMessageContaining("past_key_values.0.key is DOUBLE")
        .hasMessageContaining("expected float32");
    write(
        file -> {
          file.input("past_key_values.0.key", FLOAT, "B", 2, "L", "D");
          file.output("present.0.key", FLOAT, "B", 2, "S", "D");
          file.rename("past_key_values.0.key", "present.0.key");
        });
    assertThat(failure()).hasMessageContaining("one dimension for the tokens of the past");
  }

  @Test
  void logits_of_another_type_are_refused_by_name() throws IOException {
    OnnxFile file = new OnnxFile();
    file.input("input_ids", INT64, "B", "T");
    both(file, FLOAT, "L");
    file.output("logits", DOUBLE, "B", "T", 17);
    String floats = file.node("Cast", OnnxFile.integer("to", DOUBLE), "input_ids");
    file.rename(file.node("Unsqueeze", floats, file.longs(2)), "logits");
    Files.write(graph(), file.toBytes());
    assertThat(failure()).hasMessageContaining("logits is DOUBLE").hasMessageContaining("float32");
  }

  @Test
  void a_graph_that_drops_its_past_is_found_out_when_it_runs() throws IOException {
    write(
        file -> {
          for (String kind : new String[] {"key", "value"}) {
            file.input("past_key_values.0." + kind, FLOAT, "B", 2, "L", 8);
            file.output("present.0." + kind, FLOAT, "B", 2, "M", 8);
            file.rename("past_key_values.0." + kind, "present.0." + kind);
          }
        });
    Files.writeString(directory.resolve("config.json"), "{\"n_positions\": 48}");
    try (var model = new GpuProvider().load(directory, Options.of("gpu", Map.of()));
        var session = model.open()) {
      assertThatThrownBy(() -> session.append(new int[] {1}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("present.0.key is [1, 2, 0, 8] after 1 tokens");
      assertThat(session.length()).isZero();
    }
  }

  /** A graph whose logits are its ids, with what else the consumer adds. */
  private void write(Consumer<OnnxFile> more) throws IOException {
    write(more, "B", "T");
  }

  private void write(Consumer<OnnxFile> more, Object sequences, Object tokens) throws IOException {
    OnnxFile file = new OnnxFile();
    file.input("input_ids", INT64, sequences, tokens);
    file.output("logits", FLOAT, "B", "T", 17);
    String floats = file.node("Cast", OnnxFile.integer("to", FLOAT), "input_ids");
    String column = file.node("Unsqueeze", floats, file.longs(2));
    file.rename(file.node("Expand", column, file.longs(1, 1, 17)), "logits");
    more.accept(file);
    Files.write(graph(), file.toBytes());
  }

  private static void both(OnnxFile file, int type, Object tokens) {
    cache(file, 0, "key", type, tokens);
    cache(file, 0, "value", type, tokens);
  }

  private static void cache(OnnxFile file, int layer, String kind, int type, Object tokens) {
    String past = "past_key_values." + layer + "." + kind;
    file.input(past, type, "B", 2, tokens, 8);
    file.output("present." + layer + "." + kind, type, "B", 2, tokens, 8);
    file.rename(past, "present." + layer + "." + kind);
  }
}
