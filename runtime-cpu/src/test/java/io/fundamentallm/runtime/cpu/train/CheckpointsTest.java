package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Cancellation;
import io.fundamentallm.LanguageModel;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.TokenSequence;
import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingListener;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.TrainingResult;
import io.fundamentallm.Validation;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {
  private static final int[] TEXT = IntStream.range(0, 500).map(i -> i % 7 * (i % 7) % 7).toArray();

  @TempDir private Path folder;

  private static TrainingPlan.Builder plan(Path directory) {
    return TrainingPlan.builder(directory)
        .layers(1)
        .heads(2)
        .hiddenSize(16)
        .contextLength(8)
        .batchSize(4)
        .steps(300)
        .warmupSteps(10)
        .learningRate(1e-2, 1e-3)
        .validation(Validation.every(1000));
  }

  private static TrainingData data() {
    return new TrainingData(
        new DigitTokenizer(), TokenSequence.of(TEXT), TokenSequence.of(new int[0]));
  }

  private static TrainingResult train(TrainingPlan plan, TrainingListener... listeners)
      throws IOException {
    return new CpuTrainer(2).train(data(), plan, listeners);
  }

  private static float[] parameters(Path directory) throws IOException {
    return ModelDirectory.read(directory).parameters();
  }

  private static List<String> checkpoints(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.contains("checkpoint"))
          .sorted()
          .toList();
    }
  }

  /** Stops a training after a step, as a user does. */
  private static void stopAfter(TrainingPlan plan, int last) {
    AtomicInteger step = new AtomicInteger();
    Cancellation cancellation = () -> step.get() >= last;
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            step.set(progress.step());
          }
        };
    assertThatThrownBy(() -> new CpuTrainer(2).train(data(), plan, cancellation, counting))
        .isInstanceOf(CancellationException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "muon", "lion", "sgd(momentum=0.8)"})
  void a_training_that_was_stopped_goes_on_to_the_same_bits(String optimizer) throws IOException {
    TrainingPlan straight = plan(folder.resolve("straight")).optimizer(optimizer).build();
    train(straight);
    TrainingPlan stopped =
        plan(folder.resolve("stopped")).optimizer(optimizer).checkpoints(50, 2).build();
    stopAfter(stopped, 170);
    assertThat(checkpoints(stopped.modelDirectory()))
        .containsExactly("checkpoint-100", "checkpoint-150");
    List<Integer> steps = new ArrayList<>();
    train(
        stopped.toBuilder().resume(true).build(),
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            steps.add(progress.step());
          }
        });
    assertThat(steps.get(0)).isEqualTo(151);
    assertThat(parameters(stopped.modelDirectory()))
        .isEqualTo(parameters(straight.modelDirectory()));
  }

  @Test
  void a_checkpoint_is_a_model_directory() throws IOException {
    TrainingPlan plan = plan(folder).steps(20).checkpoints(10, 5).build();
    List<Path> told = new ArrayList<>();
    train(
        plan,
        new TrainingListener() {
          @Override
          public void onCheckpoint(int step, Path directory) {
            assertThat(directory.getFileName().toString()).isEqualTo("checkpoint-" + step);
            told.add(directory);
          }
        });
    assertThat(told).hasSize(2).allMatch(Files::isDirectory);
    try (LanguageModel model = LanguageModels.load(told.get(0))) {
      assertThat(model.info().vocabularySize()).isEqualTo(10);
    }
    assertThat(parameters(told.get(1))).isEqualTo(parameters(folder));
    assertThat(parameters(told.get(0))).isNotEqualTo(parameters(folder));
  }

  @Test
  void without_a_checkpoint_resuming_begins() throws IOException {
    train(plan(folder.resolve("a")).steps(5).resume(true).build());
    train(plan(folder.resolve("b")).steps(5).build());
    assertThat(parameters(folder.resolve("a"))).isEqualTo(parameters(folder.resolve("b")));
  }

  @Test
  void half_written_checkpoints_are_not_taken_and_cleaned_away() throws IOException {
    TrainingPlan plan = plan(folder).steps(20).checkpoints(10, 5).build();
    train(plan);
    float[] expected = parameters(folder);
    Files.move(folder.resolve("checkpoint-20"), folder.resolve(".checkpoint-20.tmp"));
    Files.delete(folder.resolve(".checkpoint-20.tmp/model.safetensors"));
    Files.createDirectory(folder.resolve(".checkpoint-5.old"));
    train(plan.toBuilder().resume(true).build());
    assertThat(parameters(folder)).isEqualTo(expected);
    assertThat(checkpoints(folder)).containsExactly("checkpoint-10", "checkpoint-20");
  }

  @Test
  void a_checkpoint_of_another_plan_or_a_damaged_one_is_refused_by_name() throws IOException {
    TrainingPlan plan = plan(folder).steps(10).checkpoints(10, 1).build();
    train(plan);
    TrainingPlan other = plan.toBuilder().resume(true).optimizer("lion").build();
    assertThatThrownBy(() -> train(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("checkpoint-10")
        .hasMessageContaining("another plan");
    Files.writeString(folder.resolve("checkpoint-10/training_state.safetensors"), "damaged");
    assertThatThrownBy(() -> train(plan.toBuilder().resume(true).build()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("training_state.safetensors");
  }

  @Test
  void four_batches_of_three_are_one_of_twelve() throws IOException {
    TrainingResult one = train(plan(folder.resolve("one")).steps(30).batchSize(12).build());
    TrainingResult four =
        train(plan(folder.resolve("four")).steps(30).batchSize(3).accumulation(4).build());
    TrainingResult other = train(plan(folder.resolve("other")).steps(30).batchSize(3).build());
    assertThat(four.trainingLoss()).isCloseTo(one.trainingLoss(), within(1e-5));
    assertThat(other.trainingLoss()).isNotCloseTo(one.trainingLoss(), within(1e-3));
  }

  /** For the test below: trains, with a checkpoint after each step, until it is killed. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    train(
        plan(directory).steps(1_000_000).checkpoints(1, 2).resume(true).build(),
        new TrainingListener() {
          @Override
          public void onCheckpoint(int step, Path where) {
            System.out.println(step);
          }
        });
  }

  @Test
  void a_kill_leaves_the_last_whole_checkpoint() throws Exception {
    killed(4);
  }

  @Test
  @Tag("long")
  void fifty_kills_leave_the_last_whole_checkpoint() throws Exception {
    killed(50);
  }

  private void killed(int times) throws Exception {
    Random random = new Random(1);
    Path output = folder.resolve("steps.txt");
    int before = 0;
    for (int i = 0; i < times; i++) {
      Process training =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  CheckpointsTest.class.getName(),
                  folder.toString())
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      while (training.isAlive() && lines(output).size() < 2) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      TimeUnit.MICROSECONDS.sleep(random.nextInt(30_000));
      training.destroyForcibly();
      assertThat(training.waitFor(30, TimeUnit.SECONDS)).isTrue();
      List<String> told = lines(output);
      int last = lastWhole();
      // the last line may be cut
      assertThat(last).isGreaterThanOrEqualTo(Integer.parseInt(told.get(told.size() - 2)));
      assertThat(last).isGreaterThan(before);
      before = last;
    }
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /** The step of the last checkpoint, each of which can be read. */
  private int lastWhole() throws IOException {
    int last = 0;
    for (String name : checkpoints(folder)) {
      if (!name.startsWith(".")) {
        Path checkpoint = folder.resolve(name);
        assertThat(parameters(checkpoint)).isNotEmpty();
        last = Math.max(last, Integer.parseInt(name.substring(name.indexOf('-') + 1)));
      }
    }
    return last;
  }
}
