package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationConfigTest {
  @TempDir private Path directory;

  private GenerationConfig read(String json) throws IOException {
    Files.writeString(directory.resolve("generation_config.json"), json);
    return GenerationConfig.read(directory).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "{}                                                    | none",
        "{\"num_beams\": 1, \"length_penalty\": 2}             | none",
        "{\"num_beams\": 4}                                    | beam(width=4)",
        "{\"num_beams\": 4, \"length_penalty\": 0.6}           | beam(width=4,length-penalty=0.6)",
        "{\"num_beams\": 2, \"early_stopping\": true}          | beam(width=2,early-stopping=true)",
        "{\"num_beams\": 2, \"early_stopping\": false}         |"
            + " beam(width=2,early-stopping=false)",
        "{\"num_beams\": 2, \"early_stopping\": \"never\"}     | beam(width=2)",
        "{\"num_beams\": 3, \"do_sample\": true}               | beam(width=3,sample=true)"
      })
  void beams_are_those_of_the_file(String json, String spec) throws IOException {
    assertThat(read(json).decoder().orElse("none")).isEqualTo(spec);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "\"sequence_bias\": [[[1, 2], -10.0], [[3], 1.5]] | sequence-bias=1+2:-10.0;3:1.5",
        "\"bad_words_ids\": [[13], [1, 2]]              | bad-words=13;1+2",
        "\"min_length\": 5                              | min-length=5",
        "\"min_new_tokens\": 5                          | min-new-tokens=5",
        "\"forced_bos_token_id\": 3                     | forced-begin-token=3",
        "\"forced_eos_token_id\": [4, 5], \"max_new_tokens\": 9 |"
            + " forced-end-token(max-new-tokens=9,tokens=4;5)",
        "\"exponential_decay_length_penalty\": [3, 1.5] |"
            + " exponential-decay-length-penalty(start=3,factor=1.5)",
        "\"suppress_tokens\": [7, 8]                    | suppressed-tokens=7;8",
        "\"begin_suppress_tokens\": [7]                 |"
            + " suppressed-tokens(only-at-begin=true,value=7)",
        "\"min_eos_p\": 0.2                             | eos-prioritizer=0.2"
      })
  void keys_that_are_no_numbers_are_stages(String keys, String stage) throws IOException {
    assertThat(read("{" + keys + "}").sampler()).isEqualTo(stage + ",greedy");
  }

  @Test
  void stages_run_in_the_order_of_transformers() throws IOException {
    assertThat(
            read("{\"do_sample\": true, \"top_h\": 0.4, \"temperature\": 0.7, \"top_k\": 0,"
                    + " \"min_length\": 3, \"repetition_penalty\": 1.1, \"sequence_bias\":"
                    + " [[[1], 2.0]]}")
                .sampler())
        .isEqualTo(
            "sequence-bias=1:2.0,repetition-penalty=1.1,min-length=3,temperature=0.7,top-h=0.4,draw");
    assertThat(read("{\"penalty_alpha\": 0.6, \"top_k\": 4}").decoder())
        .contains("contrastive(k=4,alpha=0.6)");
    assertThat(
            read("{\"num_beams\": 4, \"num_beam_groups\": 2, \"diversity_penalty\": 0.5}")
                .decoder())
        .contains("beam(width=4,groups=2,diversity-penalty=0.5)");
  }

  @Test
  void keys_that_ask_for_what_is_not_done_are_named() throws IOException {
    JsonObject json =
        read("{\"guidance_scale\": 1.5, \"use_cache\": true, \"watermarking_config\": {\"bias\":"
                + " 2}, \"encoder_repetition_penalty\": 1.0, \"max_length\": 20, \"whatever\":"
                + " null}")
            .json();
    assertThat(GenerationKeys.ignored(json, 1024))
        .containsExactly("guidance_scale", "max_length", "watermarking_config");
    assertThat(GenerationKeys.ignored(json, 20))
        .containsExactly("guidance_scale", "watermarking_config");
  }

  @Test
  void texts_and_a_time_that_end_a_generation_are_options() throws IOException {
    DecodingOptions options =
        GenerationKeys.options(
                read("{\"stop_strings\": [\"a\", \"b\"], \"max_time\": 1.5}").json(),
                DecodingOptions.builder().tokenizer(ByteTokenizer.withBeginAndEnd()))
            .build();
    assertThat(options.stopStrings()).containsExactly("a", "b");
    assertThat(options.timeLimit()).contains(Duration.ofMillis(1500));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"true\"", "1", "null", "{}"})
  void sampling_that_is_neither_true_nor_false_is_none(String value) throws IOException {
    assertThat(read("{\"do_sample\": " + value + "}").sampler()).isEqualTo("greedy");
  }

  @Test
  void an_unknown_rule_of_stopping_is_refused_with_the_file() {
    assertThatThrownBy(() -> read("{\"num_beams\": 2, \"early_stopping\": \"soon\"}"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("generation_config.json")
        .hasMessageContaining("soon");
  }
}
