package io.fundamentallm.runtime.cpu.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.train.CpuTrainer;
import io.fundamentallm.runtime.cpu.train.DigitTokenizer;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingMemory;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a new training finds in its directory of an earlier one. */
@Tag("once")
class EarlierTrainingTest {
  @TempDir private Path folder;

  private static TrainingPlan.Builder plan(Path directory) {
    return TrainingPlan.builder(directory)
        .architecture("gpt2(layers=1,heads=2,hidden-size=16)")
        .contextLength(8)
        .batchSize(4)
        .warmupSteps(0);
  }

  private static TrainingData data() {
    int[] text = IntStream.range(0, 300).map(i -> i * i % 7).toArray();
    return new TrainingData(new DigitTokenizer(), TokenSequence.of(text), TokenSequence.of());
  }

  private static void train(TrainingPlan plan, TrainingListener... listeners) throws IOException {
    new CpuTrainer(2).train(data(), plan, listeners);
  }

  private static float[] parameters(Path directory) throws IOException {
    return ModelDirectory.read(directory).parameters();
  }

  private static List<String> directories(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void a_new_training_does_not_mix_its_checkpoints_with_old_ones() throws IOException {
    TrainingPlan plan = plan(folder).steps(20).checkpoints(10, 5).build();
    train(plan);
    assertRefused(plan);
  }

  /** Also one that writes none itself, or whose rounds are all that it takes. */
  @Test
  void a_new_model_is_not_written_beside_the_checkpoints_of_another() throws IOException {
    train(plan(folder).steps(20).checkpoints(10, 5).build());
    float[] before = parameters(folder);
    TrainingPlan.Builder other = plan(folder).architecture("llama(layers=1,heads=2,hidden-size=8)");
    assertRefused(other.steps(3).build());
    assertRefused(TrainingPlan.builder(folder).budget(Duration.ofSeconds(1)).build());
    assertThatIOException()
        .isThrownBy(() -> new CpuTrainer(1).local(data(), other.build()))
        .withMessageContaining("checkpoint-20 is of an earlier training");
    assertThat(parameters(folder)).isEqualTo(before);
    assertThat(directories(folder)).containsExactly("checkpoint-10", "checkpoint-20");
  }

  /** Before anything is chosen, allocated or reported. */
  private static void assertRefused(TrainingPlan plan) {
    TrainingListener nothing =
        new TrainingListener() {
          @Override
          public void onPlan(TrainingPlan chosen) {
            throw new AssertionError("has chosen");
          }

          @Override
          public void onMemory(TrainingMemory memory) {
            throw new AssertionError("has begun");
          }
        };
    assertThatIOException()
        .isThrownBy(() -> train(plan, nothing))
        .withMessage(
            plan.modelDirectory().resolve("checkpoint-20")
                + " is of an earlier training; continue from it with resume, or delete it, or train"
                + " into another directory");
  }

  @Test
  void a_finished_model_without_checkpoints_is_replaced() throws IOException {
    train(plan(folder).steps(3).build());
    Files.createDirectory(folder.resolve("best-2"));
    train(plan(folder).architecture("gpt2(layers=1,heads=1,hidden-size=8)").steps(3).build());
    assertThat(ModelDirectory.read(folder).config().hiddenSize()).isEqualTo(8);
    assertThat(directories(folder)).containsExactly("best-2"); // not of a plan that keeps none

    train(plan(folder).steps(3).checkpoints(3, 1).build());
    assertThat(directories(folder))
        .containsExactly("checkpoint-3"); // of a training that was killed
  }
}
