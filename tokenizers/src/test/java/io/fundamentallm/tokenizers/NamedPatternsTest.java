package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.tokenizers.split.Scanners;
import org.junit.jupiter.api.Test;

class NamedPatternsTest {
  @Test
  void each_pattern_with_a_name_has_its_scanner() {
    NamedPatterns.BY_NAME.forEach(
        (name, pattern) -> assertThat(Scanners.of(pattern)).as(name).isPresent());
    assertThat(Scanners.of(Scanners.GPT2_PATTERN)).hasValue(Scanners.GPT2);
  }
}
