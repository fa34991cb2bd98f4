package io.fundamentallm.runtime.cpu.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearningRateTest {
  private static TrainingPlan plan(String schedule) {
    return TrainingPlan.builder(Path.of("model"))
        .steps(110)
        .warmupSteps(10)
        .learningRate(1, 0.2)
        .schedule(schedule)
        .build();
  }

  private static LearningRate rates(String schedule) {
    return LearningRate.of(plan(schedule));
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

  @ParameterizedTest
  @ValueSource(strings = {"cosine", "linear", "constant", "wsd", "wsd(decay=0.5)"})
  void steps_that_are_chosen_anew_change_no_rate_before_and_end_at_the_minimum(String schedule) {
    TrainingPlan plan = plan(schedule);
    TrainingPlan longer = Course.chosen(plan, 60, 150, 10);
    TrainingPlan shorter = Course.chosen(longer, 90, 100, 10);
    assertThat(longer.steps()).isEqualTo(150);
    assertThat(shorter.steps()).isEqualTo(100);
    assertThat(Course.before(shorter.schedule())).isEqualTo(schedule);
    for (int step = 1; step <= 90; step++) {
      TrainingPlan known = step <= 60 ? plan : longer;
      assertThat(LearningRate.of(shorter).at(step)).isEqualTo(LearningRate.of(known).at(step));
    }
    LearningRate rates = LearningRate.of(shorter);
    for (int step = 91; step <= 100; step++) {
      assertThat(rates.at(step)).isLessThanOrEqualTo(rates.at(step - 1));
    }
    double end = schedule.equals("constant") ? 1 : 0.2;
    assertThat(rates.at(100)).isCloseTo(end, within(1e-12));
    assertThat(LearningRate.of(longer).at(150)).isCloseTo(end, within(1e-12));
  }

  @Test
  void steps_chosen_during_the_warm_up_are_as_if_chosen_at_first() {
    TrainingPlan plan = plan("cosine");
    TrainingPlan anew = Course.chosen(plan, 4, 300, 10);
    TrainingPlan once = plan.toBuilder().steps(300).build();
    for (int step = 1; step <= 300; step++) {
      assertThat(LearningRate.of(anew).at(step)).isEqualTo(LearningRate.of(once).at(step));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cosine", "linear", "constant", "wsd", "wsd(decay=0.5)"})
  void a_warm_up_that_is_chosen_anew_changes_no_rate_before(String schedule) {
    TrainingPlan plan = plan(schedule);
    TrainingPlan longer = Course.chosen(plan, 4, 300, 30);
    TrainingPlan shorter = Course.chosen(longer, 8, 200, 20);
    TrainingPlan last = Course.chosen(shorter, 60, 250, 20);
    assertThat(last.schedule()).contains("\"110/10,300/30@4,200@8,250@60\"");
    assertThat(last.warmupSteps()).isEqualTo(20);
    for (int step = 1; step <= 250; step++) {
      TrainingPlan known = step <= 4 ? plan : step <= 8 ? longer : last;
      assertThat(LearningRate.of(last).at(step)).isEqualTo(LearningRate.of(known).at(step));
    }
    TrainingPlan once = plan.toBuilder().steps(200).warmupSteps(20).build();
    for (int step = 9; step <= 200; step++) {
      assertThat(LearningRate.of(shorter).at(step)).isEqualTo(LearningRate.of(once).at(step));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "110@5",
        "100,x@3",
        "100,120@30",
        "100,110@0",
        "100,110@30,110@30",
        "110,",
        "99/3,110@4",
        "99/0,110@2"
      })
  void steps_that_no_training_can_have_chosen_are_refused(String steps) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rates("cosine(steps=\"" + steps + "\")"))
        .withMessageContaining("1450,1520@130")
        .withMessageContaining("the plan's 110");
    assertThat(rates("cosine(steps=\"100,90@30,110@40\")").at(110)).isEqualTo(0.2);
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
