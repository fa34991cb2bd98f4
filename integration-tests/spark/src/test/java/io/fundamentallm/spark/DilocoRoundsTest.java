package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DilocoRoundsTest {
  @Test
  void the_time_that_is_left_is_right_for_long_trainings() {
    assertThat(DilocoRounds.left(500, Duration.ofSeconds(10), 1000)).hasSeconds(5);
    assertThat(DilocoRounds.left(0, Duration.ofDays(40), 2_000_000)).isZero();
    assertThat(DilocoRounds.left(1_000_000, Duration.ofHours(30), 1_000_000)).hasHours(30);
    assertThat(DilocoRounds.left(Integer.MAX_VALUE - 1, Duration.ofDays(10), 1)).isPositive();
    assertThat(DilocoRounds.left(7, Duration.ofSeconds(3), 0)).hasSeconds(21);
  }
}
