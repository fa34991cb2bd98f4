package io.fundamentallm.internal.numerics;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

class ExpTest {
  @Property(tries = 20_000)
  void it_is_close_to_the_strict_one_everywhere(
      @ForAll @Scale(12) @DoubleRange(min = -708, max = 709) double x) {
    assertClose(x);
  }

  @Property(tries = 5000)
  void it_is_close_where_softmax_uses_it(
      @ForAll @Scale(12) @DoubleRange(min = -40, max = 0) double x) {
    assertClose(x);
  }

  @Test
  void the_ends_are_as_documented() {
    assertThat(Exp.exp(0)).isEqualTo(1);
    assertThat(Exp.exp(-0.0)).isEqualTo(1);
    assertThat(Exp.exp(Math.nextDown(-708.0))).isZero();
    assertThat(Exp.exp(Double.NEGATIVE_INFINITY)).isZero();
    assertThat(Exp.exp(710)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Exp.exp(Double.POSITIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Exp.exp(Double.NaN)).isNaN();
    assertClose(-708);
    assertClose(709);
    for (int n = -1000; n <= 1000; n++) {
      assertClose(n * 0.5 * StrictMath.log(2)); // where the polynomial's range ends
    }
  }

  private static void assertClose(double x) {
    double expected = StrictMath.exp(x);
    assertThat(Math.abs(Exp.exp(x) - expected)).isLessThanOrEqualTo(1e-12 * expected);
  }
}
