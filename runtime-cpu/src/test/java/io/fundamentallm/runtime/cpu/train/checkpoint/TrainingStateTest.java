package io.fundamentallm.runtime.cpu.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainingStateTest {
  private static TrainingState evaluated(double minimumImprovement, double... losses) {
    TrainingState state = TrainingState.BEGINNING;
    for (double loss : losses) {
      state = state.stepped(7).evaluated(loss, minimumImprovement);
    }
    return state;
  }

  @Test
  void the_lowest_loss_is_the_best_also_where_patience_sees_no_improvement() {
    TrainingState state = evaluated(0.5, 6.25, 5.56, 5.43, 5.19);
    assertThat(state.bestStep()).isEqualTo(4);
    assertThat(state.bestLoss()).isEqualTo(5.19);
    assertThat(state.isBest()).isTrue();
    assertThat(state.stale()).isEqualTo(2);
  }

  @Test
  void small_steps_add_up_to_an_improvement() {
    assertThat(evaluated(0.5, 6.0, 5.7, 5.4).stale()).isZero();
    assertThat(evaluated(0.5, 6.0, 5.7, 5.4, 5.6).bestStep()).isEqualTo(3);
  }

  @Test
  void a_loss_that_is_no_number_is_never_the_best() {
    TrainingState state = evaluated(0, Double.NaN, 3, Double.NaN);
    assertThat(state.bestStep()).isEqualTo(2);
    assertThat(state.stale()).isEqualTo(1);
    assertThat(evaluated(0, Double.NaN).bestStep()).isZero();
  }

  @Test
  void a_file_gives_back_what_was_written_and_older_ones_knew_the_best_alone() throws IOException {
    TrainingState state = evaluated(0.5, 6.0, 5.7);
    Map<String, Double> numbers = state.numbers();
    assertThat(TrainingState.of(numbers)).isEqualTo(state);
    numbers.remove("improved_loss");
    assertThat(TrainingState.of(numbers).improvedLoss()).isEqualTo(5.7);
  }
}
