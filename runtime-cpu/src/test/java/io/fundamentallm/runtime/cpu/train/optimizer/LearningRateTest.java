package io.fundamentallm.runtime.cpu.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateTest {
  private static LearningRate rates(String schedule) {
    return LearningRate.of(
        TrainingPlan.builder(Path.of("model"))
            .steps(110)
            .warmupSteps(10)
            .learningRate(1, 0.2)
            .schedule(schedule)
            .build());
  }

  @ParameterizedTest
  @CsvSource({
    "cosine,      0.883, 0.6, 0.317, 0.2",
    "linear,      0.8,   0.6, 0.4,   0.2",
    "constant,    1,     1,   1,     1",
    "wsd,         1,     1,   1,     0.2",
    "wsd(decay=0.5), 1,  0.927, 0.564, 0.2"
  })
  void every_schedule_rises_linearly_and_goes_its_own_way_down(
      String schedule, double quarter, double half, double threeQuarters, double last) {
    LearningRate rates = rates(schedule);
    for (int step = 1; step <= 10; step++) {
      assertThat(rates.at(step)).isCloseTo(step / 11.0, within(1e-12));
    }
    assertThat(rates.at(35)).isCloseTo(quarter, within(1e-3));
    assertThat(rates.at(60)).isCloseTo(half, within(1e-3));
    assertThat(rates.at(85)).isCloseTo(threeQuarters, within(1e-3));
    assertThat(rates.at(110)).isCloseTo(last, within(1e-12));
  }

  @Test
  void warm_up_stable_decay_holds_until_the_last_part() {
    LearningRate rates = rates("wsd(decay=0.2)");
    assertThat(rates.at(88)).isEqualTo(1);
    assertThat(rates.at(99)).isCloseTo(0.6, within(1e-12));
  }

  @Test
  void an_unknown_schedule_or_option_is_refused_by_name() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rates("cosinus"))
        .withMessageContaining("cosinus")
        .withMessageContaining("cosine");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rates("wsd(decay=0)"))
        .withMessageContaining("decay")
        .withMessageContaining("(0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rates("linear(decay=1)"))
        .withMessageContaining("decay");
  }
}
