package io.fundamentallm.runtime.cpu.train.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.ReferenceTransformer;
import io.fundamentallm.runtime.cpu.train.optimizer.AdamW;
import io.fundamentallm.runtime.cpu.train.optimizer.GradientNorm;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

public class TrainableTransformerTest {

  private static final int IGNORE = Objective.IGNORE_INDEX;

  /** Odd sizes, more rows than one piece of work takes, more steps than one block of attention. */
  private static final TrainableConfig CONFIG = TrainableConfig.gpt2(37, 60, 40, 2, 4);

  /** Heads in groups, an odd inner size, embeddings of its own for the head. */
  private static final TrainableConfig LLAMA =
      TrainableConfig.llama(37, 60, 40, 2, 4, 2, 51, false);

  private static final int BATCH = 3;
  private static final int STEPS = 55;

  /** Weights large enough for every gradient to matter. */
  public static float[] randomParameters(TrainableConfig config, Random random) {
    ParameterLayout layout = new ParameterLayout(config);
    float[] parameters = KernelSets.random(layout.size(), random);
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      float centre = tensor.name().matches(".*(ln_.|norm)\\.weight") ? 1f : 0f;
      for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
        parameters[i] = centre + 0.2f * parameters[i];
      }
    }
    return parameters;
  }

  private static int[] tokens(int count, Random random) {
    return random.ints(count, 0, CONFIG.vocabularySize()).toArray();
  }

  private static int[] targets(int count, Random random) {
    int[] targets = tokens(count, random);
    for (int i = 0; i < count; i += 7) {
      targets[i] = IGNORE;
    }
    return targets;
  }

  public static double[] doubles(float[] x) {
    return doubles(x, 0, x.length);
  }

  public static double[] doubles(float[] x, int from, int length) {
    double[] y = new double[length];
    for (int i = 0; i < length; i++) {
      y[i] = x[from + i];
    }
    return y;
  }

  /** The difference is at most 1e-4 of the norm of what is expected. */
  public static void assertClose(String name, float[] actual, double[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      norm += expected[i] * expected[i];
    }
    assertThat(actual).as(name).hasSameSizeAs(expected);
    assertThat(Math.sqrt(difference)).as(name).isLessThanOrEqualTo(1e-4 * Math.sqrt(norm));
  }

  private static TrainableTransformer model(Kernels kernels, Parallel parallel) {
    return model(CONFIG, kernels, parallel);
  }

  private static TrainableTransformer model(
      TrainableConfig config, Kernels kernels, Parallel parallel) {
    float[] parameters = randomParameters(config, new Random(1));
    return new TrainableTransformer(
        config, kernels, parallel, parameters, Objective.MAXIMUM_LIKELIHOOD);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void loss_and_gradients_agree_with_the_double_reference(Kernels kernels) {
    TrainableConfig tied = TrainableConfig.llama(37, 60, 40, 1, 2, 1, 51, true);
    try (Parallel parallel = Parallel.ofThreads(2)) {
      for (TrainableConfig config : List.of(CONFIG, LLAMA, tied)) {
        agrees(config, model(config, kernels, parallel));
      }
    }
  }

  private static void agrees(TrainableConfig config, TrainableTransformer model) {
    Random random = new Random(2);
    ReferenceTransformer reference = new ReferenceTransformer(config, model.parameters());
    for (int steps : new int[] {STEPS, 9}) {
      int[] inputs = tokens(BATCH * steps, random);
      int[] targets = targets(BATCH * steps, random);
      Loss loss = model.forwardBackward(inputs, targets, BATCH, steps);
      double expected = reference.loss(inputs, targets, BATCH, steps, IGNORE);
      assertThat(loss.mean()).isCloseTo(expected, within(1e-5));
      assertThat(model.forward(inputs, targets, BATCH, steps)).isEqualTo(loss);
      assertThat(loss.hits()).isEqualTo(hits(reference.logits(inputs, BATCH, steps), targets));
      reference.backward(inputs, targets, BATCH, steps, IGNORE);
      for (ParameterLayout.Tensor tensor : new ParameterLayout(config).tensors()) {
        int from = tensor.offset();
        float[] actual = Arrays.copyOfRange(model.gradients(), from, from + tensor.size());
        assertClose(tensor.name(), actual, reference.gradient(tensor.name()));
      }
    }
  }

  /** Rows whose target has the largest logit. */
  private static int hits(double[] logits, int[] targets) {
    int hits = 0;
    for (int r = 0; r < targets.length; r++) {
      int row = r * CONFIG.vocabularySize();
      int best = 0;
      for (int v = 1; v < CONFIG.vocabularySize(); v++) {
        best = logits[row + v] > logits[row + best] ? v : best;
      }
      hits += best == targets[r] ? 1 : 0;
    }
    return hits;
  }

  @Test
  void bits_are_the_same_on_any_number_of_threads_and_with_any_kernels() {
    Random random = new Random(3);
    int[] inputs = tokens(BATCH * STEPS, random);
    int[] targets = targets(BATCH * STEPS, random);
    for (TrainableConfig config : List.of(CONFIG, LLAMA)) {
      sameBits(config, inputs, targets);
    }
  }

  private static void sameBits(TrainableConfig config, int[] inputs, int[] targets) {
    Loss expected = null;
    float[] gradients = null;
    for (Kernels kernels : KernelSets.all()) {
      for (int threads = 1; threads <= 3; threads++) {
        try (Parallel parallel = Parallel.ofThreads(threads)) {
          TrainableTransformer model = model(config, kernels, parallel);
          for (int round = 0; round < 3; round++) {
            Loss loss = model.forwardBackward(inputs, targets, BATCH, STEPS);
            expected = expected == null ? loss : expected;
            gradients = gradients == null ? model.gradients().clone() : gradients;
            assertThat(loss).isEqualTo(expected);
            assertThat(model.gradients()).isEqualTo(gradients);
          }
        }
      }
    }
  }

  /** Recorded once: another JDK, register width or kernel set must come to the same bits. */
  @Test
  void five_steps_of_training_give_the_recorded_bits() {
    Random random = new Random(6);
    int[] inputs = tokens(BATCH * STEPS, random);
    int[] targets = targets(BATCH * STEPS, random);
    for (Kernels kernels : KernelSets.all()) {
      try (Parallel parallel = Parallel.ofThreads(2)) {
        TrainableTransformer model = TrainableTransformer.initial(CONFIG, kernels, parallel, 1337);
        AdamW optimiser =
            new AdamW(new ParameterLayout(CONFIG), kernels, parallel, 0.9, 0.99, 1e-8, 0.1);
        GradientNorm norms = new GradientNorm(new ParameterLayout(CONFIG), kernels, parallel);
        for (int step = 1; step <= 5; step++) {
          model.forwardBackward(inputs, targets, BATCH, STEPS);
          double clip = GradientNorm.clip(norms.of(model.gradients()), 1);
          optimiser.step(model.parameters(), model.gradients(), step, 1e-3, clip);
        }
        assertThat(Arrays.hashCode(model.parameters())).as(kernels.name()).isEqualTo(2008527591);
      }
    }
  }

  @Test
  void a_sequence_has_the_same_loss_alone_and_in_a_batch() {
    Random random = new Random(4);
    int[] inputs = tokens(BATCH * STEPS, random);
    int[] targets = targets(BATCH * STEPS, random);
    for (Kernels kernels : KernelSets.all()) {
      try (Parallel parallel = Parallel.ofThreads(1)) {
        TrainableTransformer model = model(kernels, parallel);
        Loss all = model.forward(inputs, targets, BATCH, STEPS);
        double sum = 0;
        int count = 0;
        for (int b = 0; b < BATCH; b++) {
          int[] in = Arrays.copyOfRange(inputs, b * STEPS, (b + 1) * STEPS);
          int[] out = Arrays.copyOfRange(targets, b * STEPS, (b + 1) * STEPS);
          Loss one = model.forward(in, out, 1, STEPS);
          sum += one.sum();
          count += one.count();
        }
        assertThat(count).isEqualTo(all.count());
        assertThat(sum).isCloseTo(all.sum(), within(1e-9));
      }
    }
  }

  @Test
  void ignored_targets_change_neither_loss_nor_gradients() {
    Random random = new Random(5);
    int steps = 8;
    int[] inputs = tokens(steps, random);
    int[] targets = tokens(steps, random);
    Arrays.fill(targets, 5, steps, IGNORE);
    try (Parallel parallel = Parallel.ofThreads(1)) {
      TrainableTransformer model = model(KernelSets.all().get(0), parallel);
      Loss padded = model.forwardBackward(inputs, targets, 1, steps);
      float[] gradients = model.gradients().clone();
      Loss cut = model.forwardBackward(Arrays.copyOf(inputs, 5), Arrays.copyOf(targets, 5), 1, 5);
      assertThat(padded).isEqualTo(cut);
      assertThat(padded.count()).isEqualTo(5);
      assertClose("gradients", gradients, doubles(model.gradients()));
    }
  }

  @Test
  void a_small_model_learns_a_sequence_by_heart() {
    TrainableConfig config = TrainableConfig.gpt2(10, 16, 32, 2, 2);
    for (Kernels kernels : KernelSets.all()) {
      try (Parallel parallel = Parallel.ofThreads(2)) {
        TrainableTransformer model = TrainableTransformer.initial(config, kernels, parallel, 1337);
        AdamW optimiser =
            new AdamW(new ParameterLayout(config), kernels, parallel, 0.9, 0.99, 1e-8, 0.1);
        GradientNorm norms = new GradientNorm(new ParameterLayout(config), kernels, parallel);
        int[] inputs = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
        int[] targets = {1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2};
        double first = model.forward(inputs, targets, 1, 16).mean();
        assertThat(first).isCloseTo(Math.log(10), within(0.1));
        for (int step = 1; step <= 100; step++) {
          model.forwardBackward(inputs, targets, 1, 16);
          double norm = norms.of(model.gradients());
          optimiser.step(
              model.parameters(), model.gradients(), step, 1e-2, GradientNorm.clip(norm, 1));
        }
        assertThat(model.forward(inputs, targets, 1, 16).mean()).isLessThan(0.01);
      }
    }
  }

  @Test
  void bad_batches_are_refused_with_what_was_expected() {
    try (Parallel parallel = Parallel.ofThreads(1)) {
      TrainableTransformer model = model(KernelSets.all().get(0), parallel);
      int[] two = {1, 2};
      assertRefused(() -> model.forward(two, two, 0, 2), "batch must be 1 or more, not 0");
      assertRefused(
          () -> model.forward(new int[61], new int[61], 1, 61),
          "steps must be from 1 to the context length 60, not 61");
      assertRefused(
          () -> model.forward(two, new int[3], 1, 2),
          "inputs and targets must have 1 × 2 = 2 elements, not 2 and 3");
      assertRefused(
          () -> model.forward(new int[] {1, 37}, two, 1, 2),
          "inputs[1] is 37, but token ids are from 0 to 36");
      assertRefused(
          () -> model.forward(two, new int[] {-1, 2}, 1, 2),
          "targets[0] is -1, but token ids are from 0 to 36");
      assertRefused(
          () -> model.forwardBackward(two, new int[] {IGNORE, IGNORE}, 1, 2),
          "none of the targets counts");
      assertRefused(
          () ->
              new TrainableTransformer(
                  CONFIG,
                  KernelSets.all().get(0),
                  parallel,
                  new float[3],
                  Objective.MAXIMUM_LIKELIHOOD),
          "parameters must have " + new ParameterLayout(CONFIG).size() + " elements, not 3");
    }
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
