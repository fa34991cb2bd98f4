package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The frequencies are those of Hugging Face: figures that transformers' own
 * test_modeling_rope_utils.py expects of LlamaConfig(), five digits of each.
 */
class PlainRotaryTest {

  private static PlainRotary rotary(Map<String, Object> scaling) {
    Map<String, Object> config = new HashMap<>();
    config.put("max_position_embeddings", 2048);
    config.put("rope_scaling", scaling);
    return new PlainRotary(new HuggingFaceModel(config, Map.of()), 4096 / 32, "rope_theta", "none");
  }

  private static Map<String, Object> scaling(String type) {
    return switch (type) {
      case "yarn" -> Map.of("rope_type", type, "factor", 10.0, "beta_fast", 32, "beta_slow", 1);
      case "llama3" ->
          Map.of(
              "rope_type", type,
              "factor", 10.0,
              "original_max_position_embeddings", 2048,
              "low_freq_factor", 1,
              "high_freq_factor", 4);
      default -> Map.of("rope_type", type, "factor", 10.0);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "linear, 0, 24, 3.1623e-03",
    "dynamic, 0, 24, 3.1623e-02",
    "dynamic, 2047, 63, 1.1548e-04",
    "dynamic, 16383, 1, 8.0931e-01",
    "dynamic, 16383, 24, 6.2339e-03",
    "dynamic, 16383, 63, 1.6265e-06",
    "yarn, 0, 16, 1.0000e-01",
    "yarn, 0, 17, 8.3479e-02",
    "yarn, 0, 31, 5.3120e-03",
    "yarn, 0, 40, 4.3007e-04",
    "yarn, 0, 41, 2.7384e-04",
    "llama3, 0, 30, 1.3335e-02",
    "llama3, 0, 31, 1.0730e-02",
    "llama3, 0, 36, 1.9675e-03",
    "llama3, 0, 40, 3.4539e-04",
    "llama3, 0, 63, 1.1548e-05",
  })
  void frequencies_are_those_of_hugging_face(
      String type, int position, int index, double expected) {
    assertThat(rotary(scaling(type)).frequencies(position)[index])
        .isCloseTo(expected, within(1e-4 * expected));
  }

  @Test
  void yarn_also_scales_attention_unless_told_by_how_much() {
    assertThat(rotary(scaling("yarn")).attentionFactor()).isEqualTo(0.1 * Math.log(10) + 1);
    Map<String, Object> explicit =
        Map.of("rope_type", "yarn", "factor", 10.0, "attention_factor", 0.5);
    assertThat(rotary(explicit).attentionFactor()).isEqualTo(0.5);
  }
}
