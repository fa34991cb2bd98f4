package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingReport;
import io.fundamentallm.training.TrainingResult;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.SparkExecutorInfo;
import org.apache.spark.SparkStatusTracker;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LocalCluster.class)
class DilocoTest {
  @TempDir static Path shared;

  private static Tokenizer tokenizer;
  private static String tokens;

  /** A training with two workers that nothing interrupts, with a checkpoint after each round. */
  private static Path straight;

  private static final List<TrainingListener.Progress> HEARD = new ArrayList<>();

  @TempDir Path folder;

  @BeforeAll
  static void train() throws IOException {
    tokenizer = Tokenizers.load(Novel.model());
    tokens = shared.resolve("tokens").toString();
    Dataset<Row> texts =
        LocalCluster.spark().createDataset(Novel.lines(400), Encoders.STRING()).toDF("text");
    BatchTokenizer.of(Novel.model().toString()).write(texts.coalesce(2), "text", tokens);
    straight = shared.resolve("straight");
    train(straight, plan(), new Hearing());
  }

  /** Three rounds, the last of them shorter. */
  private static DilocoPlan plan() {
    return DilocoPlan.of(directory -> local(directory, 25), 2)
        .withLocalSteps(10)
        .withTrainer("cpu(threads=1)");
  }

  private static TrainingPlan local(Path directory, int steps) {
    return TrainingPlan.builder(directory)
        .architecture("gpt2(layers=1,heads=2,hidden-size=32)")
        .contextLength(16)
        .batchSize(4)
        .learningRate(1e-2, 1e-3)
        .steps(steps)
        .warmupSteps(5)
        .windows("chunks")
        .build();
  }

  private static TrainingResult train(
      Path directory, DilocoPlan plan, TrainingListener... listeners) throws IOException {
    return Diloco.train(LocalCluster.spark(), tokenizer, tokens, directory, plan, listeners);
  }

  private static final class Hearing implements TrainingListener {
    @Override
    public void onStep(Progress progress) {
      HEARD.add(progress);
    }
  }

  private static void assertSameBits(Path directory) {
    assertThat(directory.resolve("model.safetensors"))
        .hasSameBinaryContentAs(straight.resolve("model.safetensors"));
  }

