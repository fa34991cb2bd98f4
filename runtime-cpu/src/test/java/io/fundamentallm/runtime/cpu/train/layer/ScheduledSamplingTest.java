package io.fundamentallm.runtime.cpu.train.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.ReferenceSwitches;
import io.fundamentallm.runtime.cpu.train.ReferenceTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.training.TrainingObjective;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScheduledSamplingTest {

  private static final TrainableConfig CONFIG = TrainableConfig.gpt2(11, 20, 16, 2, 2);
  private static final int BATCH = 4;
  private static final int STEPS = 20;
  private static final int PAD = 3;

  private static TrainableTransformer model(
      String spec, int ignoreIndex, Kernels kernels, Parallel parallel) {
    float[] parameters = TrainableTransformerTest.randomParameters(CONFIG, new Random(1));
    Objective objective =
        new Objective(
            TrainingObjective.MAXIMUM_LIKELIHOOD.withIgnoreIndex(ignoreIndex),
            OptionalInt.empty(),
            OptionalInt.empty(),
            0,
            ScheduledSampling.of(spec, 100, 7));
    return new TrainableTransformer(CONFIG, kernels, parallel, parameters, objective);
  }

  private static int[] tokens(int seed) {
    return new Random(seed).ints(BATCH * STEPS, 0, 11).toArray();
  }

  private static int[] context(TrainableTransformer model, int[] inputs, int step) {
    model.begin(step);
    return model.context(
        inputs, model.objective().training(Batch.of(inputs, inputs, STEPS), step, 0));
  }

  @Test
  void schedules_rise_from_nothing_to_their_maximum() {
    assertThat(ScheduledSampling.of("none", 100, 7).probability(50)).isZero();
    assertThat(ScheduledSampling.of("constant(p=0.3)", 100, 7).probability(1)).isEqualTo(0.3);
    ScheduledSampling linear = ScheduledSampling.of("linear(max=0.5)", 101, 7);
    assertThat(linear.probability(1)).isZero();
    assertThat(linear.probability(51)).isCloseTo(0.25, within(1e-12));
    assertThat(linear.probability(101)).isEqualTo(0.5);
    ScheduledSampling sigmoid = ScheduledSampling.of("inverse-sigmoid(max=1,k=10)", 100, 7);
    assertThat(sigmoid.probability(1)).isCloseTo(1 - 10 / 11.0, within(1e-12));
    assertThat(sigmoid.probability(51)).isCloseTo(1 - 10 / (10 + Math.exp(5)), within(1e-12));
    ScheduledSampling exponential = ScheduledSampling.of("exponential(max=1,k=0.9)", 100, 7);
    assertThat(exponential.probability(1)).isZero();
    assertThat(exponential.probability(11)).isCloseTo(1 - Math.pow(0.9, 10), within(1e-12));
    for (String spec : List.of("linear", "inverse-sigmoid", "exponential")) {
      ScheduledSampling defaultValue = ScheduledSampling.of(spec, 1000, 7);
      assertThat(defaultValue.probability(1)).as(spec).isLessThan(0.01);
      assertThat(defaultValue.probability(1000)).as(spec).isBetween(0.24, 0.25);
    }
  }

  @Test
  void bad_specs_are_refused_with_what_is_accepted() {
    assertThatThrownBy(() -> ScheduledSampling.of("cubic", 100, 7))
        .hasMessage(
            "no scheduled sampling \"cubic\"; there are constant, exponential,"
                + " inverse-sigmoid, linear, none");
    assertThatThrownBy(() -> ScheduledSampling.of("constant", 100, 7)).hasMessageContaining("p");
    assertThatThrownBy(() -> ScheduledSampling.of("constant(p=1.5)", 100, 7))
        .hasMessageContaining("[0, 1]");
    assertThatThrownBy(() -> ScheduledSampling.of("exponential(k=1)", 100, 7))
        .hasMessageContaining("(0, 1)");
    assertThatThrownBy(() -> ScheduledSampling.of("linear(k=1)", 100, 7))
        .hasMessageContaining("max");
  }

  @Test
  void tokens_give_way_to_draws_of_the_model_but_not_those_at_the_beginning_nor_padding() {
    int[] inputs = tokens(2);
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer model = model("constant(p=1)", PAD, Kernels.best(), parallel);
      int[][] counts = new int[inputs.length][11];
      int rounds = 400;
      for (int step = 1; step <= rounds; step++) {
        int[] context = context(model, inputs, step);
        for (int row = 0; row < inputs.length; row++) {
          counts[row][context[row]]++;
        }
      }
      double[] logits =
          new ReferenceTransformer(CONFIG, model.parameters())
              .with(padding(inputs))
              .logits(inputs, BATCH, STEPS);
      for (int row = 0; row < inputs.length; row++) {
        if (row % STEPS == 0 || inputs[row] == PAD) {
          assertThat(counts[row][inputs[row]]).isEqualTo(rounds);
        } else {
          double[] before = Arrays.copyOfRange(logits, (row - 1) * 11, row * 11);
          double sum = Arrays.stream(before).map(Math::exp).sum();
          for (int v = 0; v < 11; v++) {
            double p = Math.exp(before[v]) / sum;
            double deviation = Math.sqrt(p * (1 - p) / rounds);
            assertThat(counts[row][v] / (double) rounds)
                .isCloseTo(p, within(5 * deviation + 2.0 / rounds));
          }
        }
      }
    }
  }

  private static ReferenceSwitches padding(int[] inputs) {
    boolean[] hidden = new boolean[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      hidden[i] = inputs[i] == PAD;
    }
    return new ReferenceSwitches(0, 0, new int[0], hidden, ReferenceSwitches.NONE.masks());
  }

  @Test
  void gradients_are_those_of_the_mixed_context_with_the_same_targets() {
    int[] inputs = tokens(2);
    int[] targets = tokens(3);
    float[] expected = null;
    for (Kernels kernels : KernelSets.all()) {
      for (int threads = 1; threads <= 2; threads++) {
        try (Parallel parallel = Parallel.ofThreads(threads)) {
          TrainableTransformer mixing = model("constant(p=0.5)", -100, kernels, parallel);
          int[] context = context(mixing, inputs, 1);
          int replaced = 0;
          for (int i = 0; i < inputs.length; i++) {
            replaced += inputs[i] == context[i] ? 0 : 1;
          }
          assertThat(replaced).isBetween(inputs.length / 5, inputs.length * 3 / 5);
          Loss loss = mixing.forwardBackward(inputs, targets, BATCH, STEPS);
          expected = expected == null ? mixing.gradients().clone() : expected;
          assertThat(mixing.gradients()).isEqualTo(expected);
          TrainableTransformer plain = model("none", -100, kernels, parallel);
          assertThat(mixing.forward(inputs, targets, BATCH, STEPS))
              .isEqualTo(plain.forward(inputs, targets, BATCH, STEPS))
              .isNotEqualTo(loss);
          assertThat(plain.forwardBackward(context, targets, BATCH, STEPS)).isEqualTo(loss);
          assertThat(plain.gradients()).isEqualTo(expected);
        }
      }
    }
  }
}
