package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.parameter.Initialization;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plan's objective and positions do to a training. */
class ObjectiveTrainingTest {
  private static final TrainingObjective PLAIN = TrainingObjective.MAXIMUM_LIKELIHOOD;
  private static final TrainingObjective ALL =
      PLAIN
          .withLabelSmoothing(0.1)
          .withZLoss(1e-3)
          .withDropout(0.1)
          .withDocumentBoundaries(true)
          .withScheduledSampling("linear")
          .withIgnoreIndex(3);

  private static final int[] TEXT = new Random(1).ints(600, 0, 10).toArray();

  @TempDir private Path folder;

  private TrainingPlan.Builder plan(String name) {
    return TrainingPlan.builder(folder.resolve(name))
        .architecture("gpt2(layers=1,heads=2,hidden-size=16)")
        .contextLength(12)
        .batchSize(4)
        .steps(20)
        .warmupSteps(2)
        .learningRate(1e-2, 1e-3);
  }

  private static TrainingResult train(int threads, TrainingPlan plan) throws IOException {
    TrainingData data =
        new TrainingData(
            new DigitTokenizer(),
            TokenSequence.of(TEXT),
            TokenSequence.of(Arrays.copyOf(TEXT, 100)));
    return new CpuTrainer(threads).train(data, plan);
  }

  private static float[] parameters(TrainingPlan plan) throws IOException {
    return ModelDirectory.read(plan.modelDirectory()).parameters();
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "lion", "muon", "sgd"})
  void sinusoidal_positions_are_a_table_that_no_step_changes(String optimizer) throws IOException {
    TrainingPlan plan =
        plan("model")
            .architecture("gpt2(layers=1,heads=2,hidden-size=16,positions=sinusoidal)")
            .optimizer(optimizer)
            .weightDecay(0.5)
            .build();
    train(2, plan);
    ModelDirectory model = ModelDirectory.read(plan.modelDirectory());
    ParameterLayout layout = new ParameterLayout(model.config());
    ParameterLayout.Tensor table = layout.tensor("wpe.weight");
    for (int t = 0; t < 12; t++) {
      for (int i = 0; i < 8; i++) {
        double angle = t / Math.pow(10000, 2 * i / 16.0);
        int at = table.offset() + 16 * t + 2 * i;
        assertThat((double) model.parameters()[at]).isCloseTo(Math.sin(angle), within(1e-7));
        assertThat((double) model.parameters()[at + 1]).isCloseTo(Math.cos(angle), within(1e-7));
      }
    }
    ParameterLayout.Tensor other = layout.tensor("wte.weight");
    try (Parallel parallel = Parallel.ofThreads(1)) {
      float[] initial = Initialization.parameters(model.config(), layout, plan.seed(), parallel);
      assertThat(model.parameters()[other.offset()]).isNotEqualTo(initial[other.offset()]);
    }
  }

  @Test
  void a_training_of_learned_positions_does_not_go_on_with_sinusoidal_ones() throws IOException {
    train(1, plan("model").checkpoints(10, 1).build());
    TrainingPlan other =
        plan("model")
            .checkpoints(10, 1)
            .architecture("gpt2(layers=1,heads=2,hidden-size=16,positions=sinusoidal)")
            .resume()
            .build();
    assertThatThrownBy(() -> train(1, other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("it has positions learned and not sinusoidal")
        .hasMessageContaining("positions cannot change");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2(layers=1,heads=2,hidden-size=16,positions=sinusoidal)",
        "llama(layers=1,heads=2,hidden-size=16)"
      })
  void bits_are_the_same_on_one_and_two_threads_and_after_a_resume(String architecture)
      throws IOException {
    TrainingPlan one = plan("one").architecture(architecture).objective(ALL).build();
    TrainingPlan two = one.toBuilder().checkpoints(7, 1).build();
    train(1, one);
    float[] expected = parameters(one);
    train(2, two);
    assertThat(parameters(two)).isEqualTo(expected);
    train(2, two.toBuilder().resume().build()); // from step 14 on
    assertThat(parameters(two)).isEqualTo(expected);
    TrainingPlan plain = plan("plain").architecture(architecture).objective(PLAIN).build();
    train(2, plain);
    assertThat(parameters(plain)).isNotEqualTo(expected);
  }

  @Test
  void four_batches_of_three_come_to_the_same_as_one_of_twelve_with_dropout_on()
      throws IOException {
    TrainingPlan whole = plan("whole").batchSize(12).objective(PLAIN.withDropout(0.2)).build();
    TrainingPlan parts = whole.toBuilder().batchSize(3).accumulation(4).build();
    double expected = train(2, whole).trainingLoss();
    assertThat(train(2, parts).trainingLoss()).isCloseTo(expected, within(1e-5));
    TrainingPlan plain = whole.toBuilder().objective(PLAIN).build();
    assertThat(train(2, plain).trainingLoss()).isNotCloseTo(expected, within(1e-3));
  }

  @Test
  void the_training_loss_is_the_objective_and_the_validation_loss_plain_cross_entropy()
      throws IOException {
    TrainingPlan.Builder still = plan("model").steps(1).learningRate(0, 0);
    TrainingResult plain = train(1, still.build());
    TrainingResult smoothed =
        train(1, still.objective(PLAIN.withLabelSmoothing(0.5).withZLoss(1)).build());
    assertThat(smoothed.trainingLoss()).isGreaterThan(plain.trainingLoss() + 1);
    assertThat(smoothed.validationLoss()).isEqualTo(plain.validationLoss());
  }

  @Test
  void what_does_not_fit_is_refused_before_the_first_step() {
    TrainingListener none = new TrainingListener() {};
    TrainingData data =
        new TrainingData(
            new DigitTokenizer() {
              @Override
              public OptionalInt bos() {
                return OptionalInt.empty();
              }

              @Override
              public OptionalInt eos() {
                return OptionalInt.empty();
              }
            },
            TokenSequence.of(TEXT),
            TokenSequence.of());
    TrainingPlan boundaries = plan("a").objective(PLAIN.withDocumentBoundaries(true)).build();
    assertThatThrownBy(() -> new CpuTrainer(1).train(data, boundaries, none))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("documentBoundaries");
    TrainingPlan sampling =
        plan("b").objective(PLAIN.withScheduledSampling("constant(q=1)")).build();
    assertThatThrownBy(() -> new CpuTrainer(1).train(data, sampling, none))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"constant\"");
  }
}
