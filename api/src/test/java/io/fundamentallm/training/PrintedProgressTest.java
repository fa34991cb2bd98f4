package io.fundamentallm.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.training.TrainingListener.Evaluation;
import io.fundamentallm.training.TrainingListener.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrintedProgressTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final TrainingListener listener =
      TrainingListener.printing(new PrintStream(printed, false, StandardCharsets.UTF_8));

  private void step(int step, int steps) {
    listener.onStep(
        new Progress(
            step, steps, 2.5, 1e-3, 1, 12_345.6, Duration.ofSeconds(3), Duration.ofSeconds(65)));
  }

  private List<String> lines() {
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void the_first_step_is_told_at_once_and_then_each_twentieth_with_its_speed() {
    step(1, 400);
    assertThat(lines()).containsExactly("step 1 of 400, loss 2.500");
    for (int step = 2; step <= 400; step++) {
      step(step, 400);
    }
    assertThat(lines()).hasSize(21);
    assertThat(lines().get(1)).isEqualTo("step 20 of 400, loss 2.500, 12,346 tokens/s, 1:05 left");
    assertThat(lines().get(20)).startsWith("step 400 of 400, ");
  }

  @Test
  void a_few_steps_are_each_told() {
    for (int step = 1; step <= 3; step++) {
      step(step, 3);
    }
    assertThat(lines()).hasSize(3);
  }

  private static TrainingPlan plan(int steps) {
    return TrainingPlan.builder(Path.of("model")).steps(steps).build();
  }

  private void end() {
    listener.onEnd(
        new TrainingResult(Path.of("model"), 2, 2.5, 1.125, 12_345, Duration.ofSeconds(75)));
  }

  @Test
  void the_first_choice_is_told_at_once_and_the_last_at_the_end() {
    listener.onPlan(plan(7001));
    listener.onPlan(plan(7002)); // before the first step too
    step(1, 7002);
    listener.onPlan(plan(7003));
    assertThat(lines()).hasSize(2);
    end();
    assertThat(lines().get(0)).isEqualTo("chose " + plan(7001));
    assertThat(lines().get(2)).isEqualTo("chose in the end " + plan(7003)).contains("7,003");
    assertThat(lines()).hasSize(4);
  }

  @Test
  void a_second_training_is_told_from_its_beginning() {
    listener.onPlan(plan(7001));
    step(1, 400);
    listener.onEvaluation(new Evaluation(1, 1.25, 1.8, 0.5, false, ""));
    listener.onFailure(new IllegalStateException("stopped"));
    listener.onPlan(plan(7002));
    step(1, 400);
    listener.onEvaluation(new Evaluation(1, 1.25, 1.8, 0.5, false, ""));
    end();
    listener.onPlan(plan(7003));
    step(1, 400);
    String step = "step 1 of 400, loss 2.500";
    assertThat(lines())
        .containsExactly(
            "chose " + plan(7001),
            step,
            "chose " + plan(7002),
            step,
            "wrote model after 2 steps and 1:15, validation loss 1.250",
            "chose " + plan(7003),
            step);
  }

  @Test
  void one_that_took_no_step_was_finished_before() {
    listener.onEvaluation(new Evaluation(2, 1.125, 1.6, 0.5, true, ""));
    end();
    assertThat(lines())
        .containsExactly(
            "wrote model again: its training was already finished, after 2 steps,"
                + " validation loss 1.125 over all of the held-out text");
  }

  @Test
  void pairs_have_rewards() {
    listener.onEvaluation(new Evaluation(1, 0.5, Double.NaN, 0.75, false, "", 1.5));
    step(1, 400);
    listener.onEvaluation(new Evaluation(2, 0.25, Double.NaN, 1, true, "", 2));
    end();
    assertThat(lines())
        .containsExactly(
            "step 1 of 400, loss 2.500, validation loss 0.500 per pair, reward accuracy 0.750,"
                + " reward margin 1.500",
            "wrote model after 2 steps and 1:15, validation loss 0.250 per pair,"
                + " reward accuracy 1.000, reward margin 2.000 over all held-out pairs");
  }

  @Test
  void what_the_model_writes_is_shown_when_it_was_measured() {
    listener.onEvaluation(new Evaluation(250, 1.25, 1.8, 0.5, false, "O speak\nagain\n"));
    step(251, 5000);
    // the last weights, measured again
    listener.onEvaluation(new Evaluation(250, 1.25, 1.8, 0.5, true, "O speak\nagain\n"));
    assertThat(lines())
        .containsExactly(
            "after step 250 it writes:",
            "    O speak",
            "    again",
            "step 251 of 5000, loss 2.500, validation loss 1.250");
  }

  @Test
  void what_was_measured_and_where_the_model_lies_is_told_too() {
    step(1, 2);
    listener.onEvaluation(new Evaluation(1, 1.25, 1.8, 0.5, false, ""));
    step(2, 2);
    listener.onEvaluation(new Evaluation(2, 1.125, 1.6, 0.5, true, ""));
    listener.onEnd(
        new TrainingResult(Path.of("model"), 2, 2.5, 1.125, 12_345, Duration.ofSeconds(75)));
    assertThat(lines().subList(1, 3))
        .containsExactly(
            "step 2 of 2, loss 2.500, validation loss 1.250, 12,346 tokens/s, 1:05 left",
            "wrote model after 2 steps and 1:15, validation loss 1.125 over all of the held-out text");
  }
}
