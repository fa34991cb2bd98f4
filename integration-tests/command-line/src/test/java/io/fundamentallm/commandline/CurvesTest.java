package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.training.TrainingListener.Progress;
import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurvesTest {
  @TempDir private Path folder;

  private TrainingPlan plan(int steps) {
    return TrainingPlan.builder(folder.resolve("model")).steps(steps).build();
  }

  @Test
  void the_page_has_the_plan_that_was_chosen_last() throws Exception {
    Path page = folder.resolve("report.html");
    try (Curves curves = new Curves(page, plan(7001))) {
      curves.onPlan(plan(7002));
      assertThat(page).doesNotExist();
      curves.onStep(
          new Progress(1, 7002, 2.5, 1e-3, 1, 1000, Duration.ofSeconds(1), Duration.ofSeconds(9)));
      assertThat(page).content().contains("7,002");
      curves.onPlan(plan(7003));
    }
    assertThat(page).content().contains("7,003").doesNotContain("7,001", "<td>7,002");
  }
}
