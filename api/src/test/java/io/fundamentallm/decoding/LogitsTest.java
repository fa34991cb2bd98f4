package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LogitsTest {
  private static final float NEVER = Float.NEGATIVE_INFINITY;

  @Test
  void ties_go_to_the_lowest_id() {
    Logits logits = Logits.of(1, 3, 3, 2, 3);
    assertThat(logits.maximumIndex()).isEqualTo(1);
    logits.retainIf(index -> index >= 2);
    assertThat(logits.token(logits.maximumIndex())).isEqualTo(2);
    assertThat(logits.maximum()).isEqualTo(3);
  }

  @Test
  void scores_that_division_rounds_together_tie_too() {
    float next = Math.nextUp(1f);
    Logits logits = Logits.of(1, next);
    assertThat(logits.maximumIndex()).isEqualTo(1);
    logits.divide(3e38f);
    assertThat(logits.score(0)).isEqualTo(logits.score(1));
    assertThat(logits.maximumIndex()).isZero();
  }

  @Test
  void a_nan_is_an_error_that_names_token_and_position() {
    Logits logits = new Logits(3).reset(new float[] {1, Float.NaN, 2}, 17);
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(logits::maximum)
        .withMessage("the logit of token 1 at position 17 is NaN");
  }

  @Test
  void what_a_division_makes_infinite_is_told_with_its_temperature() {
    Logits logits = Logits.of(1, 2);
    logits.divide(1e-40f);
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(logits::maximum)
        .withMessageStartingWith("the logit of token 0 at position 0 is infinite: 1.0 divided by ");
    for (float bad : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> logits.divide(bad))
          .withMessage("the temperature " + bad + " is not a finite number above 0");
    }
  }

  @Test
  void what_is_no_score_is_refused_where_it_is_set() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      Logits logits = new Logits(3).reset(new float[] {1, NEVER, 2}, 17);
      logits.retainIf(index -> index > 0);
      String set = " at position 17 was set to " + (bad > 0 ? "infinite" : "NaN") + "; it was ";
      assertThatExceptionOfType(NotFiniteException.class)
          .isThrownBy(() -> logits.setScore(1, bad))
          .withMessage("the logit of token 2" + set + "2.0");
      assertThatExceptionOfType(NotFiniteException.class)
          .isThrownBy(() -> logits.rescore((index, score) -> bad))
          .withMessage("the logit of token 1" + set + "-Infinity");
      assertThat(logits.maximum()).isEqualTo(2);
      logits.setScore(1, NEVER);
    }
  }

  /** It is the model's then, and told as such where it is found. */
  @Test
  void a_nan_may_be_made_of_a_nan() {
    Logits logits = Logits.of(1, Float.NaN, Float.POSITIVE_INFINITY);
    logits.setScore(1, logits.score(1) * 2);
    logits.rescore((index, score) -> score - 1);
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(logits::maximum)
        .withMessage("the logit of token 1 at position 0 is NaN");
  }

  @Test
  void filtering_every_token_is_an_error_that_names_the_remedy() {
    Logits none = Logits.of(NEVER, NEVER);
    assertThatExceptionOfType(NoTokenException.class)
        .isThrownBy(none::maximumIndex)
        .withMessageContaining("no token can be chosen at position 0")
        .withMessageContaining("all 2")
        .withMessageContaining("keep-best");
    Logits dropped = Logits.of(1, 2);
    dropped.retainIf(index -> false);
    assertThat(dropped.count()).isZero();
    assertThatExceptionOfType(NoTokenException.class).isThrownBy(dropped::maximum);
    assertThatExceptionOfType(NoTokenException.class).isThrownBy(none::keepBest);
  }

  @Test
  void the_best_one_is_left_where_it_was_to_be_kept() {
    Logits logits = Logits.of(1, 5, 5, 2);
    assertThat(logits.fallback()).isEmpty();
    logits.keepBest();
    assertThat(logits.fallback()).hasValue(1);
    logits.retainIf(index -> false);
    assertThat(logits.token(logits.maximumIndex())).isEqualTo(1);
    assertThat(logits.count()).isEqualTo(1);
    assertThat(logits.maximum()).isFinite();
    logits.reset(new float[] {NEVER, NEVER, NEVER, NEVER}, 3);
    assertThatExceptionOfType(NoTokenException.class).isThrownBy(logits::maximum);
  }

  @Test
  void the_best_one_is_left_also_where_its_score_became_impossible() {
    Logits logits = Logits.of(1, 5);
    logits.keepBest();
    logits.setScore(0, NEVER);
    logits.setScore(1, NEVER);
    assertThat(logits.token(logits.maximumIndex())).isEqualTo(1);
    assertThat(logits.count()).isEqualTo(1);
  }

  @Test
  void changed_scores_move_the_maximum() {
    Logits logits = Logits.of(1, 2, 3);
    assertThat(logits.maximumIndex()).isEqualTo(2);
    logits.setScore(0, 9);
    assertThat(logits.maximumIndex()).isZero();
    logits.retain(new int[] {1, 2}, 2);
    assertThat(logits.token(logits.maximumIndex())).isEqualTo(2);
    logits.setScore(0, 7);
    assertThat(logits.token(logits.maximumIndex())).isEqualTo(1);
    logits.divide(2);
    assertThat(logits.score(0)).isEqualTo(3.5f);
  }

  @Test
  void all_scores_are_changed_at_once_after_they_were_divided() {
    Logits logits = Logits.of(1, 2, 3, 4);
    logits.retain(new int[] {0, 1, 3}, 3);
    assertThat(logits.maximumIndex()).isEqualTo(2);
    logits.divide(2);
    logits.rescore((index, score) -> index == 1 ? 9 : -score);
    assertThat(new float[] {logits.score(0), logits.score(1), logits.score(2)})
        .containsExactly(-0.5f, 9, -2);
    assertThat(logits.maximumIndex()).isEqualTo(1);
    assertThat(logits.maximum()).isEqualTo(9);
  }

  @Test
  void scores_are_written_into_the_callers_row_until_some_are_dropped() {
    float[] row = {1, 2};
    Logits logits = new Logits(2).reset(row, 0);
    logits.setScore(1, 8);
    assertThat(row).containsExactly(1, 8);
    logits.retain(new int[] {1}, 1);
    logits.setScore(0, 3);
    assertThat(row).containsExactly(1, 8);
  }

  @Test
  void a_row_of_another_size_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Logits(3).reset(new float[2], 0))
        .withMessage("a row of 2 logits for a vocabulary of 3");
    assertThatIllegalArgumentException().isThrownBy(() -> new Logits(0));
  }

  @Property
  void candidates_stay_in_order_of_id_through_any_filters(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(min = -9, max = 9) Integer> scores,
      @ForAll @Size(max = 4) List<@IntRange(min = 2, max = 5) Integer> divisors) {
    float[] row = new float[scores.size()];
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < row.length; i++) {
      row[i] = scores.get(i);
      expected.add(i);
    }
    Logits logits = Logits.of(row.clone());
    for (int divisor : divisors) {
      logits.retainIf(index -> logits.token(index) % divisor != 1);
      expected.removeIf(token -> token % divisor == 1);
    }
    assertThat(logits.count()).isEqualTo(expected.size());
    for (int index = 0; index < expected.size(); index++) {
      assertThat(logits.token(index)).isEqualTo(expected.get(index));
      assertThat(logits.score(index)).isEqualTo(row[expected.get(index)]);
      assertThat(logits.indexOf(expected.get(index))).isEqualTo(index);
    }
    for (int token = -1; token <= row.length; token++) {
      if (!expected.contains(token)) {
        assertThat(logits.indexOf(token)).isEqualTo(-1);
      }
    }
  }
}
