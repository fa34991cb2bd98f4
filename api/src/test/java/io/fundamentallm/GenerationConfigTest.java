package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
