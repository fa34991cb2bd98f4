package io.fundamentallm.runtime.cpu.kernels.elementwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("once") // on all sets of kernels at once
class ActivationTest {

  /** From -12 to 12, and numbers of all magnitudes with both signs. */
  private static float[] inputs() {
    float[] x = new float[24_001 + 2 * 76];
    for (int i = 0; i <= 24_000; i++) {
      x[i] = i * 1e-3f - 12;
    }
    for (int i = 0; i < 76; i++) {
      x[24_001 + 2 * i] = (float) Math.pow(10, i - 38);
      x[24_002 + 2 * i] = (float) -Math.pow(10, i - 38);
    }
    return x;
  }

  private static double expected(Activation f, double x) {
    return switch (f) {
      case GELU -> x > 0 ? x - x * tail(x) : x * tail(-x);
      case GELU_TANH ->
          x / (1 + StrictMath.exp(-2 * StrictMath.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case SILU -> x / (1 + StrictMath.exp(-x));
      case RELU -> Math.max(0, x);
    };
  }

  /** The normal distribution's mass beyond z ≥ 0: a series, or a continued fraction far out. */
  private static double tail(double z) {
    double density = StrictMath.exp(-z * z / 2) / StrictMath.sqrt(2 * Math.PI);
    if (z > 3) {
      double fraction = z;
      for (int i = 200; i > 0; i--) {
        fraction = z + i / fraction;
      }
      return density / fraction;
    }
    double term = z;
    double sum = z;
    for (int i = 3; i < 150; i += 2) {
      term *= z * z / i;
      sum += term;
    }
    return 0.5 - density * sum;
  }

  @ParameterizedTest
  @EnumSource
  void activations_agree_with_double_arithmetic(Activation f) {
    float[] x = inputs();
    for (Kernels kernels : KernelSets.all()) {
      float[] y = new float[x.length];
      kernels.elementwise().activate(f, x.length, x, 0, y, 0);
      for (int i = 0; i < x.length; i++) {
        double expected = expected(f, x[i]);
        double tolerance = Math.max(3e-7, 3e-7 * Math.abs(expected));
        assertThat((double) y[i]).as("%s(%s)", f, x[i]).isCloseTo(expected, within(tolerance));
      }
    }
  }

  @Test
  void a_limited_gate_is_cut_off_and_has_the_same_bits_in_all_kernels() {
    int panel = PackedWeights.PANEL;
    float[] x = KernelSets.random(6 * panel, new Random(3));
    for (int i = 0; i < x.length; i++) {
      x[i] *= 5;
    }
    List<float[]> results = new java.util.ArrayList<>();
    for (Kernels kernels : KernelSets.all()) {
      float[] y = new float[3 * panel];
      kernels.elementwise().limitedGate(4f, 3, x, 0, y, 0);
      for (int i = 0; i < y.length; i++) {
        int at = i / panel * 2 * panel + i % panel;
        double g = Math.min(x[at], 4);
        double u = Math.max(-4, Math.min(4, x[at + panel]));
        assertThat((double) y[i]).isCloseTo(g / (1 + Math.exp(-1.702 * g)) * (u + 1), within(5e-6));
      }
      results.add(y);
      assertThat(y).isEqualTo(results.get(0));
    }
  }

  @Test
  void a_soft_cap_is_a_hyperbolic_tangent_with_the_same_bits_in_all_kernels() {
    float[] x = inputs();
    List<float[]> results = new java.util.ArrayList<>();
    for (Kernels kernels : KernelSets.all()) {
      float[] y = x.clone();
      kernels.elementwise().cap(y.length, 0.7f, 3f, y, 0);
      for (int i = 0; i < x.length; i++) {
        double expected = 3 * Math.tanh(0.7f * (double) x[i] / 3);
        assertThat((double) y[i]).as("cap of %s", x[i]).isCloseTo(expected, within(1e-6));
      }
      results.add(y);
      assertThat(y).isEqualTo(results.get(0));
    }
  }

  @ParameterizedTest
  @EnumSource
  void slopes_are_those_of_the_activations_with_the_same_bits_in_all_kernels(Activation f) {
    float[] x = inputs();
    float[] above = new float[x.length];
    float[] below = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      above[i] = x[i] + 0.01f;
      below[i] = x[i] - 0.01f;
    }
    float[] expected = null;
    for (Kernels kernels : KernelSets.all()) {
      float[] most = new float[x.length];
      float[] least = new float[x.length];
      kernels.elementwise().activate(f, x.length, above, 0, most, 0);
      kernels.elementwise().activate(f, x.length, below, 0, least, 0);
      float[] slopes = x.clone();
      kernels.elementwise().slope(f, x.length, slopes, 0, slopes, 0);
      for (int i = 0; i < x.length; i++) {
        boolean kink = f == Activation.RELU && Math.abs(x[i]) <= 0.011f;
        double change = (double) above[i] - below[i];
        if (!kink && Math.abs(x[i]) < 10) {
          assertThat((double) slopes[i])
              .as("slope at %s", x[i])
              .isCloseTo(((double) most[i] - least[i]) / change, within(1e-3));
        }
      }
      expected = expected == null ? slopes : expected;
      assertThat(slopes).isEqualTo(expected);
    }
  }

  @Test
  void the_slope_of_a_soft_cap_comes_from_what_it_gave() {
    float[] x = inputs();
    float[] expected = null;
    for (Kernels kernels : KernelSets.all()) {
      float[] y = x.clone();
      kernels.elementwise().cap(y.length, 0.7f, 3f, y, 0);
      kernels.elementwise().capSlope(y.length, 0.7f, 3f, y, 0, y, 0);
      for (int i = 0; i < x.length; i++) {
        double cosh = Math.cosh(0.7 * x[i] / 3);
        assertThat((double) y[i]).isCloseTo(0.7 / (cosh * cosh), within(1e-5));
      }
      expected = expected == null ? y : expected;
      assertThat(y).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void far_out_they_are_zero_and_the_identity(Activation f) {
    float[] x = {200f, 1e10f, 1e30f, 3e38f, -200f, -1e10f, -1e30f, -3e38f, 0f};
    for (Kernels kernels : KernelSets.all()) {
      // in the lanes of registers and beyond them
      float[] many = new float[x.length * 5];
      for (int i = 0; i < many.length; i++) {
        many[i] = x[i % x.length];
      }
      float[] y = new float[many.length];
      kernels.elementwise().activate(f, many.length, many, 0, y, 0);
      for (int i = 0; i < many.length; i++) {
        assertThat(Math.abs(y[i])).isEqualTo(Math.max(0, x[i % x.length]));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nan_stays_nan(Activation f) {
    for (Kernels kernels : KernelSets.all()) {
      float[] x = new float[37];
      java.util.Arrays.fill(x, Float.NaN);
      float[] y = new float[37];
      kernels.elementwise().activate(f, 37, x, 0, y, 0);
      assertThat(y).isEqualTo(x);
    }
  }

  @ParameterizedTest
  @EnumSource
  void all_kernels_give_the_same_bits(Activation f) {
    List<Kernels> sets = KernelSets.all();
    float[] x = inputs();
    float[] expected = new float[x.length];
    sets.get(0).elementwise().activate(f, x.length, x, 0, expected, 0);
    for (Kernels kernels : sets) {
      float[] y = new float[x.length];
      kernels.elementwise().activate(f, x.length, x, 0, y, 0);
      assertThat(y).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_gate_multiplies_the_panel_beside_its_own(Activation f) {
    int panel = PackedWeights.PANEL;
    int rows = 3;
    Random random = new Random(1);
    for (Kernels kernels : KernelSets.all()) {
      for (int panels = 0; panels < 4; panels++) {
        int ldx = 2 * panels * panel + 3;
        int ldy = panels * panel + 5;
        float[] x = KernelSets.random(1 + rows * ldx, random);
        float[] y = KernelSets.random(2 + rows * ldy, random);
        float[] expected = y.clone();
        for (int row = 0; row < rows; row++) {
          for (int i = 0; i < panels * panel; i++) {
            int from = 1 + row * ldx + i / panel * 2 * panel + i % panel;
            float gate = ScalarActivation.of(f, x[from]);
            expected[2 + row * ldy + i] = gate * x[from + panel];
          }
        }
        for (int row = 0; row < rows; row++) {
          kernels.elementwise().gate(f, panels, x, 1 + row * ldx, y, 2 + row * ldy);
        }
        assertThat(y).isEqualTo(expected);
      }
    }
  }

  @Test
  void the_two_forms_of_gelu_are_not_the_same() {
    float[] y = new float[2];
    KernelSets.all()
        .get(0)
        .elementwise()
        .activate(Activation.GELU, 1, new float[] {-2.2f}, 0, y, 0);
    KernelSets.all()
        .get(0)
        .elementwise()
        .activate(Activation.GELU_TANH, 1, new float[] {-2.2f}, 0, y, 1);
    assertThat(Math.abs(y[0] - y[1])).isGreaterThan(1e-4f);
  }
}
