package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TimeOptionTest {
  private final TimeOption times = new TimeOption();

  @Test
  void times_are_read_as_people_write_them_and_in_iso_s_notation() {
    assertThat(times.convert("30s")).isEqualTo(Duration.ofSeconds(30));
    assertThat(times.convert("1h30m")).isEqualTo(Duration.ofMinutes(90));
    assertThat(times.convert("0.5s")).isEqualTo(Duration.ofMillis(500));
    assertThat(times.convert("PT10M")).isEqualTo(Duration.ofMinutes(10));
    assertThat(times.convert("pt10m")).isEqualTo(Duration.ofMinutes(10));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "10", "ten", "s", "10 minutes", "P", "30s later", "0s", "0", "-5s", "PT0S"})
  void others_are_refused_with_how_to_write_one(String value) {
    assertThatExceptionOfType(TypeConversionException.class)
        .isThrownBy(() -> times.convert(value))
        .withMessage("\"" + value + "\" is no time: write 30s, 10m or 2h");
  }
}
