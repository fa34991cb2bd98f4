package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.contract.MortalFiles;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings whose thread is interrupted. */
@Tag("once")
class InterruptedTrainingTest {
  @TempDir private Path folder;

  /** Of the test's own thread. */
  @AfterEach
  void clear() {
    Thread.interrupted();
  }

  private static TrainingPlan.Builder plan(Path directory) {
    return TrainingPlan.builder(directory)
        .architecture("gpt2(layers=1,heads=1,hidden-size=4)")
        .contextLength(4)
        .batchSize(2)
        .steps(4)
        .warmupSteps(1)
        .learningRate(0.05, 0.01)
        .validation(Validation.every(1).withWindows(2).withKeepBest(true))
        .checkpoints(2, 1);
  }

  private static TrainingResult train(
      TrainingPlan plan, Cancellation cancellation, TrainingListener... listeners)
      throws IOException {
    int[] text = IntStream.range(0, 200).map(i -> i % 7 * (i % 7) % 7).toArray();
    int[] other = IntStream.range(0, 30).map(i -> i * 5 % 8).toArray();
    TrainingData data =
        new TrainingData(new DigitTokenizer(), TokenSequence.of(text), TokenSequence.of(other));
    return new CpuTrainer(1).train(data, plan, cancellation, listeners);
  }

  private static TrainingListener interruptAfter(int step) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress) {
        if (progress.step() == step) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.map(file -> directory.relativize(file).toString()).sorted().toList();
    }
  }

  @Test
  void an_interrupt_that_is_the_cancellation_leaves_a_checkpoint_of_the_last_step() {
    Path directory = folder.resolve("model");
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () ->
                train(
                    plan(directory).build(),
                    Thread.currentThread()::isInterrupted,
                    interruptAfter(3)));
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    assertThat(directory.resolve("checkpoint-3")).isDirectory();
  }

  @Test
  void an_interrupt_before_the_training_is_a_cancellation_like_any_other() {
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () ->
                train(
                    plan(folder.resolve("model")).build(), Thread.currentThread()::isInterrupted));
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }

  /** One before the first change of a file, one before the second, and so on. */
  @Test
  void an_interrupt_that_is_nobodys_cancellation_changes_nothing_whenever_it_comes()
      throws IOException {
    Path straight = folder.resolve("straight");
    train(plan(straight).build(), () -> false);
    boolean came = true;
    for (int i = 0; came; i++) {
      Path directory = folder.resolve("interrupted-" + i);
      int[] changes = {0};
      MortalFiles files =
          new MortalFiles(
              i,
              () -> {
                if (changes[0]++ == 0) {
                  Thread.currentThread().interrupt();
                }
              });
      assertThat(train(plan(files.path(directory)).build(), () -> false).steps()).isEqualTo(4);
      came = Thread.interrupted();
      assertThat(came).as("change " + i).isEqualTo(changes[0] > 0);
      assertThat(names(directory)).as("change " + i).isEqualTo(names(straight));
      assertThat(directory.resolve("model.safetensors"))
          .as("change " + i)
          .hasSameBinaryContentAs(straight.resolve("model.safetensors"));
    }
  }
}
