package io.fundamentallm.runtime.cpu.train;

import static io.fundamentallm.runtime.cpu.train.layer.TrainableTransformerTest.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.Dropout;
import io.fundamentallm.runtime.cpu.train.layer.Loss;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.ScheduledSampling;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformerTest;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.training.TrainingObjective;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each switch of the objective: loss and gradients against the double reference, and its bits. */
class ObjectiveGradientsTest {

  private static final int BEGIN = 0;
  private static final int PAD = 1;
  private static final long SEED = 5;

  /** Odd sizes, more steps than one block of attention. */
  private static final TrainableConfig GPT2 = TrainableConfig.gpt2(37, 60, 40, 2, 4);

  private static final TrainableConfig LLAMA =
      TrainableConfig.llama(37, 60, 40, 2, 4, 2, 51, false);

  private static final int BATCH = 3;
  private static final int STEPS = 55;

  private static final TrainingObjective PLAIN = TrainingObjective.MAXIMUM_LIKELIHOOD;

  static List<TrainingObjective> objectives() {
    return List.of(
        PLAIN.withLabelSmoothing(0.1),
        PLAIN.withZLoss(0.01),
        PLAIN.withIgnoreIndex(PAD),
        PLAIN.withDropout(0.2),
        PLAIN.withDocumentBoundaries(true),
        PLAIN
            .withLabelSmoothing(0.1)
            .withZLoss(0.01)
            .withIgnoreIndex(PAD)
            .withDropout(0.2)
            .withDocumentBoundaries(true));
  }

  private static Objective objective(TrainingObjective terms) {
    return new Objective(
        terms, OptionalInt.of(BEGIN), OptionalInt.empty(), SEED, ScheduledSampling.NONE);
  }

  private static TrainableTransformer model(
      TrainableConfig config, TrainingObjective terms, Kernels kernels, Parallel parallel) {
    float[] parameters = TrainableTransformerTest.randomParameters(config, new Random(1));
    return new TrainableTransformer(config, kernels, parallel, parameters, objective(terms));
  }

  private static int[] tokens(long seed) {
    Random random = new Random(seed);
    int[] tokens = random.ints(BATCH * STEPS, 0, GPT2.vocabularySize()).toArray();
    for (int i = 0; i < tokens.length; i++) {
      int any = random.nextInt(12);
      tokens[i] = any == 0 ? BEGIN : any == 1 ? PAD : tokens[i];
    }
    return tokens;
  }

  /** What the reference should do, found without what is tested. */
  private static ReferenceSwitches switches(
      TrainingObjective terms, Kernels kernels, int[] inputs) {
    int[] begins = new int[inputs.length];
    boolean[] hidden = new boolean[inputs.length];
    for (int row = 0; row < inputs.length; row++) {
      for (int t = 0; terms.documentBoundaries() && t <= row % STEPS; t++) {
        begins[row] = inputs[row - row % STEPS + t] == BEGIN ? t : begins[row];
      }
      hidden[row] = inputs[row] == terms.ignoreIndex();
    }
    return new ReferenceSwitches(
        (float) terms.labelSmoothing(),
        (float) terms.zLoss(),
        begins,
        hidden,
        masks(terms, kernels));
  }

  /** The masks that fall on ones. */
  private static ReferenceSwitches.Masks masks(TrainingObjective terms, Kernels kernels) {
    return (place, layer, head, row, element) -> {
      float[] ones = new float[element + 1];
      Arrays.fill(ones, 1f);
      Dropout dropout = Dropout.of(terms.dropout(), SEED, 1, row);
      if (place == Dropout.Place.PROBABILITIES) {
        long ofHead = dropout.ofHead(layer, head, 0);
        dropout.probabilities(kernels.elementwise(), ofHead, 0, element + 1, ones, 0);
      } else {
        dropout.rows(kernels.elementwise(), place, layer, 0, 1, element + 1, new Floats(ones, 0));
      }
      return ones[element];
    };
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void loss_and_gradients_agree_with_the_double_reference(TrainingObjective terms) {
    int[] inputs = tokens(2);
    int[] targets = tokens(3);
    Kernels kernels = Kernels.best();
    try (Parallel parallel = Parallel.ofThreads(2)) {
      for (TrainableConfig config : List.of(GPT2, LLAMA)) {
        TrainableTransformer model = model(config, terms, kernels, parallel);
        ReferenceTransformer reference =
            new ReferenceTransformer(config, model.parameters())
                .with(switches(terms, kernels, inputs));
        Loss loss = model.forwardBackward(inputs, targets, BATCH, STEPS);
        int ignore = terms.ignoreIndex();
        assertThat(loss.mean())
            .isCloseTo(reference.loss(inputs, targets, BATCH, STEPS, ignore), within(1e-5));
        reference.backward(inputs, targets, BATCH, STEPS, ignore);
        for (ParameterLayout.Tensor tensor : new ParameterLayout(config).tensors()) {
          int from = tensor.offset();
          float[] actual = Arrays.copyOfRange(model.gradients(), from, from + tensor.size());
          assertClose(tensor.name(), actual, reference.gradient(tensor.name()));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void it_changes_the_gradients_and_their_bits_are_the_same_on_any_number_of_threads(
      TrainingObjective terms) {
    int[] inputs = tokens(2);
    int[] targets = tokens(3);
    for (TrainableConfig config : List.of(GPT2, LLAMA)) {
      float[] expected = null;
      for (Kernels kernels : KernelSets.all()) {
        for (int threads = 1; threads <= 2; threads++) {
          try (Parallel parallel = Parallel.ofThreads(threads)) {
            TrainableTransformer model = model(config, terms, kernels, parallel);
            model.forwardBackward(inputs, targets, BATCH, STEPS);
            expected = expected == null ? model.gradients().clone() : expected;
            assertThat(model.gradients()).isEqualTo(expected);
            model = model(config, PLAIN, kernels, parallel);
            model.forwardBackward(inputs, targets, BATCH, STEPS);
            assertThat(model.gradients()).isNotEqualTo(expected);
          }
        }
      }
    }
  }

  @Test
  void dropout_is_the_same_in_one_batch_and_in_parts_other_in_another_step_and_absent_in_forward() {
    int[] inputs = tokens(2);
    int[] targets = tokens(3);
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer model = model(GPT2, PLAIN.withDropout(0.2), Kernels.best(), parallel);
      TrainableTransformer plain = model(GPT2, PLAIN, Kernels.best(), parallel);
      Loss whole = model.forwardBackward(inputs, targets, BATCH, STEPS);
      float[] gradients = model.gradients().clone();
      model.begin(1);
      double sum = 0;
      for (int b = 0; b < BATCH; b++) {
        int[] in = Arrays.copyOfRange(inputs, b * STEPS, (b + 1) * STEPS);
        int[] out = Arrays.copyOfRange(targets, b * STEPS, (b + 1) * STEPS);
        sum += model.addGradients(in, out, 1, STEPS, inputs.length).sum();
      }
      assertThat(sum).isCloseTo(whole.sum(), within(1e-9));
      assertClose("gradients", model.gradients(), TrainableTransformerTest.doubles(gradients));
      model.begin(2);
      Loss other = model.addGradients(inputs, targets, BATCH, STEPS, inputs.length);
      assertThat(other.sum()).isNotCloseTo(whole.sum(), within(1e-3));
      assertThat(model.forward(inputs, targets, BATCH, STEPS))
          .isEqualTo(plain.forward(inputs, targets, BATCH, STEPS));
    }
  }
}
