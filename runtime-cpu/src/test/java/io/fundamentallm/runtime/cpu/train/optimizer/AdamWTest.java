package io.fundamentallm.runtime.cpu.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformerTest;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdamWTest {

  private static final ParameterLayout LAYOUT =
      new ParameterLayout(TrainableConfig.gpt2(300, 8, 72, 1, 2));

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void matrices_decay_and_vectors_do_not(Kernels kernels) {
    try (Parallel parallel = Parallel.ofThreads(2)) {
      AdamW adamW = new AdamW(LAYOUT, kernels, parallel, 0.9, 0.99, 1e-8, 0.5);
      float[] parameters = new float[LAYOUT.size()];
      java.util.Arrays.fill(parameters, 2f);
      adamW.step(parameters, new float[LAYOUT.size()], 1, 0.1, 1);
      for (ParameterLayout.Tensor tensor : LAYOUT.tensors()) {
        float expected = tensor.shape().size() == 2 ? 1.9f : 2f;
        for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
          assertThat(parameters[i]).as(tensor.name()).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void steps_follow_a_double_reference(Kernels kernels) {
    int n = LAYOUT.size();
    Random random = new Random(1);
    float[] p = KernelSets.random(n, random);
    double[] expected = TrainableTransformerTest.doubles(p);
    double[] m = new double[n];
    double[] v = new double[n];
    try (Parallel parallel = Parallel.ofThreads(2)) {
      AdamW adamW = new AdamW(LAYOUT, kernels, parallel, 0.9, 0.999, 1e-8, 0.1);
      for (int step = 1; step <= 10; step++) {
        float[] g = KernelSets.random(n, random);
        double norm = new GradientNorm(LAYOUT, kernels, parallel).of(g);
        double squares = 0;
        for (float x : g) {
          squares += (double) x * x;
        }
        assertThat(norm).isCloseTo(Math.sqrt(squares), within(1e-9));
        double clip = GradientNorm.clip(norm, 1);
        adamW.step(p, g, step, 1e-2, clip);
        for (ParameterLayout.Tensor tensor : LAYOUT.tensors()) {
          for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
            double gradient = g[i] * clip;
            expected[i] *= 1 - (tensor.decayed() ? 1e-2 * 0.1 : 0);
            m[i] = 0.9 * m[i] + 0.1 * gradient;
            v[i] = 0.999 * v[i] + 0.001 * gradient * gradient;
            double first = m[i] / (1 - Math.pow(0.9, step));
            double root = Math.sqrt(v[i] / (1 - Math.pow(0.999, step)));
            expected[i] -= 1e-2 * first / (root + 1e-8);
          }
        }
      }
    }
    for (int i = 0; i < n; i++) {
      assertThat((double) p[i]).isCloseTo(expected[i], within(2e-6 * (1 + Math.abs(expected[i]))));
    }
    TrainableTransformerTest.assertClose("parameters", p, expected);
  }

  @Test
  void clipping_leaves_small_gradients_alone() {
    assertThat(GradientNorm.clip(0.5, 1)).isEqualTo(1);
    assertThat(GradientNorm.clip(4, 1)).isCloseTo(0.25, within(1e-6));
    assertThat(GradientNorm.clip(0, 1)).isEqualTo(1);
  }

  @Test
  void the_norm_has_the_same_bits_on_any_number_of_threads() {
    float[] g = KernelSets.random(LAYOUT.size(), new Random(2));
    for (Kernels kernels : KernelSets.all()) {
      try (Parallel one = Parallel.ofThreads(1);
          Parallel two = Parallel.ofThreads(2)) {
        double alone = new GradientNorm(LAYOUT, kernels, one).of(g);
        assertThat(new GradientNorm(LAYOUT, kernels, two).of(g)).isEqualTo(alone);
      }
    }
  }
}
