package io.fundamentallm.runtime.cpu.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.internal.files.AtomicDirectory;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.train.CpuTrainer;
import io.fundamentallm.runtime.cpu.train.DigitTokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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

@Tag("once")
class CheckpointsTest {
  private static final int[] TEXT = IntStream.range(0, 500).map(i -> i % 7 * (i % 7) % 7).toArray();

  @TempDir private Path folder;

  private static TrainingPlan.Builder plan(Path directory) {
    return TrainingPlan.builder(directory)
        .architecture("gpt2(layers=1,heads=2,hidden-size=16)")
        .contextLength(8)
        .batchSize(4)
        .steps(300)
        .warmupSteps(10)
        .learningRate(1e-2, 1e-3)
        .validation(Validation.every(1000));
  }

  /** What is validated with follows other rules, so that its loss rises again soon. */
  private static TrainingData data() {
    int[] other = IntStream.range(0, 60).map(i -> i * 5 % 8).toArray();
    return new TrainingData(new DigitTokenizer(), TokenSequence.of(TEXT), TokenSequence.of(other));
  }

  private static TrainingResult train(TrainingPlan plan, TrainingListener... listeners)
      throws IOException {
    return new CpuTrainer(2).train(data(), plan, listeners);
  }

  private static float[] parameters(Path directory) throws IOException {
    return ModelDirectory.read(directory).parameters();
  }

