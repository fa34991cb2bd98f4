package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class ExpTest {
  @Property
  void it_agrees_with_the_exact_function(@ForAll @DoubleRange(min = -700, max = 700) double x) {
    assertThat(Exp.exp(x) / StrictMath.exp(x)).isCloseTo(1, within(1e-12));
  }

  @Test
  void the_ends_are_exact() {
    assertThat(Exp.exp(0)).isEqualTo(1);
    assertThat(Exp.exp(Double.NEGATIVE_INFINITY)).isZero();
    assertThat(Exp.exp(-1e9)).isZero();
    assertThat(Exp.exp(1e9)).isInfinite();
    assertThat(Exp.exp(Double.NaN)).isNaN();
  }
}
