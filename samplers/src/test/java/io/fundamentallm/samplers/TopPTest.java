package io.fundamentallm.samplers;

import static io.fundamentallm.samplers.Stages.distribution;
import static io.fundamentallm.samplers.Stages.kept;
import static io.fundamentallm.samplers.Stages.logits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopPTest {
  @Test
  void topP_keeps_the_token_that_crosses_p() {
    assertThat(kept("top-p=0.6", logits(0.5, 0.3, 0.15, 0.05))).containsExactly(0, 1);
    assertThat(kept("top-p=0.99", 5, 2, 1, 0)).containsExactly(0, 1, 2);
  }

  @Test
  void the_best_token_is_kept_however_small_p_is() {
    assertThat(kept("top-p=1e-300", 1, 2, 2)).containsExactly(1);
  }

  @Test
  void ties_go_to_the_lowest_ids() {
    assertThat(kept("top-p=0.5", 0, 0, 0, 0)).containsExactly(0, 1);
    assertThat(kept("top-p=0.7", logits(0.2, 0.2, 0.4, 0.2))).containsExactly(0, 1, 2);
  }

  @Test
  void the_rounding_of_p_does_not_decide() {
    for (int n = 1; n <= 10; n++) {
      assertThat(kept("top-p=" + n / 10.0, new float[10])).hasSize(n);
    }
  }

  @Test
  void one_keeps_all() {
    assertThat(kept("top-p=1", 100, 0, -100, Float.NEGATIVE_INFINITY)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void the_mass_is_that_of_the_tokens_earlier_stages_left() {
    float[] row = logits(0.4, 0.2, 0.2, 0.2);
    assertThat(kept("top-p=0.5", row)).containsExactly(0, 1);
    assertThat(kept("top-k=2,top-p=0.5", row)).containsExactly(0);
  }

  @Test
  void what_is_left_keeps_its_proportions() {
    assertThat(distribution("top-p=0.8", logits(0.1, 0.2, 0.3, 0.4)).probability(3))
        .isCloseTo(0.4 / 0.9, within(1e-6));
  }

  @Test
  void minKeep_keeps_at_least_so_many() {
    assertThat(kept("top-p(value=0.1,min-keep=3)", 9, 1, 2, 1)).containsExactly(0, 1, 2);
    assertThat(kept("top-p(value=0.1,min-keep=9)", 9, 1, 2, 1)).containsExactly(0, 1, 2, 3);
  }

  @Property
  void it_keeps_what_sorting_everything_keeps(
      @ForAll("rows") float[] row, @ForAll("ps") double p, @ForAll("minimums") int minKeep) {
    assertThat(kept("top-p(value=" + p + ",min-keep=" + minKeep + ")", row))
        .isEqualTo(reference(row, p, minKeep));
  }

  private static List<Integer> reference(float[] row, double p, int minKeep) {
    List<Integer> order = Rows.bestFirst(row);
    double maximum = row[order.get(0)];
    double total = 0;
    for (int id : order) {
      total += StrictMath.exp(row[id] - maximum);
    }
    List<Integer> kept = new ArrayList<>();
    double mass = 0;
    for (int id : order) {
      if (mass >= p * total * (1 - 1e-6) && kept.size() >= minKeep) {
        break;
      }
      kept.add(id);
      mass += StrictMath.exp(row[id] - maximum);
    }
    Collections.sort(kept);
    return kept;
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-0.1", "1.01", "NaN", "most"})
  void a_value_out_of_range_is_an_error_that_names_the_range(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kept("top-p=" + value, 1))
        .withMessageContaining("top-p")
        .withMessageContaining("(0, 1]");
  }

  @Test
  void an_unknown_option_is_an_error_that_names_the_known_ones() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kept("top-p(value=0.5,minkeep=2)", 1))
        .withMessageContaining("minkeep")
        .withMessageContaining("min-keep, value");
  }

  @Provide
  Arbitrary<float[]> rows() {
    return Rows.any();
  }

  @Provide
  Arbitrary<Double> ps() {
    return Arbitraries.oneOf(
        Arbitraries.of(0.1, 0.3, 0.5, 0.9, 0.95, 0.999999),
        Arbitraries.doubles().between(1e-9, 0.999999999).ofScale(9));
  }

  @Provide
  Arbitrary<Integer> minimums() {
    return Arbitraries.oneOf(Arbitraries.just(1), Arbitraries.integers().between(1, 2000));
  }
}
