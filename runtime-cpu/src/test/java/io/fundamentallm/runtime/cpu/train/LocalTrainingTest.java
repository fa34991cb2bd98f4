package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextScorer;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.training.LocalTraining;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalTrainingTest {
  @TempDir private Path folder;

  /** Digits whose odds depend on those before them: something to learn, and much left to luck. */
  private static int[] digits(int count, long seed) {
    double[][] odds = new double[64][8];
    Random rules = new Random(7);
    double[][] single = new double[8][8];
    for (double[] row : single) {
      for (int i = 0; i < row.length; i++) {
        row[i] = rules.nextGaussian();
      }
    }
    for (int r = 0; r < odds.length; r++) {
      double[] row = odds[r];
      for (int i = 0; i < row.length; i++) {
        row[i] = Math.exp(0.5 * rules.nextGaussian() + 2 * single[r % 8][i]);
      }
    }
    Random random = new Random(seed);
    int[] digits = new int[count];
    for (int i = 2; i < count; i++) {
      double[] row = odds[digits[i - 2] * 8 + digits[i - 1]];
      double sum = 0;
      for (double odd : row) {
        sum += odd;
      }
      double left = random.nextDouble() * sum;
      while (digits[i] < 7 && left >= row[digits[i]]) {
        left -= row[digits[i]++];
      }
    }
    return digits;
  }

  private static TrainingData data() {
    return new TrainingData(
        new DigitTokenizer(), TokenSequence.of(digits(50_000, 1)), TokenSequence.of());
  }

  private TrainingPlan.Builder plan(String name) {
    return TrainingPlan.builder(folder.resolve(name))
        .architecture("gpt2(layers=1,heads=2,hidden-size=32)")
        .contextLength(16)
        .batchSize(8)
        .steps(120)
        .warmupSteps(20)
        .learningRate(1e-2, 1e-3);
  }

  private double loss(String name) throws IOException {
    int[] heldOut = digits(8000, 2);
    try (LanguageModel model = LanguageModels.load(folder.resolve(name))) {
      TextScorer scorer = TextScorer.of(new DigitTokenizer(), model);
      return -scorer.withStride(8).score(heldOut).logProbability() / heldOut.length;
    }
  }

  /** Two machines and an outer loop that takes the mean of their differences. */
  private void trainTogether(TrainingPlan.Builder plan, int rounds, int steps) throws IOException {
    CpuTrainer trainer = new CpuTrainer(2);
    try (LocalTraining first = trainer.local(data(), plan.seed(1).build());
        LocalTraining second = trainer.local(data(), plan.seed(2).build())) {
      float[][] weights = first.weights();
      for (int round = 0; round < rounds; round++) {
        LocalTraining.Round one = first.train(weights, steps, Cancellation.none());
        LocalTraining.Round two = second.train(weights, steps, Cancellation.none());
        for (int i = 0; i < weights.length; i++) {
          for (int j = 0; j < weights[i].length; j++) {
            weights[i][j] += (one.difference()[i][j] + two.difference()[i][j]) / 2;
          }
        }
      }
      first.save(weights);
    }
  }

  @Test
  void rounds_on_two_machines_learn_as_much_as_one_with_the_doubled_batch() throws IOException {
    trainTogether(plan("together"), 12, 10);
    new CpuTrainer(2).train(data(), plan("doubled").seed(1).batchSize(16).build());
    new CpuTrainer(2).train(data(), plan("little").seed(1).steps(20).build());
    double doubled = loss("doubled");
    assertThat(loss("together")).isLessThan(1.02 * doubled);
    assertThat(loss("little")).isGreaterThan(1.1 * doubled); // there is something to learn
  }

  @Test
  @Tag("long")
  void rounds_of_a_larger_model_do_too() throws IOException {
    trainTogether(large("together"), 40, 25);
    new CpuTrainer(2).train(data(), large("doubled").seed(1).batchSize(24).build());
    assertThat(loss("together")).isLessThan(1.02 * loss("doubled"));
  }

  private TrainingPlan.Builder large(String name) {
    return plan(name)
        .architecture("gpt2(layers=4,heads=4,hidden-size=128)")
        .contextLength(64)
        .batchSize(12)
        .steps(1000)
        .warmupSteps(100)
        .learningRate(1e-3, 1e-4);
  }

  @Test
  void one_machine_whose_differences_are_added_trains_as_a_plain_training_does()
      throws IOException {
    TrainingPlan.Builder plan = plan("rounds").optimizer("muon");
    try (LocalTraining local = new CpuTrainer(2).local(data(), plan.build())) {
      float[][] weights = local.weights();
      for (int round = 0; round < 4; round++) {
        float[][] before = weights;
        LocalTraining.Round trained = local.train(before, 5, Cancellation.none());
        assertThat(trained.tokens()).isEqualTo(5 * 8 * 16);
        assertThat(trained.loss()).isBetween(1.0, 2.5);
        weights = local.weights();
        float[] sum = before[0].clone();
        for (int j = 0; j < sum.length; j++) {
          sum[j] += trained.difference()[0][j];
        }
        for (int j = 0; j < sum.length; j++) {
          assertThat(Math.abs(sum[j] - weights[0][j])).isLessThan(1e-6f);
        }
      }
      local.save(weights);
      assertThat(local.parameters().get(0).name()).isEqualTo("wte.weight");
      assertThat(local.parameters().get(0).shape()).containsExactly(10, 32);
      assertThat(local.parameters())
          .extracting(LocalTraining.Parameter::size)
          .containsExactlyElementsOf(
              java.util.Arrays.stream(weights).map(array -> array.length).toList());
    }
    // 20 of 120 steps, with the same learning rates
    TrainingPlan straight = plan("straight").optimizer("muon").checkpoints(20, 1).build();
    int[] asked = {0};
    assertThatThrownBy(() -> new CpuTrainer(2).train(data(), straight, () -> asked[0]++ == 20))
        .isInstanceOf(CancellationException.class);
    assertThat(ModelDirectory.read(folder.resolve("rounds")).parameters())
        .isEqualTo(ModelDirectory.read(folder.resolve("straight/checkpoint-20")).parameters());
  }

  @Test
  void validation_and_averaging_play_no_part() throws IOException {
    TrainingPlan.Builder more =
        plan("more")
            .averaging("ema(decay=0.9)")
            .validation(Validation.every(5).withPatience(1, 0).withKeepBest(true));
    try (LocalTraining bare = new CpuTrainer(1).local(data(), plan("bare").build());
        LocalTraining local = new CpuTrainer(1).local(data(), more.build())) {
      float[][] start = bare.weights();
      assertThat(local.train(start, 10, Cancellation.none()).difference())
          .isDeepEqualTo(bare.train(start, 10, Cancellation.none()).difference());
    }
  }

  @Test
  void arrays_of_another_model_are_refused_by_name() throws IOException {
    try (LocalTraining local = new CpuTrainer(1).local(data(), plan("model").build())) {
      float[][] weights = local.weights();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> local.train(new float[1][], 1, Cancellation.none()))
          .withMessageContaining("not 1");
      weights[1] = new float[3];
      assertThatIllegalArgumentException()
          .isThrownBy(() -> local.train(weights, 1, Cancellation.none()))
          .withMessageContaining("wpe.weight [16, 32]: expected 512 numbers, not 3");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> local.train(local.weights(), 0, Cancellation.none()))
          .withMessageContaining("at least 1 step");
    }
  }
}
