package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.training.TrainingListener.Evaluation;
import io.fundamentallm.training.TrainingListener.Progress;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final StringWriter printed = new StringWriter();
  private final ProgressLine progress = new ProgressLine(new PrintWriter(printed), false);

  @Test
  void the_first_choice_is_told_at_once_and_the_last_at_the_end() {
    List<TrainingPlan> plans =
        Stream.of(7001, 7002, 7003)
            .map(steps -> TrainingPlan.builder(Path.of("model")).steps(steps).build())
            .toList();
    plans.forEach(progress::onPlan);
    assertThat(printed.toString().lines()).containsExactly("chose " + plans.get(0));
    step(7003, 7003);
    end(7003);
    assertThat(printed.toString().lines().skip(1))
        .containsExactly(
            "step 7003/7003, loss 2.500",
            "chose in the end " + plans.get(2),
            "finished after 7003 steps and 1:15");
  }

  @Test
  void the_first_step_of_a_run_tells_no_speed() {
    step(6, 20);
    step(7, 20);
    assertThat(printed.toString().lines())
        .containsExactly(
            "step 6/20, loss 2.500", "step 7/20, loss 2.500, 1,234 tokens/s, 0:47 left");
  }

  @Test
  void a_training_that_took_no_step_was_finished_before() {
    end(7003);
    assertThat(printed.toString().lines())
        .containsExactly("was already finished, after 7003 steps");
  }

  @Test
  void one_that_had_stopped_early_says_what_lets_it_go_on() {
    progress.onPlan(TrainingPlan.builder(Path.of("model")).steps(800).build());
    end(120);
    assertThat(printed.toString().lines().skip(1))
        .containsExactly(
            "was already finished, after 120 steps of 800: it had stopped early;"
                + " --changed=validation.patience with another --patience lets it go on");
  }

  private void step(int step, int steps) {
    progress.onStep(
        new Progress(
            step, steps, 2.5, 1e-3, 1, 1234, Duration.ofSeconds(3), Duration.ofSeconds(47)));
  }

  private void end(int steps) {
    progress.onEnd(
        new TrainingResult(Path.of("model"), steps, 1.5, 1.25, 1234, Duration.ofSeconds(75)));
  }

  @Test
  void pairs_have_rewards_in_place_of_a_perplexity() {
    progress.onEvaluation(new Evaluation(3, 0.5, Double.NaN, 0.75, true, "", 1.5));
    progress.onEvaluation(new Evaluation(4, 1, 1.8, 0.5, false, ""));
    assertThat(printed.toString().lines())
        .containsExactly(
            "after step 3: validation loss 0.500, reward accuracy 0.750, reward margin 1.500",
            "after step 4: validation loss 1.000, perplexity 2.72, 1.800 bits per byte,"
                + " over a part of the held-out text");
  }
}
