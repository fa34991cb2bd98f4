package io.fundamentallm.runtime.cpu.train.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.CpuTrainer;
import io.fundamentallm.runtime.cpu.train.DigitTokenizer;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightAverageTest {
  @TempDir private Path folder;

  private TrainingPlan plan(String averaging) {
    return TrainingPlan.builder(folder.resolve(averaging))
        .architecture("gpt2(layers=1,heads=2,hidden-size=16)")
        .contextLength(8)
        .batchSize(4)
        .steps(150)
        .learningRate(0.05, 0.05)
        .averaging(averaging)
        .build();
  }

  private static TrainedModel model(TrainingPlan plan, Parallel parallel) throws IOException {
    return TrainedModel.of(plan, new DigitTokenizer(), Kernels.best(), parallel);
  }

  @Test
  void it_is_the_mean_of_all_steps_weighted_by_the_power_of_decay() throws IOException {
    Random random = new Random(1);
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainingPlan plan = plan("ema(decay=0.7)");
      TrainedModel model = model(plan, parallel);
      WeightAverage average = WeightAverage.of(plan, model, Kernels.best(), parallel);
      float[] parameters = model.weights();
      int n = parameters.length;
      double[] expected = new double[n];
      double all = 0;
      for (int step = 1; step <= 9; step++) {
        for (int i = 0; i < n; i++) {
          parameters[i] = random.nextFloat() - 0.5f;
          expected[i] = 0.7 * expected[i] + parameters[i];
        }
        all = 0.7 * all + 1;
        average.add(step);
      }
      float[] last = parameters.clone();
      double sum = all;
      String result =
          average.during(
              () -> {
                for (int i = 0; i < n; i++) {
                  assertThat((double) parameters[i]).isCloseTo(expected[i] / sum, within(1e-6));
                }
                assertThat(average.state().get("weights")).isEqualTo(last);
                return "result";
              });
      assertThat(result).isEqualTo("result");
      assertThat(parameters).isEqualTo(last);
      assertThatIOException()
          .isThrownBy(
              () ->
                  average.during(
                      () -> {
                        throw new IOException("full");
                      }))
          .withMessage("full");
      assertThat(parameters).isEqualTo(last);
    }
  }

  @Test
  void without_it_the_weights_stay_where_they_are() throws IOException {
    try (Parallel parallel = Parallel.ofThreads(1)) {
      TrainedModel model = model(plan("none"), parallel);
      float[] before = model.weights().clone();
      WeightAverage none = WeightAverage.of(plan("none"), model, Kernels.best(), parallel);
      none.add(1);
      assertThat(none.during(() -> model.weights().clone())).isEqualTo(before);
      assertThat(model.weights()).isEqualTo(before);
      assertThat(none.state()).isEmpty();
      for (String spec : List.of("ema(decay=1)", "swa")) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> WeightAverage.of(plan(spec), model, Kernels.best(), parallel))
            .withMessageContaining(spec.equals("swa") ? "ema, none" : "decay");
      }
    }
  }

  /** With so high a learning rate that weights wander about the best ones. */
  @Test
  void the_average_is_what_is_measured_and_written() throws IOException {
    TrainingResult plain = trained("none");
    TrainingResult averaged = trained("ema(decay=0.95)");
    assertThat(averaged.trainingLoss()).isEqualTo(plain.trainingLoss());
    assertThat(averaged.validationLoss()).isLessThan(plain.validationLoss() - 0.005);
    assertThat(ModelDirectory.read(averaged.modelDirectory()).parameters())
        .isNotEqualTo(ModelDirectory.read(plain.modelDirectory()).parameters());
  }

  private TrainingResult trained(String averaging) throws IOException {
    Random random = new Random(5);
    int[] digits = IntStream.range(0, 4000).map(i -> (int) Math.sqrt(random.nextInt(64))).toArray();
    TokenSequence tokens = TokenSequence.of(digits);
    return new CpuTrainer(2)
        .train(new TrainingData(new DigitTokenizer(), tokens, tokens), plan(averaging));
  }
}
