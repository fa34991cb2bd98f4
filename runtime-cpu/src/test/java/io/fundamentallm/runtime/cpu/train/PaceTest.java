package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.fundamentallm.runtime.cpu.train.optimizer.LearningRate;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** On a machine and with a clock that are made up. Steps take 40 ms when nothing is wrong. */
class PaceTest {
  private static final double USUAL = 0.04;

  private final TrainingData data =
      new TrainingData(
          new DigitTokenizer(), TokenSequence.of(new int[3000]), TokenSequence.of(new int[25_000]));
  private TrainingPlan plan =
      TrainingPlan.builder(Path.of("model")).budget(Duration.ofMinutes(1)).build();
  private double now;
  private double setUp;
  private int changes;
  private int least = Integer.MAX_VALUE; // of the steps that were chosen on the way

  /**
   * Trains and measures on the whole validation part.
   *
   * @param measured seconds of a step, as measured in two of them at first
   * @param step seconds of a step at a time
   * @return seconds from the beginning to the end
   */
  private double train(double measured, DoubleUnaryOperator step) {
    Pace pace = new Pace(plan, data, () -> (long) (now * 1e9));
    now += 2;
    int first = pace.first(measured);
    boolean open = plan.open().contains("warmupSteps");
    plan =
        Pace.watched(
            plan.toBuilder()
                .architecture("llama")
                .steps(first)
                .warmupSteps(open ? Pace.warmup(plan, first) : plan.warmupSteps())
                .build());
    now += setUp;
    pace.begin();
    int steps = 0;
    double rate = 0;
    while (steps < plan.steps()) {
      now += step.applyAsDouble(now);
      steps++;
      rate = LearningRate.of(plan).at(steps);
      Optional<TrainingPlan> anew = pace.after(steps, plan);
      changes += anew.isPresent() ? 1 : 0;
      plan = anew.orElse(plan);
      least = anew.isPresent() ? Math.min(least, plan.steps()) : least;
      if (steps % plan.validation().interval() == 0) {
        now += 2 * USUAL;
      }
    }
    assertThat(rate).as("the schedule ends with the training").isCloseTo(0, within(1e-12));
    now += 25_000 / 1024.0 * USUAL / 3;
    return now;
  }

  @Test
  void a_steady_machine_needs_few_changes() {
    assertThat(train(USUAL, time -> USUAL)).isBetween(57.0, 60.0);
    assertThat(changes).isLessThan(4);
    assertThat(plan.validation().interval()).isEqualTo(plan.steps() / 10);
  }

  @Test
  void code_that_is_compiled_meanwhile_leaves_no_time_unused() {
    double end = train(2.5 * USUAL, time -> USUAL * (1 + 1.5 * Math.exp(-time / 5)));
    assertThat(end).isBetween(57.0, 60.0);
  }

  @Test
  void a_measurement_that_was_disturbed_does_no_harm() {
    assertThat(train(100 * USUAL, time -> USUAL)).isBetween(57.0, 60.0);
    assertThat(plan.steps()).isGreaterThan(1300);
    assertThat(plan.validation().interval()).isEqualTo(plan.steps() / 10);
    assertThat(plan.warmupSteps()).isEqualTo(50);
    LearningRate rates = LearningRate.of(plan);
    assertThat(rates.at(1)).as("as it was taken").isEqualTo(1e-2 / 2);
    assertThat(rates.at(2)).isCloseTo(1e-2 * 2 / 51, within(1e-12));
  }

  @Test
  void a_guess_of_far_too_many_steps_cuts_the_warm_up() {
    train(USUAL, time -> 50 * USUAL);
    assertThat(plan.steps()).isBetween(15, 40);
    int warm = plan.warmupSteps();
    assertThat(warm).isLessThan(plan.steps() / 3);
    LearningRate rates = LearningRate.of(plan);
    for (int step = warm + 2; step <= plan.steps(); step++) {
      assertThat(rates.at(step)).isLessThan(rates.at(step - 1));
    }
  }

  @Test
  void a_warm_up_that_was_set_stays() {
    plan = plan.toBuilder().warmupSteps(7).build();
    train(100 * USUAL, time -> USUAL);
    assertThat(plan.steps()).isGreaterThan(1300);
    assertThat(plan.warmupSteps()).isEqualTo(7);
  }

  @Test
  void what_comes_before_the_first_step_does_not_count_as_step_time() {
    setUp = 15;
    assertThat(train(USUAL, time -> USUAL)).isBetween(57.0, 60.0);
    assertThat(least).isCloseTo(plan.steps(), withinPercentage(5));
  }

  @Test
  void a_machine_that_is_busy_for_a_moment_keeps_the_budget() {
    double end = train(USUAL, time -> time > 20 && time < 30 ? 3 * USUAL : USUAL);
    assertThat(end).isBetween(57.0, 60.0);
  }

  @Test
  void a_machine_that_stays_busy_keeps_the_budget() {
    assertThat(train(USUAL, time -> time > 25 ? 2 * USUAL : USUAL)).isBetween(57.0, 60.0);
  }

  @Test
  void where_the_time_is_over_the_rate_still_comes_down() {
    double end = train(USUAL, time -> time > 30 && time < 31 ? 60 : USUAL);
    int before = (int) (28 / USUAL);
    assertThat(plan.steps()).isBetween(before, before + before / 12);
    assertThat(end).isLessThan(93);
  }

  @Test
  void a_budget_too_small_for_anything_takes_ten_steps() {
    plan = plan.toBuilder().budget(Duration.ofMillis(100)).build();
    train(USUAL, time -> USUAL);
    assertThat(plan.steps()).isEqualTo(10);
  }

  @Test
  void steps_that_something_depends_on_or_that_were_set_are_not_chosen_anew() {
    TrainingObjective mixed =
        TrainingObjective.MAXIMUM_LIKELIHOOD.withScheduledSampling("linear(max=0.2)");
    plan = plan.toBuilder().objective(mixed).build();
    train(3 * USUAL, time -> USUAL);
    assertThat(changes).isZero();
    assertThat(new Pace(plan, data, () -> (long) (now * 1e9)).after(5, plan)).isEmpty();
  }
}
