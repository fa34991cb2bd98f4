package io.fundamentallm.runtime.cpu.format.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.spec.Rope;
import io.fundamentallm.runtime.cpu.model.Rotary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RopeSettingsTest {
  @TempDir private Path folder;

  private Rope read(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), json);
    return RopeSettings.of(JsonObject.read(file), 64, 4096, 1);
  }

  private Rotary.Scaling scaling(String scaling) throws IOException {
    return read("{\"rope_scaling\":{" + scaling + "}}").rotary().scaling();
  }

  @Test
  void the_base_stands_beside_the_scaling_or_inside_the_parameters() throws IOException {
    assertThat(read("{}").rotary()).isEqualTo(new Rotary(64, 10_000, new Rotary.Unscaled()));
    assertThat(read("{\"rope_theta\":5e5,\"rope_scaling\":null}").rotary().theta()).isEqualTo(5e5);
    assertThat(read("{\"rope_parameters\":{\"rope_theta\":7,\"rope_type\":\"default\"}}").rotary())
        .isEqualTo(new Rotary(64, 7, new Rotary.Unscaled()));
    assertThat(read("{\"rope_theta\":9,\"rope_parameters\":{\"rope_theta\":7}}").rotary().theta())
        .isEqualTo(7);
    assertThat(read("{\"rope_parameters\":{\"partial_rotary_factor\":0.5}}").rotary().dimensions())
        .isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"type", "rope_type"})
  void every_kind_is_read_under_either_key(String type) throws IOException {
    assertThat(scaling("\"" + type + "\":\"linear\",\"factor\":2.5"))
        .isEqualTo(new Rotary.Linear(2.5));
    assertThat(scaling("\"" + type + "\":\"dynamic\",\"factor\":2"))
        .isEqualTo(new Rotary.Dynamic(2, 4096));
    assertThat(
            scaling(
                "\""
                    + type
                    + "\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,"
                    + "\"high_freq_factor\":4.0,\"original_max_position_embeddings\":1024"))
        .isEqualTo(new Rotary.Llama3(8, 1, 4, 1024));
  }

  /** The third column from modeling_rope_utils' formulas, by hand. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "factor":4                                     | 4   | 1.1386294361119891
          "factor":1                                     | 1   | 1
          "factor":4,"attention_factor":0.5              | 4   | 0.5
          "factor":4,"attention_factor":null             | 4   | 1.1386294361119891
          "factor":40,"mscale":0.707,"mscale_all_dim":1  | 40  | 0.921042355316
          "factor":40,"mscale":1,"mscale_all_dim":1      | 40  | 1
          "factor":40,"mscale":1,"mscale_all_dim":0      | 40  | 1.3688879454
          "factor":null                                  | 4   | 1.1386294361119891
          """)
  void yarns_attention_factor_is_resolved_as_hugging_face_does(
      String settings, double factor, double attention) throws IOException {
    Rotary.Yarn yarn =
        (Rotary.Yarn)
            scaling("\"rope_type\":\"yarn\",\"original_max_position_embeddings\":1024," + settings);
    assertThat(yarn.factor()).isEqualTo(factor);
    assertThat(yarn.attentionFactor()).isCloseTo(attention, within(1e-9));
    assertThat(yarn.trainedContext()).isEqualTo(1024);
    assertThat(yarn.betaFast()).isEqualTo(32);
    assertThat(yarn.betaSlow()).isEqualTo(1);
    assertThat(yarn.truncate()).isTrue();
  }

  @Test
  void yarns_other_settings_are_read() throws IOException {
    assertThat(
            scaling(
                "\"type\":\"yarn\",\"factor\":2,\"beta_fast\":16,\"beta_slow\":2,"
                    + "\"truncate\":false,\"attention_factor\":1"))
        .isEqualTo(new Rotary.Yarn(2, 4096, 16, 2, 1, false));
  }

  @Test
  void scaling_that_stretches_the_context_is_counted() throws IOException {
    String head = "{\"rope_scaling\":{\"rope_type\":";
    assertThat(read("{}").contextLength()).isEqualTo(4096);
    assertThat(read(head + "\"dynamic\",\"factor\":2}}").contextLength()).isEqualTo(8192);
    assertThat(read(head + "\"yarn\",\"factor\":4}}").contextLength()).isEqualTo(16_384);
    assertThat(
            read(head + "\"yarn\",\"factor\":2,\"original_max_position_embeddings\":1024}}")
                .contextLength())
        .isEqualTo(4096);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "type":"long","factor":2                             | expected default, linear, dynamic
          "type":"longrope","factor":2                         | "short_factor" is null, of length 0
          "type":"linear"                                      | has no "factor"
          "type":"linear","factor":0.5                         | expected at least 1
          "type":"linear","factor":"2"                         | expected a number
          "type":"linear","factor":2,"mscale":1                | no setting of the kind linear
          "type":"yarn","factor":2,"beta_slow":40              | "beta_slow" is 40
          "type":"yarn","factor":2,"attention_factor":-1       | "attention_factor" is -1
          "type":"yarn","factor":1e300                         | more than 2^31
          "type":"dynamic","factor":2,"original_max_position_embeddings":5 | expected 4096
          "type":"llama3","factor":2                           | has no "low_freq_factor"
          "type":"llama3","factor":2,"low_freq_factor":4,"high_freq_factor":1 | "low_freq_factor" is 4
          "full_attention":{"rope_type":"default"}             | "full_attention" is {…}
          """)
  void what_cannot_be_met_is_refused_by_name(String settings, String message) {
    assertThatThrownBy(() -> scaling(settings))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.resolve("config.json").toString())
        .hasMessageContaining(message);
  }
}
