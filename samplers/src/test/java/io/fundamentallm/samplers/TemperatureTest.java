package io.fundamentallm.samplers;

import static io.fundamentallm.samplers.Stages.distribution;
import static io.fundamentallm.samplers.Stages.kept;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.decoding.Distribution;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemperatureTest {
  @Test
  void zero_is_greedy_and_ties_go_to_the_lowest_id() {
    assertThat(kept("temperature=0", 1, 3, 2, 3)).containsExactly(1);
  }

  @Test
  void one_changes_nothing() {
    assertThat(distribution("temperature=1", 1, 2).probability(1))
        .isEqualTo(distribution("draw", 1, 2).probability(1));
  }

  /** Hugging Face's test_temperature_dist_warper. */
  @Test
  void below_one_it_sharpens_and_above_one_it_smooths() {
    float[] row = new float[20];
    row[5] = 0.1f;
    row[10] = -0.4f;
    Distribution plain = distribution("draw", row);
    Distribution sharp = distribution("temperature=0.5", row);
    Distribution smooth = distribution("temperature=1.3", row);
    assertThat(sharp.probability(5)).isGreaterThan(plain.probability(5));
    assertThat(sharp.probability(10)).isLessThan(plain.probability(10));
    assertThat(smooth.probability(5)).isLessThan(plain.probability(5));
    assertThat(smooth.probability(10)).isGreaterThan(plain.probability(10));
    assertThat(distribution("temperature=0.5", 1, 1, 1, 1).probability(2)).isEqualTo(0.25);
  }

  @Property
  void scores_are_divided(
      @ForAll("rows") float[] row, @ForAll @FloatRange(min = 0.1f, max = 10) float temperature) {
    Distribution actual = distribution("temperature=" + temperature, row);
    double total = 0;
    for (float score : row) {
      total += StrictMath.exp((double) score / temperature);
    }
    for (int i = 0; i < row.length; i++) {
      double expected = StrictMath.exp((double) row[i] / temperature) / total;
      // logits are floats: 200 is exact to 1.5e-5
      assertThat(actual.probability(i)).isCloseTo(expected, within(5e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e-37", "1e-42", "1e-300"})
  void a_temperature_that_no_quotient_survives_keeps_the_best(String temperature) {
    assertThat(kept("temperature=" + temperature, -50, 50, 50, 49)).containsExactly(1, 2);
    assertThat(kept("temperature=" + temperature, -50, -50, -51)).containsExactly(0, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e-42", "0.5", "2", "1e300"})
  void a_token_that_cannot_be_chosen_stays_so(String temperature) {
    Distribution distribution =
        distribution("temperature=" + temperature, Float.NEGATIVE_INFINITY, 0, 0);
    assertThat(distribution.probability(0)).isZero();
    assertThat(distribution.probability(1)).isEqualTo(0.5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "-0.001", "NaN", "Infinity", "warm"})
  void a_value_out_of_range_is_an_error_that_names_the_range(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kept("temperature=" + value, 1))
        .withMessageContaining("temperature")
        .withMessageContaining(value)
        .withMessageContaining("[0, infinity)");
  }

  @Test
  void a_value_is_needed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kept("temperature", 1))
        .withMessageContaining("temperature=…");
  }

  @Provide
  Arbitrary<float[]> rows() {
    return Arbitraries.floats().between(-20, 20).array(float[].class).ofSize(4);
  }
}
