package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.FineTuning;
import io.fundamentallm.Tokenizer;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.TrainingListener;
import io.fundamentallm.TrainingPlan;
import io.fundamentallm.TrainingReport;
import io.fundamentallm.TrainingResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
        .layers(1)
        .heads(2)
        .hiddenSize(32)
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

    assertThat(ProcessHandle.of(killed.get(1, TimeUnit.MINUTES)).filter(ProcessHandle::isAlive))
        .isEmpty();
    assertSameBits(folder.resolve("model"));
    assertThat(folder.resolve("model/round-2")).doesNotExist();
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
    private Throwable heard;

    @Override
    public void onCheckpoint(int step, Path directory) {
      if (step == 20) {
        throw new IllegalStateException("stop");
      }
    }

    @Override
    public void onFailure(Throwable cause) {
      heard = cause;
    }
  }

  @Test
  void a_training_that_was_stopped_goes_on_to_the_same_bits() throws IOException {
    Path directory = folder.resolve("model");
    Stop stop = new Stop();
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> train(directory, plan(), stop)))
        .hasMessage("stop")
        .isSameAs(stop.heard);
    assertThat(directory.resolve("round-1")).doesNotExist();
    assertThat(directory.resolve("round-2/model/model.safetensors")).exists();
    assertThat(directory.resolve("round-2/worker-1/checkpoint-20")).isDirectory();

    assertThatIOException()
        .isThrownBy(() -> train(directory, plan()))
        .withMessageContaining("round-2 is of an earlier training");
    assertThatIOException()
        .isThrownBy(() -> train(directory, plan().withOuter(1, 0).withResume(true)))
        .withMessageContaining("outer learning rate 0.7")
        .withMessageContaining("outer learning rate 1.0");
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
    assertThat(Files.readAllLines(directory.resolve("rounds.csv"))).hasSize(4);
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
