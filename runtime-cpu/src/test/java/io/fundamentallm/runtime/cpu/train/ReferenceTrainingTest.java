package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.optimizer.AdamW;
import io.fundamentallm.runtime.cpu.train.optimizer.GradientNorm;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole trainings beside a plain one in double precision: gradients, clipping, AdamW. */
class ReferenceTrainingTest {

  private static final double RATE = 1e-3;
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.99;
  private static final double EPSILON = 1e-8;
  private static final double DECAY = 0.1;

  @Test
  void ten_steps_of_a_small_model_follow_a_double_training() {
    assertThat(furthest(TrainableConfig.gpt2(20, 16, 24, 2, 2), 4, 10)).isLessThan(1e-5);
    TrainableConfig llama = TrainableConfig.llama(20, 16, 24, 2, 4, 2, 40, false);
    assertThat(furthest(llama, 4, 10)).isLessThan(1e-5);
  }

  @Test
  @Tag("long")
  void two_hundred_steps_of_four_layers_follow_a_double_training() {
    assertThat(furthest(TrainableConfig.gpt2(65, 64, 128, 4, 4), 12, 200)).isLessThan(1e-3);
  }

  /** The largest difference of losses in so many steps, which have to fall. */
  private static double furthest(TrainableConfig config, int batch, int steps) {
    ParameterLayout layout = new ParameterLayout(config);
    int length = config.contextLength();
    double furthest = 0;
    double first = Double.NaN;
    double last = Double.NaN;
    try (Parallel parallel = Parallel.ofThreads(2)) {
      Kernels kernels = Kernels.best();
      TrainableTransformer model = TrainableTransformer.initial(config, kernels, parallel, 1337);
      AdamW adamW = new AdamW(layout, kernels, parallel, BETA_1, BETA_2, EPSILON, DECAY);
      GradientNorm norms = new GradientNorm(layout, kernels, parallel);
      ReferenceTransformer reference = new ReferenceTransformer(config, model.parameters());
      Moments moments = new Moments(layout);
      for (int step = 1; step <= steps; step++) {
        int[] tokens = text(config.vocabularySize(), batch, length, step);
        int[] inputs = new int[batch * length];
        int[] targets = new int[batch * length];
        for (int b = 0; b < batch; b++) {
          System.arraycopy(tokens, b * (length + 1), inputs, b * length, length);
          System.arraycopy(tokens, b * (length + 1) + 1, targets, b * length, length);
        }
        double rate = RATE * Math.min(1, step / 20.0);
        last = model.forwardBackward(inputs, targets, batch, length).mean();
        double clip = GradientNorm.clip(norms.of(model.gradients()), 1);
        adamW.step(model.parameters(), model.gradients(), step, rate, clip);
        double expected = reference.backward(inputs, targets, batch, length, -100);
        moments.step(reference, step, rate);
        furthest = Math.max(furthest, Math.abs(last - expected));
        first = step == 1 ? last : first;
      }
    }
    assertThat(first).isCloseTo(Math.log(config.vocabularySize()), within(0.3));
    assertThat(last).isLessThan(first - 0.01);
    return furthest;
  }

  /** Windows in which the next token is often a function of the last one. */
  private static int[] text(int vocabulary, int batch, int length, int step) {
    Random random = new Random(step);
    int[] tokens = new int[batch * (length + 1)];
    for (int i = 1; i < tokens.length; i++) {
      int any = random.nextInt(vocabulary);
      tokens[i] = random.nextInt(3) == 0 ? any : (tokens[i - 1] * 7 + 3) % vocabulary;
    }
    return tokens;
  }

  /** AdamW with clipping, one parameter at a time. */
  private static final class Moments {
    private final ParameterLayout layout;
    private final Map<String, double[]> first = new TreeMap<>();
    private final Map<String, double[]> second = new TreeMap<>();

    Moments(ParameterLayout layout) {
      this.layout = layout;
      for (ParameterLayout.Tensor tensor : layout.tensors()) {
        first.put(tensor.name(), new double[tensor.size()]);
        second.put(tensor.name(), new double[tensor.size()]);
      }
    }

    void step(ReferenceTransformer model, int step, double rate) {
      double squares = 0;
      for (String name : first.keySet()) {
        for (double g : model.gradient(name)) {
          squares += g * g;
        }
      }
      double clip = Math.min(1, 1 / (Math.sqrt(squares) + 1e-6));
      for (ParameterLayout.Tensor tensor : layout.tensors()) {
        double[] p = model.parameter(tensor.name());
        double[] gradient = model.gradient(tensor.name());
        double[] m = first.get(tensor.name());
        double[] v = second.get(tensor.name());
        for (int i = 0; i < p.length; i++) {
          double g = clip * gradient[i];
          m[i] = BETA_1 * m[i] + (1 - BETA_1) * g;
          v[i] = BETA_2 * v[i] + (1 - BETA_2) * g * g;
          double mean = m[i] / (1 - Math.pow(BETA_1, step));
          double root = Math.sqrt(v[i] / (1 - Math.pow(BETA_2, step)));
          p[i] -= rate * (tensor.decayed() ? DECAY * p[i] : 0);
          p[i] -= rate * mean / (root + EPSILON);
        }
      }
    }
  }
}