  @Test
  void rounds_are_told_logged_and_bring_the_loss_down() throws IOException {
    assertThat(HEARD).extracting(TrainingListener.Progress::step).containsExactly(10, 20, 25);
    assertThat(HEARD).extracting(TrainingListener.Progress::steps).containsOnly(25);
    assertThat(HEARD.get(2).loss()).isLessThan(HEARD.get(0).loss() - 0.3);
    assertThat(HEARD.get(2).learningRate()).isEqualTo(1e-3);
    assertThat(HEARD).allMatch(p -> p.gradientNorm() > 0 && p.tokensPerSecond() > 0);

    List<String> lines = Files.readAllLines(straight.resolve("rounds.csv"));
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).isEqualTo("round,step,tokens,seconds,loss");
    assertThat(lines.get(3)).startsWith("3,25," + 2 * 25 * 4 * 16 + ",");
    assertThat(lines.get(3)).endsWith("," + HEARD.get(2).loss());
  }

  @Test
  void a_worker_that_dies_in_a_round_changes_nothing() throws Exception {
    Interruption interruption = new Interruption(folder);
    String trap = folder.toString();
    DilocoPlan.LocalPlan passing =
        directory -> {
          if (directory.endsWith("read")) { // its steps are done, its result is not yet told
            pass(trap);
          }
          return local(directory, 25);
        };
    TrainingListener afterTheFirst =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            if (progress.step() == 10) {
              set(interruption);
            }
          }
        };
    CompletableFuture<Long> killed = interruption.kill();
    // no checkpoint: what the dead executor held of the first round is needed
    DilocoPlan plan =
        DilocoPlan.of(passing, 2)
            .withLocalSteps(10)
            .withTrainer("cpu(threads=1)")
            .withCheckpointRounds(100);

    train(folder.resolve("model"), plan, afterTheFirst);

    assertThat(ProcessHandle.of(killed.get(20, TimeUnit.MINUTES)).filter(ProcessHandle::isAlive))
        .isEmpty();
    assertSameBits(folder.resolve("model"));
    assertThat(folder.resolve("model/round-2")).doesNotExist();
  }

  @Test
  void rounds_whose_results_are_all_lost_are_computed_again() throws IOException {
    String begun = Files.createDirectory(folder.resolve("begun")).toString();
    DilocoPlan.LocalPlan telling =
        directory -> {
          if (directory.endsWith("initial")) { // of a worker's first round, and once of the driver
            begin(begun);
          }
          return local(directory, 25);
        };
    TrainingListener afterTheSecond =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            if (progress.step() == 20) {
              Interruption.killAll();
            }
          }
        };
    DilocoPlan plan =
        DilocoPlan.of(telling, 2)
            .withLocalSteps(10)
            .withTrainer("cpu(threads=1)")
            .withCheckpointRounds(100);

    train(folder.resolve("model"), plan, afterTheSecond);

    assertSameBits(folder.resolve("model"));
    assertThat(Path.of(begun).toFile().list()).hasSizeGreaterThanOrEqualTo(1 + 2 * 2);
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void an_interrupted_driver_ends_the_workers_tasks_too() throws Exception {
    String begun = Files.createDirectory(folder.resolve("begun")).toString();
    DilocoPlan.LocalPlan endless =
        directory -> {
          if (directory.endsWith("initial")) {
            begin(begun);
          }
          return local(directory, 10_000_000);
        };
    DilocoPlan plan =
        DilocoPlan.of(endless, 2).withLocalSteps(5_000_000).withTrainer("cpu(threads=1)");
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicReference<Throwable> heard = new AtomicReference<>();
    TrainingListener hearing =
        new TrainingListener() {
          @Override
          public void onFailure(Throwable cause) {
            heard.set(cause);
          }
        };
    Thread driver =
        new Thread(
            () -> {
              try {
                train(folder.resolve("model"), plan, hearing);
              } catch (IOException | RuntimeException e) {
                thrown.set(e);
                interrupted.set(Thread.currentThread().isInterrupted());
              }
            });
    driver.start();
    while (Path.of(begun).toFile().list().length < 3) { // the driver's own and two workers'
      TimeUnit.MILLISECONDS.sleep(10);
    }

    driver.interrupt();
    driver.join();

    assertThat(thrown.get())
        .isInstanceOf(CancellationException.class)
        .hasMessage("the training was interrupted")
        .isSameAs(heard.get());
    assertThat(interrupted).isTrue();
    SparkStatusTracker status = LocalCluster.spark().sparkContext().statusTracker();
    while (runningTasks(status) > 0) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private static int runningTasks(SparkStatusTracker status) {
    return Stream.of(status.getExecutorInfos()).mapToInt(SparkExecutorInfo::numRunningTasks).sum();
  }

  private static void begin(String begun) {
    try {
      Files.createTempFile(Path.of(begun), "", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pass(String trap) {
    try {
      Interruption.pass(trap);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void set(Interruption interruption) {
    try {
      interruption.set();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends a training after its second checkpoint, as a kill would. */
  private static final class Stop implements TrainingListener {
    private Throwable received;

    @Override
    public void onCheckpoint(int step, Path directory) {
      if (step == 20) {
        throw new IllegalStateException("stop");
      }
    }

    @Override
    public void onFailure(Throwable cause) {
      received = cause;
    }
  }

  @Test
  void a_training_that_was_stopped_goes_on_to_the_same_bits() throws IOException {
    Path directory = folder.resolve("model");
    Stop stop = new Stop();
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> train(directory, plan(), stop)))
        .hasMessage("stop")
        .isSameAs(stop.received);
    assertThat(directory.resolve("round-1")).doesNotExist();
    assertThat(directory.resolve("round-2/model/model.safetensors")).exists();
    assertThat(directory.resolve("round-2/worker-1/checkpoint-20")).isDirectory();

    assertThatIOException()
        .isThrownBy(() -> train(directory, plan()))
        .withMessageContaining("round-2 is of an earlier training");
    assertThatIOException()
        .isThrownBy(() -> train(directory, plan().withOuter(1, 0).withResume(true)))
        .withMessageContaining(
            "it has outer learning rate 0.7 and not 1.0, outer momentum 0.9 and");
    List<Integer> steps = new ArrayList<>();
    TrainingListener hearing =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            steps.add(progress.step());
          }
        };
    TrainingResult result = train(directory, plan().withResume(true), hearing);

    assertThat(steps).containsExactly(25);
    assertThat(result.trainingLoss()).isEqualTo(HEARD.get(2).loss());
    assertSameBits(directory);
    List<String> lines = Files.readAllLines(directory.resolve("rounds.csv"));
    assertThat(lines).hasSize(4);
    assertThat(lines.get(3)).startsWith("3,25," + 2 * 25 * 4 * 16 + ",");
  }

  @Test
  void a_training_goes_on_by_its_own_plan_alone() throws IOException {
    Path directory = folder.resolve("model");
    assertThatIllegalStateException().isThrownBy(() -> train(directory, plan(), new Stop()));

    assertOther(directory, "seed 1337 and not 8", plan -> plan.seed(8));
    assertOther(
        directory,
        "learning rate 0.01 and not 0.02, minimum learning rate 0.001 and not 0.002",
        plan -> plan.learningRate(2e-2, 2e-3));
    assertOther(directory, "schedule cosine and not linear", plan -> plan.schedule("linear"));
    assertOther(directory, "warm-up steps 5 and not 6", plan -> plan.warmupSteps(6));
    assertOther(directory, "batch size 4 and not 8", plan -> plan.batchSize(8));
    assertOther(directory, "accumulation 1 and not 2", plan -> plan.accumulation(2));
    assertOther(directory, "context length 16 and not 8", plan -> plan.contextLength(8));
    assertOther(directory, "windows chunks and not random", plan -> plan.windows("random"));
    assertOther(directory, "steps 25 and not 30", plan -> plan.steps(30));
    assertOther(directory, "and not gpt2(layers=9)", plan -> plan.architecture("gpt2(layers=9)"));
    assertOther(
        directory,
        "dropout=0.1",
        plan -> plan.objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withDropout(0.1)));
    String fewer = Path.of(tokens, "part-00000.bin").toString();
    assertThatIOException()
        .isThrownBy(
            () ->
                Diloco.train(
                    LocalCluster.spark(), tokenizer, fewer, directory, plan().withResume(true)))
        .withMessageMatching(".* by another plan: it has tokens \\d+ and not \\d+");
  }

  /** Goes to the executors with the plan. */
  private interface Change extends UnaryOperator<TrainingPlan.Builder>, Serializable {}

  private static void assertOther(Path directory, String difference, Change change) {
    DilocoPlan changed =
        DilocoPlan.of(folder -> change.apply(local(folder, 25).toBuilder()).build(), 2)
            .withLocalSteps(10)
            .withTrainer("cpu(threads=1)")
            .withResume(true);
    assertThatIOException()
        .isThrownBy(() -> train(directory, changed))
        .withMessageContaining(directory.resolve("round-2") + " cannot be resumed")
        .withMessageContaining(difference);
  }

  /** The workers' own checkpoints know the tokens and the tokenizer. */
  @Test
  void other_tokens_of_the_same_number_are_refused_by_name() throws IOException {
    Path directory = folder.resolve("model");
    assertThatIllegalStateException().isThrownBy(() -> train(directory, plan(), new Stop()));
    Path others = Files.createDirectory(folder.resolve("others"));
    for (String name : Path.of(tokens).toFile().list((there, name) -> name.endsWith(".bin"))) {
      byte[] ids = Files.readAllBytes(Path.of(tokens, name));
      System.arraycopy(ids, 40, ids, 20, 2);
      System.arraycopy(ids, 44, ids, 22, 2);
      Files.write(others.resolve(name), ids);
    }

    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                Diloco.train(
                    LocalCluster.spark(),
                    tokenizer,
                    others.toString(),
                    directory,
                    plan().withResume(true)))
        .hasStackTraceContaining("checkpoint-20 cannot be resumed: it has data.training ");
  }

  @Test
  void a_second_training_into_the_same_directory_is_refused() throws IOException {
    Path directory = folder.resolve("model");
    List<String> refusals = new ArrayList<>();
    TrainingListener second =
        new TrainingListener() {
          @Override
          public void onCheckpoint(int step, Path where) {
            refusals.add(CompletableFuture.supplyAsync(() -> refusal(directory)).join());
          }
        };
    train(directory, plan().withCheckpointRounds(2), second);
    assertThat(refusals).hasSize(1);
    assertThat(refusals.get(0)).startsWith("another thread of this process is training into ");
    assertSameBits(directory);
  }

  private static String refusal(Path directory) {
    try {
      train(directory, plan());
      return "none";
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @Test
  void what_a_plan_leaves_open_is_chosen_once_for_all_workers() throws IOException {
    DilocoPlan open =
        DilocoPlan.of(
                directory ->
                    TrainingPlan.builder(directory).contextLength(16).seed(3).steps(4).build(),
                2)
            .withLocalSteps(2)
            .withTrainer("cpu(threads=1)");
    TrainingResult result = train(folder.resolve("model"), open);

    assertThat(result.steps()).isEqualTo(4);
    String config = Files.readString(folder.resolve("model/config.json"));
    assertThat(config).contains("\"model_type\" : \"llama\"", "\"num_hidden_layers\" : 3");
  }

  @Test
  void epochs_are_those_of_a_workers_share() throws IOException {
    DilocoPlan epochs =
        DilocoPlan.of(
                directory ->
                    TrainingPlan.builder(directory)
                        .architecture("gpt2(layers=1,heads=2,hidden-size=32)")
                        .contextLength(16)
                        .batchSize(64)
                        .windows("chunks")
                        .epochs(2)
                        .build(),
                2)
            .withTrainer("cpu(threads=1)");
    TrainingResult result = train(folder.resolve("model"), epochs);

    long share = TokenParts.open(Path.of(tokens), tokenizer.vocabulary().size()).size() / 2;
    assertThat(result.steps()).isCloseTo((int) (2 * share / (64 * 16)), within(1));
  }

  @Test
  void a_share_shorter_than_a_window_is_refused_with_the_figures() {
    DilocoPlan many =
        DilocoPlan.of(directory -> local(directory, 25).toBuilder().contextLength(8_000).build(), 8)
            .withTrainer("cpu(threads=1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> train(folder.resolve("model"), many))
        .withMessageMatching(
            "a worker's share of the [0-9]+ tokens, one of 8, cannot be trained on: .* contextLength"
                + " 8000 .*");
  }

  /** And not after the last round. */
  @Test
  void checkpoints_of_an_ordinary_training_are_in_the_way_at_once() throws IOException {
    Path directory = folder.resolve("model");
    Path checkpoint = Files.createDirectories(directory.resolve("checkpoint-20"));
    Files.createFile(checkpoint.resolve("training_state.safetensors"));
    assertThatIOException()
        .isThrownBy(() -> train(directory, plan(), new Untouched()))
        .withMessageContaining("checkpoint-20 is of an earlier training");
  }

  private static final class Untouched implements TrainingListener {
    @Override
    public void onStep(Progress progress) {
      throw new AssertionError("has trained");
    }
  }

  @Test
  void a_budget_of_time_is_refused() {
    DilocoPlan budget =
        DilocoPlan.of(
            directory ->
                TrainingPlan.builder(directory).budget(Duration.ofMinutes(1)).seed(3).build(),
            2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> train(folder.resolve("model"), budget))
        .withMessage(
            "a budget of time, which a plan without steps has, would be other steps on each machine;"
                + " set steps or epochs");
    assertThat(folder.resolve("model")).doesNotExist();
  }

  @Test
  void validation_averaging_and_checkpoints_of_the_plan_play_no_part() throws IOException {
    DilocoPlan.LocalPlan more =
        directory ->
            local(directory, 25).toBuilder()
                .validation(Validation.every(5).withPatience(1, 0).withKeepBest(true))
                .averaging("ema(decay=0.9)")
                .checkpoints(3, 1)
                .resume()
                .build();
    train(
        folder.resolve("model"),
        DilocoPlan.of(more, 2).withLocalSteps(10).withTrainer("cpu(threads=1)"));
    assertSameBits(folder.resolve("model"));
  }

  @Test
  void a_training_report_draws_it() throws IOException {
    Path html = folder.resolve("report.html");
    DilocoPlan plan = plan();
    Path directory = folder.resolve("model");
    try (TrainingReport report = TrainingReport.of(html, plan.local().in(directory))) {
      train(directory, plan.withCheckpointRounds(2), report);
    }
    assertThat(html).content().contains("finished after 25 steps", "round-2");
    assertSameBits(directory);
  }

  @Test
  void what_cannot_be_trained_this_way_is_refused() {
    FineTuning adapters = FineTuning.of(Novel.model()).withLora(FineTuning.Lora.ofRank(2));
    DilocoPlan plan =
        DilocoPlan.of(directory -> local(directory, 5).toBuilder().fineTuning(adapters).build(), 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> train(folder.resolve("model"), plan))
        .withMessageContaining("adapters");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DilocoPlan.of(plan.local(), 0))
        .withMessage("workers 0 is not at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan().withOuter(0, 0.9))
        .withMessageContaining("outerLearningRate 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan().withOuter(0.7, 1))
        .withMessageContaining("outerMomentum 1.0");
  }
}
