package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingListener.Progress;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingSpeedTest {
  private static final TrainingData DATA =
      new TrainingData(
          new DigitTokenizer(),
          TokenSequence.of(IntStream.range(0, 300).map(i -> i * i % 7).toArray()),
          TokenSequence.of());

  @TempDir private Path folder;

  private final List<Progress> told = new ArrayList<>();
  private final TrainingListener listener =
      new TrainingListener() {
        @Override
        public void onStep(Progress progress) {
          told.add(progress);
        }
      };
  private long now;

  /** Ten seconds pass between two readings until the first step is over, then ten milliseconds. */
  private long time() {
    return now += told.isEmpty() ? 10_000_000_000L : 10_000_000;
  }

  @Test
  void the_first_step_of_a_run_is_left_out_once_there_is_another() throws IOException {
    TrainingPlan.Builder plan =
        TrainingPlan.builder(folder.resolve("model"))
            .architecture("gpt2(layers=1,heads=1,hidden-size=8)")
            .contextLength(16)
            .batchSize(2)
            .checkpoints(2, 1);
    new CpuTrainer(1, this::time).train(DATA, plan.steps(4).build(), listener);
    told.clear();
    TrainingResult resumed =
        new CpuTrainer(1, this::time).train(DATA, plan.steps(8).resume("steps").build(), listener);

    assertThat(told).extracting(Progress::step).containsExactly(5, 6, 7, 8);
    assertThat(told.get(0).tokensPerSecond()).isCloseTo(3.2, within(1e-6)); // 32 in 10 s
    for (Progress later : told.subList(1, 4)) {
      assertThat(later.tokensPerSecond()).isCloseTo(3200, within(1e-6));
      assertThat(later.remaining()).isLessThan(Duration.ofSeconds(1));
    }
    assertThat(resumed.tokensPerSecond()).isCloseTo(3200, within(1e-6));
  }
}