  private static List<String> directories(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.contains("checkpoint-") || name.contains("best-"))
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
    assertThat(directories(stopped.modelDirectory()))
        .containsExactly("checkpoint-150", "checkpoint-170");
    List<Integer> steps = new ArrayList<>();
    train(
        stopped.toBuilder().resume().build(),
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            steps.add(progress.step());
          }
        });
    assertThat(steps.get(0)).isEqualTo(171);
    assertThat(parameters(stopped.modelDirectory()))
        .isEqualTo(parameters(straight.modelDirectory()));
  }

  /** Stopped twice, the second time while it looks at the validation tokens. */
  @Test
  void average_best_weights_and_patience_go_on_too() throws IOException {
    Validation validation = Validation.every(10).withPatience(9, 0).withKeepBest(true);
    TrainingPlan straight =
        plan(folder.resolve("straight"))
            .averaging("ema(decay=0.8)")
            .validation(validation)
            .checkpoints(30, 3)
            .build();
    TrainingResult expected = train(straight);
    assertThat(expected.steps()).isBetween(100, 290);
    List<String> left = directories(straight.modelDirectory());
    int best =
        left.stream()
            .filter(name -> name.startsWith("best-"))
            .mapToInt(name -> Integer.parseInt(name.substring(5)))
            .max()
            .orElseThrow();
    assertThat(best).isEqualTo(expected.steps() - 90);
    assertThat(parameters(straight.modelDirectory()))
        .isEqualTo(parameters(straight.modelDirectory().resolve("best-" + best)));

    Path other = folder.resolve("stopped");
    TrainingPlan.Builder resumed =
        plan(other).averaging("ema(decay=0.8)").validation(validation).checkpoints(30, 3);
    stopAfter(resumed.build(), 7);
    stopAfter(resumed.resume().build(), best + 10);
    TrainingResult result = train(resumed.build());
    assertThat(result.steps()).isEqualTo(expected.steps());
    assertThat(result.validationLoss()).isEqualTo(expected.validationLoss());
    assertThat(parameters(other)).isEqualTo(parameters(straight.modelDirectory()));
  }

  /** The model that is adapted knows more tokens than the tokenizer, as padded ones do. */
  @Test
  void adapters_with_their_average_and_the_best_of_them_go_on_too() throws IOException {
    DigitTokenizer padded =
        new DigitTokenizer() {
          @Override
          public int size() {
            return 16;
          }
        };
    Path base = folder.resolve("base");
    TrainingData tokens =
        new TrainingData(padded, TokenSequence.of(TEXT), TokenSequence.of(new int[0]));
    new CpuTrainer(2).train(tokens, plan(base).steps(5).build());
    FineTuning lora =
        new FineTuning(base, List.of(), Optional.of(new FineTuning.Lora(2, 4, List.of(), true)));
    Validation validation = Validation.every(10).withKeepBest(true).withSample("01", 20);
    List<String> samples = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onEvaluation(Evaluation evaluation) {
            samples.add(evaluation.sample());
          }
        };
    TrainingPlan.Builder plan =
        plan(folder.resolve("straight"))
            .steps(60)
            .fineTuning(lora)
            .averaging("ema(decay=0.8)")
            .validation(validation);
    train(plan.build(), listener);
    assertThat(samples).hasSize(7).allMatch(sample -> sample.matches("[0-9]{0,20}"));
    TrainingPlan.Builder stopped =
        plan(folder.resolve("stopped"))
            .steps(60)
            .fineTuning(lora)
            .averaging("ema(decay=0.8)")
            .validation(validation)
            .checkpoints(100, 1);
    stopAfter(stopped.build(), 33);
    train(stopped.resume().build());
    assertThat(parameters(folder.resolve("stopped")))
        .isEqualTo(parameters(folder.resolve("straight")))
        .isNotEqualTo(parameters(base));
  }

  @Test
  void a_checkpoint_is_a_model_directory() throws IOException {
    TrainingPlan plan = plan(folder).steps(20).checkpoints(10, 5).build();
    List<Path> received = new ArrayList<>();
    train(
        plan,
        new TrainingListener() {
          @Override
          public void onCheckpoint(int step, Path directory) {
            assertThat(directory.getFileName().toString()).isEqualTo("checkpoint-" + step);
            received.add(directory);
          }
        });
    assertThat(received).hasSize(2).allMatch(Files::isDirectory);
    try (LanguageModel model = LanguageModels.load(received.get(0))) {
      assertThat(model.info().vocabularySize()).isEqualTo(10);
    }
    assertThat(parameters(received.get(1))).isEqualTo(parameters(folder));
    assertThat(parameters(received.get(0))).isNotEqualTo(parameters(folder));
  }

  @Test
  void without_a_checkpoint_resuming_begins() throws IOException {
    train(plan(folder.resolve("a")).steps(5).resume().build());
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
    train(plan.toBuilder().resume().build());
    assertThat(parameters(folder)).isEqualTo(expected);
    assertThat(directories(folder)).containsExactly("checkpoint-10", "checkpoint-20");
  }

  /** As a kill leaves it that comes while a checkpoint is replaced by one of the same step. */
  @Test
  void a_checkpoint_that_was_being_replaced_is_found_again() throws IOException {
    TrainingPlan plan = plan(folder).steps(20).checkpoints(20, 1).build();
    train(plan);
    float[] expected = parameters(folder);
    Path whole = folder.resolve("checkpoint-20");
    Path withdrawn = Files.move(whole, folder.resolve(".checkpoint-20.old"));
    Path unfinished = Files.createDirectory(folder.resolve(".checkpoint-20.tmp"));
    try (Stream<Path> files = Files.list(withdrawn)) {
      for (Path file : files.toList()) {
        Files.copy(file, unfinished.resolve(file.getFileName()));
      }
    }
    assertThat(Checkpoints.last(folder)).as("without the right to change anything").isPresent();
    assertThatThrownBy(() -> train(plan))
        .hasMessageStartingWith(whole + " is of an earlier training;");
    List<Integer> steps = new ArrayList<>();
    train(
        plan.toBuilder().steps(21).checkpoints(20, 2).resume("steps").build(),
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            steps.add(progress.step());
          }
        });
    assertThat(steps).containsExactly(21);
    assertThat(parameters(whole)).isEqualTo(expected);
    assertThat(directories(folder)).containsExactly("checkpoint-20", "checkpoint-21");
  }

  @Test
  void a_checkpoint_of_another_plan_or_a_damaged_one_is_refused_by_name() throws IOException {
    TrainingPlan plan = plan(folder).steps(10).checkpoints(10, 1).build();
    train(plan);
    TrainingPlan other = plan.toBuilder().resume().optimizer("lion").build();
    assertThatThrownBy(() -> train(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "checkpoint-10 cannot be resumed: it has optimizer adamw and not lion")
        .hasMessageContaining("optimizer cannot change");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "training_state.safetensors", "training_state.json"})
  void a_damaged_checkpoint_is_refused_with_what_to_do(String file) throws IOException {
    TrainingPlan plan = plan(folder).steps(20).checkpoints(10, 2).build();
    train(plan);
    float[] expected = parameters(folder);
    tear(folder.resolve("checkpoint-20").resolve(file));
    assertDamaged(plan, "checkpoint-20", "; delete it to go on from checkpoint-10");
    AtomicDirectory.delete(folder.resolve("checkpoint-20"));
    train(plan.toBuilder().resume().build());
    assertThat(parameters(folder)).isEqualTo(expected);

    AtomicDirectory.delete(folder.resolve("checkpoint-20"));
    tear(folder.resolve("checkpoint-10").resolve(file));
    assertDamaged(plan, "checkpoint-10", "; delete it to begin anew");
  }

  private static void tear(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
  }

  private static void assertDamaged(TrainingPlan plan, String checkpoint, String advice) {
    Path path = plan.modelDirectory().resolve(checkpoint);
    assertThatThrownBy(() -> train(plan.toBuilder().resume().build()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(path + " cannot be resumed: " + path)
        .hasMessageEndingWith(advice);
  }

  @Test
  void nobody_is_told_to_delete_what_only_cannot_be_read() throws IOException {
    TrainingPlan plan = plan(folder).steps(10).checkpoints(10, 1).build();
    train(plan);
    Path arrays = folder.resolve("checkpoint-10/training_state.safetensors");
    Files.delete(arrays);
    Files.createSymbolicLink(arrays, arrays); // the system's own error, as for permissions
    assertThatThrownBy(() -> train(plan.toBuilder().resume().build()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(folder.resolve("checkpoint-10") + " cannot be read: ")
        .message()
        .doesNotContain("delete");
  }

  @Test
  void an_automatic_plan_says_so_of_a_damaged_checkpoint_too() throws IOException {
    train(plan(folder).steps(20).checkpoints(10, 2).build());
    tear(folder.resolve("checkpoint-20/training_state.json"));
    TrainingPlan open = TrainingPlan.builder(folder).checkpoints(10, 2).resume().build();
    assertDamaged(open, "checkpoint-20", "; delete it to go on from checkpoint-10");
  }

  /** Stops a training while it evaluates a step. */
  private static void stopInEvaluation(TrainingPlan plan, int step) {
    AtomicInteger taken = new AtomicInteger();
    AtomicInteger asked = new AtomicInteger();
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            taken.set(progress.step());
          }
        };
    Cancellation second = () -> taken.get() == step && asked.incrementAndGet() > 1;
    assertThatThrownBy(() -> new CpuTrainer(1).train(improving(), plan, second, counting))
        .isInstanceOf(CancellationException.class);
  }

  /** What is validated with is what is trained on: each evaluation is better than the last. */
  private static TrainingData improving() {
    return new TrainingData(new DigitTokenizer(), TokenSequence.of(TEXT), TokenSequence.of(TEXT));
  }

  private static final class Crash extends Error {
    private static final long serialVersionUID = 1;
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 2})
  void the_best_model_lives_as_long_as_the_checkpoint_that_names_it(int interval)
      throws IOException {
    Validation validation = Validation.every(5).withKeepBest(true).withWindows(20);
    TrainingPlan plan = plan(folder).steps(29).checkpoints(10, 1).validation(validation).build();
    stopInEvaluation(plan, 20);
    assertThat(directories(folder)).containsExactly("best-15", "checkpoint-20");
    TrainingPlan resumed =
        plan.toBuilder()
            .validation(validation.withInterval(interval))
            .resume("validation.interval")
            .build();
    TrainingListener crash =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            if (progress.step() == 28) { // a better model was written since, and no checkpoint
              throw new Crash();
            }
          }
        };
    assertThatThrownBy(() -> new CpuTrainer(1).train(improving(), resumed, crash))
        .isInstanceOf(Crash.class);
    assertThat(new CpuTrainer(1).train(improving(), resumed).steps()).isEqualTo(29);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cancelling_while_the_result_is_measured_keeps_the_last_step(boolean best)
      throws IOException {
    Validation validation = Validation.every(7).withKeepBest(best).withPatience(best ? 2 : 0, 0);
    TrainingPlan.Builder plan =
        plan(folder.resolve("straight")).validation(validation).averaging("ema(decay=0.5)");
    TrainingResult expected = train(plan.steps(best ? 300 : 29).build());
    Path stopped = folder.resolve("stopped");
    plan =
        plan(stopped)
            .validation(validation)
            .averaging("ema(decay=0.5)")
            .steps(best ? 300 : 29)
            .checkpoints(20, 1);
    AtomicInteger step = new AtomicInteger();
    AtomicInteger asked = new AtomicInteger();
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            step.set(progress.step());
          }
        };
    // of the last step's evaluations that of the result is the last
    int last = expected.steps();
    int sample = best ? 2 : 0; // batches of the sample at an early stop
    Cancellation inTheEnd = () -> step.get() == last && asked.incrementAndGet() > sample;
    TrainingPlan first = plan.build();
    assertThatThrownBy(() -> new CpuTrainer(2).train(data(), first, inTheEnd, counting))
        .isInstanceOf(CancellationException.class);
    assertThat(stopped.resolve("checkpoint-" + last)).isDirectory();
    List<Integer> steps = new ArrayList<>();
    TrainingResult result =
        train(
            plan.resume().build(),
            new TrainingListener() {
              @Override
              public void onStep(Progress progress) {
                steps.add(progress.step());
              }
            });
    assertThat(steps).isEmpty();
    assertThat(result.steps()).isEqualTo(last);
    assertThat(result.validationLoss()).isEqualTo(expected.validationLoss());
    assertThat(parameters(stopped)).isEqualTo(parameters(folder.resolve("straight")));
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

  /**
   * For the test below: trains, with a checkpoint after each step and often a better model, until
   * it is killed.
   */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    train(
        plan(directory)
            .steps(1_000_000)
            .checkpoints(1, 2)
            .averaging("ema(decay=0.9)")
            .validation(Validation.every(1).withWindows(2).withKeepBest(true))
            .resume()
            .overwrite() // what it prints is there, too
            .build(),
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
      training.waitFor();
      List<String> received = lines(output);
      int last = lastWhole();
      // the last line may be cut
      assertThat(last).isGreaterThanOrEqualTo(Integer.parseInt(received.get(received.size() - 2)));
      assertThat(last).isGreaterThan(before);
      before = last;
    }
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /** The step of the last checkpoint; each of them, and each best model, can be read. */
  private int lastWhole() throws IOException {
    int last = 0;
    for (String name : directories(folder)) {
      if (!name.startsWith(".")) {
        Path checkpoint = folder.resolve(name);
        assertThat(parameters(checkpoint)).isNotEmpty();
        int step = Integer.parseInt(name.substring(name.indexOf('-') + 1));
        last = name.startsWith("checkpoint-") ? Math.max(last, step) : last;
      }
    }
    return last;
  }
}
