package io.fundamentallm.runtime.cpu.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of trainings whose steps were chosen anew on the way. */
class TrainingSettingsTest {
  private static final String CHOSEN = "wsd(decay=0.2,steps=\"1450,1600@130\")";

  private static TrainingSettings settings(String steps, String schedule) {
    return new TrainingSettings(Map.of("steps", steps, "schedule", schedule, "warmupSteps", "100"));
  }

  private static TrainingPlan plan(String schedule) {
    return TrainingPlan.builder(Path.of("unused"))
        .architecture("gpt2")
        .budget(Duration.ofMinutes(1))
        .schedule(schedule)
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"wsd(decay=0.2)", "wsd( decay = 0.2 )", "wsd(decay=\"0.2\")"})
  void a_schedule_is_taken_over_however_it_is_written(String schedule) throws IOException {
    TrainingPlan chosen = settings("1600", CHOSEN).chosen(plan(schedule));
    assertThat(chosen.steps()).isEqualTo(1600);
    assertThat(chosen.schedule()).isEqualTo(CHOSEN);
  }

  @Test
  void another_schedule_stays_to_be_compared() throws IOException {
    TrainingPlan chosen = settings("1600", CHOSEN).chosen(plan("wsd(decay=0.3)"));
    assertThat(chosen.schedule()).isEqualTo("wsd(decay=0.3)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"wsd(decay=0.2", "wsd(decay=0.2,steps=\"1450,x@130\")", "wsd(decay=0.2,steps=7)"})
  void a_damaged_schedule_is_an_error_that_shows_it(String schedule) {
    assertThatIOException()
        .isThrownBy(() -> settings("1600", schedule).chosen(plan("wsd(decay=0.2)")))
        .withMessageContaining("the checkpoint's schedule is " + schedule)
        .withMessageContaining("expected");
  }

  @Test
  void steps_that_are_named_as_changed_take_what_was_chosen_with_them() throws IOException {
    TrainingSettings written = settings("1600", CHOSEN);
    TrainingSettings longer = settings("8000", "wsd(decay=0.2)");
    assertThat(SettingChanges.between(written, longer, Set.of("steps"))).containsExactly("steps");
    assertThatIOException()
        .isThrownBy(
            () -> SettingChanges.between(written, settings("8000", "cosine"), Set.of("steps")))
        .withMessageContaining("schedule")
        .withMessageEndingWith("name as changed what is to differ: steps,schedule");
  }
}
