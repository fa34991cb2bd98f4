package io.fundamentallm.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.training.TrainingListener.Evaluation;
import io.fundamentallm.training.TrainingListener.Progress;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  @Test
  void a_plain_log_gets_a_line_every_twentieth_and_no_carriage_return() {
    String text = show(false, 1000);
    assertThat(text).hasLineCount(21).doesNotContain("\r").doesNotContain(" \n");
    assertThat(text.lines().toList().get(9))
        .isEqualTo(
            "[##########..........] step 500/1000, loss 1.500, validation loss 1.250,"
                + " 1234 tokens/s, 1:05 left");
  }

  @Test
  void few_steps_get_a_line_each() {
    assertThat(show(false, 3)).hasLineCount(4);
  }

  @Test
  void a_terminal_keeps_one_line_that_ends_full() {
    String[] lines = show(true, 1000).split("\n");
    assertThat(lines).hasSize(2);
    assertThat(lines[0]).startsWith("\r[").contains("\r[####################] step 1000/1000");
    assertThat(lines[1]).isEqualTo("Validation loss over the whole held-out part: 1.250");
  }

  @Test
  void the_first_choice_is_told_at_once_and_the_last_at_the_end() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ProgressBar bar = new ProgressBar(new PrintStream(out, true, StandardCharsets.UTF_8), false);
    List<TrainingPlan> plans =
        Stream.of(7001, 7002, 7003)
            .map(steps -> TrainingPlan.builder(Path.of("model")).steps(steps).build())
            .toList();
    plans.forEach(bar::onPlan);
    bar.onEnd(new TrainingResult(Path.of("model"), 7003, 1.5, 1.25, 1234, Duration.ZERO));
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "Chosen for this text and this machine: " + plans.get(0),
            "Chosen in the end: " + plans.get(2));
  }

  private static String show(boolean terminal, int steps) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ProgressBar bar = new ProgressBar(new PrintStream(out, true, StandardCharsets.UTF_8), terminal);
    for (int step = 1; step <= steps; step++) {
      bar.onStep(
          new Progress(step, steps, 1.5, 1e-3, 1, 1234, Duration.ZERO, Duration.ofSeconds(65)));
      bar.onEvaluation(new Evaluation(step, 1.25, 1.8, 0.6, false, ""));
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
