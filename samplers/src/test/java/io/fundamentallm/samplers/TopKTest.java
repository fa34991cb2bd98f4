package io.fundamentallm.samplers;

import static io.fundamentallm.samplers.Stages.kept;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopKTest {
  @Test
  void topK_keeps_exactly_k_and_ties_go_to_the_lowest_ids() {
    assertThat(kept("top-k=2", 5, 7, 7, 7)).containsExactly(1, 2);
    assertThat(kept("top-k=3", 5, 7, 5, 7)).containsExactly(0, 1, 3);
  }

  @Test
  void a_k_of_the_vocabulary_or_more_keeps_all() {
    assertThat(kept("top-k=3", 1, 2, 3)).containsExactly(0, 1, 2);
    assertThat(kept("top-k=2147483647", 1, 2, 3)).containsExactly(0, 1, 2);
  }

  @Test
  void zero_and_minus_zero_are_equal() {
    assertThat(kept("top-k=1", -0f, 0f)).containsExactly(0);
  }

  @Test
  void it_works_on_what_earlier_stages_left() {
    assertThat(kept("top-k=3,top-k=1", 1, 9, 8, 7)).containsExactly(1);
    assertThat(kept("top-p=0.6,top-k=1", 9, 9, 9, 1)).containsExactly(0);
  }

  @Property
  void it_keeps_what_sorting_everything_keeps(@ForAll("rows") float[] row, @ForAll("ks") int k) {
    List<Integer> expected = Rows.bestFirst(row).stream().limit(k).sorted().toList();
    assertThat(kept("top-k=" + k, row)).isEqualTo(expected);
  }

  @Property(tries = 20)
  void rising_and_falling_rows_are_no_trap(@ForAll("ks") int k) {
    float[] rising = new float[3000];
    float[] falling = new float[3000];
    for (int i = 0; i < rising.length; i++) {
      rising[i] = Math.floorDiv(i, 7);
      falling[i] = -Math.floorDiv(i, 7);
    }
    assertThat(kept("top-k=" + k, rising))
        .isEqualTo(Rows.bestFirst(rising).stream().limit(k).sorted().toList());
    assertThat(kept("top-k=" + k, falling))
        .isEqualTo(Rows.bestFirst(falling).stream().limit(k).sorted().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "many", "2147483648"})
  void a_value_out_of_range_is_an_error_that_names_the_range(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kept("top-k=" + value, 1))
        .withMessageContaining("top-k")
        .withMessageContaining("a whole number of at least 1");
  }

  @Provide
  Arbitrary<float[]> rows() {
    return Rows.any();
  }

  @Provide
  Arbitrary<Integer> ks() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 8), Arbitraries.integers().between(1, 3100));
  }
}
