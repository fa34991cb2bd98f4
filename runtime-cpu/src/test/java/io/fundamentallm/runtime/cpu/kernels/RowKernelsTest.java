package io.fundamentallm.runtime.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.attention.CrossEntropy;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.norm.NormStatistics;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.update.AdamWStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("once") // on all sets of kernels at once
class RowKernelsTest {

  private static final int AT = 3;

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void layer_norm_agrees_with_double_arithmetic(Kernels kernels) {
    Random random = new Random(1);
    for (int n = 1; n <= 70; n++) {
      float[] x = KernelSets.random(AT + n, random);
      float[] gamma = KernelSets.random(AT + n, random);
      float[] beta = KernelSets.random(AT + n, random);
      float[] y = new float[AT + n];
      NormStatistics kept = new NormStatistics(2);
      Normalization norm = new Normalization(n, n, 1e-5f, gamma, AT, beta, AT);
      kernels.norm().forward(norm, 1, 1, new Floats(x, AT - n), new Floats(y, AT - n), kept);
      float[] alone = new float[AT + n];
      kernels.norm().forward(norm, 1, x, AT, alone, AT);
      assertThat(alone).isEqualTo(y);
      double average = 0;
      for (int i = 0; i < n; i++) {
        average += x[AT + i] / (double) n;
      }
      double variance = 0;
      for (int i = 0; i < n; i++) {
        variance += Math.pow(x[AT + i] - average, 2) / n;
      }
      double scale = 1 / Math.sqrt(variance + 1e-5);
      assertThat((double) kept.mean()[1]).isCloseTo(average, within(1e-5));
      assertThat((double) kept.rstd()[1]).isCloseTo(scale, within(1e-3 * scale));
      for (int i = 0; i < n; i++) {
        double expected = (x[AT + i] - average) * scale * gamma[AT + i] + beta[AT + i];
        // A row of one element is its own mean: its variance is epsilon alone.
        double tolerance = n == 1 ? 1e-3 : 2e-5 * (1 + Math.abs(expected) * scale);
        assertThat((double) y[AT + i]).isCloseTo(expected, within(tolerance));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void softmax_covers_the_valid_part_and_clears_the_rest(Kernels kernels) {
    Random random = new Random(2);
    for (int valid = 1; valid <= 70; valid++) {
      int n = valid + random.nextInt(5);
      float[] x = KernelSets.random(AT + n, random);
      float[] kept = x.clone();
      double sum = 0;
      for (int i = 0; i < valid; i++) {
        sum += Math.exp(0.5 * x[AT + i]);
      }
      float logSumExp = kernels.attention().softmax(valid, n, 0.5f, x, AT);
      assertThat((double) logSumExp).isCloseTo(Math.log(sum), within(1e-5));
      float[] again = kept.clone();
      kernels.attention().softmaxAgain(valid, n, 0.5f, logSumExp, again, AT);
      for (int i = 0; i < n; i++) {
        double expected = i < valid ? Math.exp(0.5 * kept[AT + i]) / sum : 0;
        assertThat((double) x[AT + i]).isCloseTo(expected, within(1e-6));
        assertThat((double) again[AT + i]).isCloseTo(expected, within(1e-6));
      }
      assertThat(x[AT - 1]).isEqualTo(kept[AT - 1]);
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void softmax_gives_minus_infinity_no_probability(Kernels kernels) {
    float[] x = {1, Float.NEGATIVE_INFINITY, 1};
    kernels.attention().softmax(3, 3, 1f, x, 0);
    assertThat(x).containsExactly(0.5f, 0f, 0.5f);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void cross_entropy_gives_the_loss_and_its_gradient(Kernels kernels) {
    Random random = new Random(3);
    for (int n = 1; n <= 70; n++) {
      float[] x = KernelSets.random(AT + n, random);
      crossEntropy(kernels, n, random.nextInt(n), 0, 0, x.clone());
      crossEntropy(kernels, n, random.nextInt(n), 0.1f, 0, x.clone());
      crossEntropy(kernels, n, random.nextInt(n), 0.3f, 0.05f, x.clone());
    }
  }

  private static void crossEntropy(
      Kernels kernels, int n, int target, float smoothing, float zLoss, float[] x) {
    float[] logits = x.clone();
    double sum = 0;
    double mean = 0;
    boolean largest = true;
    for (int i = 0; i < n; i++) {
      sum += Math.exp(x[AT + i]);
      mean += (double) x[AT + i] / n;
      largest &= x[AT + i] <= x[AT + target];
    }
    double logSum = Math.log(sum);
    boolean[] hits = new boolean[3];
    double loss =
        kernels
            .attention()
            .crossEntropy(n, target, new CrossEntropy(smoothing, zLoss, 0.25f), x, AT, hits, 1);
    double expected =
        logSum - (1 - smoothing) * logits[AT + target] - smoothing * mean + zLoss * logSum * logSum;
    assertThat(loss).isCloseTo(expected, within(1e-5));
    assertThat(hits).containsExactly(false, largest, false);
    for (int i = 0; i < n; i++) {
      double wanted = (i == target ? 1 - smoothing : 0) + smoothing / n;
      double p = Math.exp(logits[AT + i]) / sum;
      double slope = 0.25 * ((1 + 2 * zLoss * logSum) * p - wanted);
      assertThat((double) x[AT + i]).isCloseTo(slope, within(1e-6));
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void of_equal_logits_only_the_first_is_a_hit(Kernels kernels) {
    boolean[] hits = new boolean[3];
    for (int target = 0; target < 3; target++) {
      kernels
          .attention()
          .crossEntropy(
              3, target, new CrossEntropy(0, 0, 1f), new float[] {1, 2, 2}, 0, hits, target);
    }
    assertThat(hits).containsExactly(false, true, false);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void cross_entropy_survives_logits_far_apart(Kernels kernels) {
    float[] x = {1e4f, -1e4f};
    assertThat(
            kernels
                .attention()
                .crossEntropy(2, 1, new CrossEntropy(0, 0, 1f), x, 0, new boolean[1], 0))
        .isEqualTo(2e4);
    assertThat(x).containsExactly(1f, -1f);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void dropout_drops_its_share_and_scales_the_rest_by_key_and_place(Kernels kernels) {
    int n = 200_000;
    float[] x = new float[n];
    java.util.Arrays.fill(x, 2f);
    float[] y = x.clone();
    kernels.elementwise().dropout(n, 77, 0, (1 << 24) / 10, 1.5f, x, 0);
    int dropped = 0;
    int pairs = 0;
    for (int i = 0; i < n; i++) {
      assertThat(x[i]).isIn(0f, 3f);
      dropped += x[i] == 0 ? 1 : 0;
      pairs += i > 0 && x[i] == 0 && x[i - 1] == 0 ? 1 : 0;
    }
    assertThat(dropped / (double) n).isCloseTo(0.1, within(0.003)); // four deviations
    assertThat(pairs / (double) n).isCloseTo(0.01, within(0.001));
    kernels.elementwise().dropout(n - 5, 77, 5, (1 << 24) / 10, 1.5f, y, 0);
    assertThat(java.util.Arrays.copyOf(y, n - 5)).isEqualTo(java.util.Arrays.copyOfRange(x, 5, n));
    java.util.Arrays.fill(y, 2f);
    kernels.elementwise().dropout(n, 78, 0, (1 << 24) / 10, 1.5f, y, 0);
    int both = 0;
    for (int i = 0; i < n; i++) {
      both += x[i] == 0 && y[i] == 0 ? 1 : 0;
    }
    assertThat(both / (double) n).isCloseTo(0.01, within(0.001));
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void a_draw_is_the_first_class_whose_cumulative_probability_is_above_u(Kernels kernels) {
    float[] p = {9, 0, 0.25f, 0, 0.5f, 0.25f, 0};
    double[] u = {0, 0.2, 0.25, 0.7, 0.75, 1 - 1e-12};
    int[] classes = {1, 1, 3, 3, 4, 4};
    for (int i = 0; i < u.length; i++) {
      assertThat(kernels.attention().draw(6, u[i], p, 1)).isEqualTo(classes[i]);
    }
    assertThat(kernels.attention().draw(6, 0.999, new float[] {9, 0, 0.25f, 0, 0.5f, 0.2f, 0}, 1))
        .isEqualTo(4);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void gelu_and_its_gradient_agree_with_double_arithmetic(Kernels kernels) {
    Random random = new Random(4);
    int n = 2500;
    float[] x = KernelSets.random(n, random);
    for (int i = 0; i < n; i++) {
      x[i] *= i % 3 == 0 ? 1e-3f : i % 3 == 1 ? 2f : 6f;
    }
    float[] y = new float[n];
    float[] slopes = x.clone();
    kernels.elementwise().gelu(n, slopes, 0, y, 0);
    for (int i = 0; i < n; i++) {
      double v = x[i];
      double inner = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v);
      double tanh = Math.tanh(inner);
      double expected = 0.5 * v * (1 + tanh);
      double slope = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * v * v);
      double derivative = 0.5 * (1 + tanh) + 0.5 * v * (1 - tanh * tanh) * slope;
      assertThat((double) y[i]).isCloseTo(expected, within(3e-6 * Math.abs(v) + 1e-30));
      assertThat((double) slopes[i]).isCloseTo(derivative, within(3e-6));
      if (Math.abs(v) < 1e-2) {
        assertThat((double) y[i]).isCloseTo(expected, within(3e-7 * Math.abs(expected)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void gelu_is_zero_and_the_identity_far_from_zero(Kernels kernels) {
    float[] x = new float[18];
    java.util.Arrays.fill(x, 0, 9, -50f);
    java.util.Arrays.fill(x, 9, 18, 50f);
    float[] y = new float[18];
    kernels.elementwise().gelu(18, x, 0, y, 0);
    assertThat(Math.abs(y[0])).isZero();
    assertThat(y[17]).isEqualTo(50f);
    assertThat(Math.abs(x[0])).isZero();
    assertThat(x[17]).isEqualTo(1f);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void sums_agree_with_double_arithmetic(Kernels kernels) {
    Random random = new Random(5);
    for (int n : new int[] {0, 1, 7, 15, 16, 17, 31, 33, 70, 5001}) {
      float[] x = KernelSets.random(AT + n, random);
      float[] y = KernelSets.random(AT + n, random);
      double dot = 0;
      double squares = 0;
      for (int i = AT; i < AT + n; i++) {
        dot += (double) x[i] * y[i];
        squares += (double) x[i] * x[i];
      }
      assertThat((double) kernels.product().dot(n, x, AT, y, AT)).isCloseTo(dot, within(1e-4));
      assertThat(kernels.update().sumOfSquares(n, x, AT))
          .isCloseTo(squares, within(1e-12 * (1 + squares)));
      float[] sums = y.clone();
      kernels.elementwise().addColumnSums(2, n / 2, x, AT, n / 2, sums, AT);
      for (int i = 0; i < n / 2; i++) {
        assertThat(sums[AT + i]).isEqualTo(y[AT + i] + x[AT + i] + x[AT + n / 2 + i]);
      }
    }
  }

  /** What every row kernel makes of random arrays of n elements. */
  private static List<Object> everything(Kernels kernels, int n, long seed) {
    Random random = new Random(seed);
    int rows = 3;
    int ld = n + 2;
    float[] x = KernelSets.random(rows * ld, random);
    float[] dy = KernelSets.random(rows * ld, random);
    float[] gamma = KernelSets.random(n, random);
    float[] beta = KernelSets.random(n, random);
    float[] y = new float[rows * ld];
    List<Object> results = new ArrayList<>();
    for (boolean centred : new boolean[] {true, false}) {
      NormStatistics kept = new NormStatistics(rows);
      Normalization norm = new Normalization(n, ld, 1e-5f, gamma, 0, centred ? beta : null, 0);
      kernels.norm().forward(norm, 0, rows, new Floats(x, 1), new Floats(y, 1), kept);
      float[] dx = y.clone();
      Floats ofY = new Floats(dy, 1);
      kernels.norm().backward(norm, 0, rows, ofY, new Floats(x, 1), kept, new Floats(dx, 1));
      float[] dgamma = gamma.clone();
      float[] dbeta = beta.clone();
      Normalization into = new Normalization(n, ld, 0, dgamma, 0, centred ? dbeta : null, 0);
      kernels.norm().parameterGradients(into, rows, 0, n, ofY, new Floats(x, 1), kept);
      results.addAll(List.of(y.clone(), kept.mean(), kept.rstd(), dx, dgamma, dbeta));
    }
    float[] p = dy.clone();
    results.add(kernels.attention().softmax(n, n + 1, 0.3f, p, 1));
    float[] q = dy.clone();
    kernels.attention().softmaxAgain(n, n + 1, 0.3f, 1.5f, q, 1);
    float[] dp = x.clone();
    kernels.attention().softmaxBackward(n, 0.3f, 0.1f, p, 1, dp, 1);
    float[] logits = x.clone();
    results.add(
        kernels
            .attention()
            .crossEntropy(n, n / 2, new CrossEntropy(0, 0, 0.7f), logits, 1, new boolean[1], 0));
    float[] smoothed = x.clone();
    results.add(
        kernels
            .attention()
            .crossEntropy(
                n, n / 2, new CrossEntropy(0.1f, 0.01f, 0.7f), smoothed, 1, new boolean[1], 0));
    float[] g = new float[rows * ld];
    float[] slopes = x.clone();
    kernels.elementwise().gelu(n, slopes, 1, g, 1);
    float[] dg = dy.clone();
    kernels.elementwise().multiply(n, slopes, 1, dg, 1);
    float[] sums = beta.clone();
    kernels.elementwise().addColumnSums(rows, n, x, 1, ld, sums, 0);
    float[] dropped = x.clone();
    kernels.elementwise().dropout(n, 0x123456789ABCDEFL, 3, 1 << 22, 1.5f, dropped, 1);
    results.add(dropped);
    results.addAll(List.of(p, q, dp, logits, smoothed, g, dg, sums));
    results.add(kernels.product().dot(n, x, 1, dy, 2));
    results.add(kernels.update().sumOfSquares(n, x, 1));
    float[] moved = x.clone();
    kernels.elementwise().add(n, dy, 2, moved, 1);
    kernels.elementwise().scale(n, 1.1f, moved, 1);
    float[] second = new float[rows * ld];
    float[] first = dy.clone();
    for (int step = 1; step < 4; step++) {
      AdamWStep adamW = AdamWStep.of(step, 1e-3, 0.9, 0.999, 1e-8, 0.1, 0.5);
      kernels.update().adamW(n, adamW, moved, x, first, second, 1);
    }
    results.addAll(List.of(moved, first, second));
    return results;
  }

  @Test
  void both_kernel_sets_give_the_same_bits() {
    List<Kernels> sets = KernelSets.all();
    for (int n = 1; n <= 140; n++) {
      List<Object> expected = everything(sets.get(0), n, n);
      for (Kernels kernels : sets) {
        List<Object> actual = everything(kernels, n, n);
        for (int i = 0; i < expected.size(); i++) {
          assertThat(actual.get(i)).as("result %d of %d elements", i, n).isEqualTo(expected.get(i));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void adamw_follows_a_double_reference(Kernels kernels) {
    int n = 37;
    Random random = new Random(6);
    float[] p = KernelSets.random(n, random);
    float[] m = new float[n];
    float[] v = new float[n];
    double[] rp = new double[n];
    double[] rm = new double[n];
    double[] rv = new double[n];
    for (int i = 0; i < n; i++) {
      rp[i] = p[i];
    }
    for (int step = 1; step <= 50; step++) {
      float[] g = KernelSets.random(n, random);
      kernels.update().adamW(n, AdamWStep.of(step, 1e-2, 0.9, 0.99, 1e-8, 0.1, 0.5), p, g, m, v, 0);
      for (int i = 0; i < n; i++) {
        double gradient = 0.5 * g[i];
        rp[i] -= 1e-2 * 0.1 * rp[i];
        rm[i] = 0.9 * rm[i] + 0.1 * gradient;
        rv[i] = 0.99 * rv[i] + 0.01 * gradient * gradient;
        double first = rm[i] / (1 - Math.pow(0.9, step));
        double second = rv[i] / (1 - Math.pow(0.99, step));
        rp[i] -= 1e-2 * first / (Math.sqrt(second) + 1e-8);
      }
    }
    for (int i = 0; i < n; i++) {
      assertThat((double) p[i]).isCloseTo(rp[i], within(1e-5));
      assertThat((double) v[i]).isCloseTo(rv[i], within(1e-6));
    }
  }
}
