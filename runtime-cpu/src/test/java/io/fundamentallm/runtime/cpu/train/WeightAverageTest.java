package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.TokenSequence;
import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.TrainingResult;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightAverageTest {
  @TempDir private Path folder;

  private WeightAverage average(String spec, float[] parameters, Parallel parallel) {
    TrainingPlan plan = TrainingPlan.builder(folder).averaging(spec).build();
    return WeightAverage.of(plan, parameters, Kernels.best(), parallel);
  }

  @Test
  void it_is_the_mean_of_all_steps_weighted_by_the_power_of_decay() {
    int n = 40_000;
    float[] parameters = new float[n];
    double[] expected = new double[n];
    Random random = new Random(1);
    try (Parallel parallel = Parallel.ofThreads(2)) {
      WeightAverage average = average("ema(decay=0.7)", parameters, parallel);
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
      average.swap();
      for (int i = 0; i < n; i++) {
        assertThat((double) parameters[i]).isCloseTo(expected[i] / all, within(1e-6));
      }
      assertThat(average.state().get("weights")).isEqualTo(last);
      average.swap();
      assertThat(parameters).isEqualTo(last);
    }
  }

  @Test
  void without_it_the_parameters_stay_where_they_are() {
    float[] parameters = {1, 2};
    try (Parallel parallel = Parallel.ofThreads(1)) {
      WeightAverage none = average("none", parameters, parallel);
      none.add(1);
      none.swap();
      assertThat(parameters).containsExactly(1, 2);
      assertThat(none.state()).isEmpty();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> average("ema(decay=1)", parameters, parallel))
          .withMessageContaining("decay");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> average("swa", parameters, parallel))
          .withMessageContaining("none, ema");
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
    TrainingPlan plan =
        TrainingPlan.builder(folder.resolve(averaging))
            .layers(1)
            .heads(2)
            .hiddenSize(16)
            .contextLength(8)
            .batchSize(4)
            .steps(150)
            .learningRate(0.02, 0.02)
            .averaging(averaging)
            .build();
    TokenSequence tokens = TokenSequence.of(digits);
    return new CpuTrainer(2).train(new TrainingData(new DigitTokenizer(), tokens, tokens), plan);
  }
}
