package io.fundamentallm.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> NAMES =
      List.of("train", "generate", "temperature", "top-p", "--max-tokens", "--prompt");

  @Test
  void a_slip_is_guessed_and_another_word_is_not() {
    assertThat(NearestName.of("trian", NAMES)).hasValue("train");
    assertThat(NearestName.of("tain", NAMES)).hasValue("train");
    assertThat(NearestName.of("topp", NAMES)).hasValue("top-p");
    assertThat(NearestName.of("--max-token", NAMES)).hasValue("--max-tokens");
    assertThat(NearestName.of("tmperature", NAMES)).hasValue("temperature");
    assertThat(NearestName.of("CPU", List.of("gpu", "cpu"))).hasValue("cpu");
    assertThat(NearestName.of("--frown", NAMES)).isEmpty();
    assertThat(NearestName.of("beam", NAMES)).isEmpty();
    assertThat(NearestName.of("x", List.of())).isEmpty();
  }

  @Test
  void the_only_name_that_begins_so_is_guessed() {
    assertThat(NearestName.of("temp", NAMES)).hasValue("temperature");
    assertThat(NearestName.of("--max", NAMES)).hasValue("--max-tokens");
    assertThat(NearestName.of("te", NAMES)).isEmpty();
    assertThat(NearestName.of("rep", List.of("repeat-last", "repetition-penalty"))).isEmpty();
  }
}
