package io.fundamentallm.runtime.cpu.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import org.junit.jupiter.api.Test;

class ExponentialTest {

  @Test
  void exp_is_within_two_units_in_the_last_place() {
    double worst = 0;
    for (float x = -87.3f; x < 88.7f; x += 0.00137f) {
      double expected = StrictMath.exp(x);
      double ulps = Math.abs(Exponential.exp(x) - expected) / Math.ulp((float) expected);
      worst = Math.max(worst, ulps);
    }
    assertThat(worst).isLessThan(2);
  }

  @Test
  void small_results_are_subnormal_and_then_zero() {
    for (float x = -104f; x < -87f; x += 0.013f) {
      double difference = Math.abs(Exponential.exp(x) - StrictMath.exp(x));
      assertThat(difference).isLessThanOrEqualTo(2 * Float.MIN_VALUE + 2e-7 * StrictMath.exp(x));
    }
    assertThat(Exponential.exp(-104.1f)).isZero();
    assertThat(Exponential.exp(-1e30f)).isZero();
    assertThat(Exponential.exp(Float.NEGATIVE_INFINITY)).isZero();
  }

  @Test
  void large_results_are_infinite() {
    assertThat(Exponential.exp(88.72f)).isFinite();
    assertThat(Exponential.exp(88.73f)).isInfinite();
    assertThat(Exponential.exp(1e30f)).isInfinite();
    assertThat(Exponential.exp(Float.POSITIVE_INFINITY)).isInfinite();
  }

  @Test
  void exp_of_zero_is_one_and_nan_stays() {
    assertThat(Exponential.exp(0f)).isEqualTo(1f);
    assertThat(Exponential.exp(-0f)).isEqualTo(1f);
    assertThat(Exponential.exp(Float.NaN)).isNaN();
  }

  /** Softmax of one element of a pair is exp of the difference: every lane goes through exp. */
  @Test
  void every_kernel_set_has_the_same_exp_over_its_whole_range() {
    int n = 4096;
    float[] edge = {
      Float.NEGATIVE_INFINITY,
      -1e30f,
      -104.01f,
      -104f,
      -103.9f,
      -88f,
      88.72f,
      88.73f,
      89.01f,
      1e30f,
      Float.POSITIVE_INFINITY,
      Float.NaN
    };
    for (Kernels kernels : KernelSets.all()) {
      float[] x = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = i < edge.length ? edge[i] : -105f + i * (195f / n);
      }
      float[] y = x.clone();
      kernels.attention().softmaxAgain(n, n, 1f, 0f, y, 0);
      for (int i = 0; i < n; i++) {
        assertThat(Float.valueOf(y[i]))
            .as("exp(%s)", x[i])
            .isEqualTo(Float.valueOf(Exponential.exp(x[i])));
      }
    }
  }
}
