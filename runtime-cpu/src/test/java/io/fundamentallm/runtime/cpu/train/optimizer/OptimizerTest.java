package io.fundamentallm.runtime.cpu.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformerTest;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {
  private static final TrainableConfig CONFIG =
      TrainableConfig.llama(30, 8, 24, 2, 4, 2, 40, false);
  private static final ParameterLayout LAYOUT = new ParameterLayout(CONFIG);
  private static final double RATE = 0.01;
  private static final double DECAY = 0.1;

  private static Optimizer optimizer(String spec, Kernels kernels, Parallel parallel) {
    TrainingPlan plan =
        TrainingPlan.builder(Path.of("model")).weightDecay(DECAY).optimizer(spec).build();
    return Optimizer.of(plan).make(LAYOUT, kernels, parallel);
  }

  /** What a rule makes of one parameter, its gradient, its memory and whether it decays. */
  private interface Rule {
    double next(int i, double p, double g, double[] memory, boolean decayed);
  }

  private static void follows(String spec, Rule rule, Kernels kernels) {
    int n = LAYOUT.size();
    Random random = new Random(1);
    float[] p = KernelSets.random(n, random);
    double[] expected = TrainableTransformerTest.doubles(p);
    double[] memory = new double[n];
    try (Parallel parallel = Parallel.ofThreads(2)) {
      Optimizer optimizer = optimizer(spec, kernels, parallel);
      for (int step = 1; step <= 5; step++) {
        float[] g = KernelSets.random(n, random);
        optimizer.step(p, g, step, RATE, 0.5);
        for (Tensor tensor : LAYOUT.tensors()) {
          for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
            expected[i] = rule.next(i, expected[i], 0.5 * g[i], memory, tensor.decayed());
          }
        }
      }
    }
    TrainableTransformerTest.assertClose(spec, p, expected);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void lion_follows_its_rule(Kernels kernels) {
    follows(
        "lion(beta1=0.8,beta2=0.9)",
        (i, p, g, m, decayed) -> {
          double direction = Math.signum(0.8 * m[i] + 0.2 * g);
          m[i] = 0.9 * m[i] + 0.1 * g;
          return p * (decayed ? 1 - RATE * DECAY : 1) - RATE * direction;
        },
        kernels);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void momentum_follows_its_rule_and_nesterovs(Kernels kernels) {
    for (boolean nesterov : new boolean[] {false, true}) {
      follows(
          "sgd(momentum=0.8,nesterov=" + nesterov + ")",
          (i, p, g, m, decayed) -> {
            m[i] = 0.8 * m[i] + g;
            double update = nesterov ? g + 0.8 * m[i] : m[i];
            return p * (decayed ? 1 - RATE * DECAY : 1) - RATE * update;
          },
          kernels);
    }
  }

  /** Every direction of a matrix moves by about as much, whatever the gradient's own sizes. */
  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void muon_moves_matrices_in_nearly_orthogonal_steps_and_the_rest_as_adamw(Kernels kernels) {
    Random random = new Random(3);
    float[] g = KernelSets.random(LAYOUT.size(), random);
    for (Tensor tensor : LAYOUT.tensors()) {
      int columns = tensor.shape().get(tensor.shape().size() - 1);
      for (int i = 0; i < tensor.size(); i++) {
        g[tensor.offset() + i] *= 1 + 5f * (i % columns) / columns; // far from orthogonal
      }
    }
    try (Parallel parallel = Parallel.ofThreads(2)) {
      float[] muon = new float[LAYOUT.size()];
      float[] adamW = new float[LAYOUT.size()];
      optimizer("muon", kernels, parallel).step(muon, g, 1, RATE, 1);
      optimizer("adamw", kernels, parallel).step(adamW, g, 1, RATE, 1);
      for (Tensor tensor : LAYOUT.tensors()) {
        if (tensor.hidden()) {
          isNearlyOrthogonal(tensor, muon);
        } else {
          for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
            assertThat(muon[i]).as(tensor.name()).isEqualTo(adamW[i]);
          }
        }
      }
    }
  }

  private static void isNearlyOrthogonal(Tensor tensor, float[] update) {
    int rows = tensor.shape().get(0);
    int columns = tensor.shape().get(1);
    double size = RATE * 0.2 * Math.sqrt(Math.max(rows, columns));
    int side = Math.min(rows, columns);
    double trace = 0;
    double squares = 0;
    for (int a = 0; a < side; a++) {
      for (int b = 0; b < side; b++) {
        double dot = 0;
        for (int k = 0; k < Math.max(rows, columns); k++) {
          int x = rows <= columns ? a * columns + k : k * columns + a;
          int y = rows <= columns ? b * columns + k : k * columns + b;
          dot += update[tensor.offset() + x] / size * (update[tensor.offset() + y] / size);
        }
        trace += a == b ? dot : 0;
        squares += dot * dot;
      }
    }
    // the squared singular values: their mean, and how far they are from it
    double mean = trace / side;
    double spread = Math.sqrt(squares / side - mean * mean);
    assertThat(mean).as(tensor.name()).isBetween(0.5, 1.3);
    assertThat(spread).as(tensor.name()).isLessThan(0.5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "lion", "sgd", "muon"})
  void bits_are_the_same_on_any_number_of_threads_and_with_any_kernels(String spec) {
    float[] expected = null;
    for (Kernels kernels : KernelSets.all()) {
      for (int threads = 1; threads <= 3; threads++) {
        try (Parallel parallel = Parallel.ofThreads(threads)) {
          Random random = new Random(2);
          float[] p = KernelSets.random(LAYOUT.size(), random);
          Optimizer optimizer = optimizer(spec, kernels, parallel);
          for (int step = 1; step <= 3; step++) {
            optimizer.step(p, KernelSets.random(LAYOUT.size(), random), step, RATE, 0.7);
          }
          expected = expected == null ? p : expected;
          assertThat(p).as(kernels.name() + " " + threads).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "lion", "sgd", "muon"})
  void each_learns_a_sequence_by_heart(String spec) {
    Kernels kernels = KernelSets.all().get(0);
    double rate = spec.equals("sgd") ? 0.3 : spec.equals("lion") ? 3e-3 : 1e-2;
    int[] inputs = {3, 1, 4, 1, 5, 9, 2, 6};
    int[] targets = {1, 4, 1, 5, 9, 2, 6, 5};
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer model = TrainableTransformer.initial(CONFIG, kernels, parallel, 1337);
      Optimizer optimizer = optimizer(spec, kernels, parallel);
      GradientNorm norms = new GradientNorm(LAYOUT, kernels, parallel);
      for (int step = 1; step <= 150; step++) {
        model.forwardBackward(inputs, targets, 1, 8);
        double clip = GradientNorm.clip(norms.of(model.gradients()), 1);
        optimizer.step(model.parameters(), model.gradients(), step, rate, clip);
      }
      assertThat(model.forward(inputs, targets, 1, 8).mean()).isCloseTo(0, within(0.1));
    }
  }

  @Test
  void an_unknown_optimiser_or_option_is_refused_by_name() {
    try (Parallel parallel = Parallel.ofThreads(1)) {
      Kernels kernels = KernelSets.all().get(0);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> optimizer("adam", kernels, parallel))
          .withMessageContaining("\"adam\"")
          .withMessageContaining("adamw");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> optimizer("lion(momentum=1)", kernels, parallel))
          .withMessageContaining("momentum");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> optimizer("sgd(momentum=1)", kernels, parallel))
          .withMessageContaining("[0, 1)");
    }
  }
}
