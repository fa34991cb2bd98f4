package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.Trainers;
import io.fundamentallm.internal.files.DirectoryLock;
import io.fundamentallm.internal.files.OwnDirectory;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.Trainer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Trains on several executors that rarely exchange anything (DiLoCo, Douillard et al. 2023). In a
 * round each worker takes H steps from the same weights, on its own share of the tokens; the mean
 * of the differences moves the weights by Nesterov's momentum; and these weights begin the next
 * round.
 *
 * <p>Weights go out by Spark's broadcast, and differences come back by its {@code treeAggregate},
 * in sums that do not depend on their order. The moments of a worker's optimiser stay with the
 * worker, as in the paper: from round to round as blocks on the disks of two executors, and at
 * checkpoints on the driver's. A round is a function of the round's number, the shared weights and
 * the worker's state, and nothing else; if an executor dies, another computes it again from these.
 * So the result is the same, bit for bit, with or without failures and on any executors, for the
 * same plan, tokens and number of workers.
 *
 * <p>The model directory is on the driver's disk: {@code round-3} and so on is the last checkpoint,
 * its {@code model} is a loadable model directory, and {@code rounds.csv} has loss against time.
 *
 * <pre>{@code
 * BatchTokenizer.of("/data/tokenizer").write(texts.repartition(8), "text", "/data/tokens");
 * DilocoPlan plan =
 *     DilocoPlan.of(directory -> TrainingPlan.builder(directory).steps(5_000).build(), 8);
 * Diloco.train(spark, tokenizer, "/data/tokens", Path.of("model"), plan);
 * }</pre>
 *
 * <p>Memory: driver and executors each hold a whole training, and the driver also holds the sums in
 * doubles. {@code spark.driver.maxResultSize} must allow 8 bytes for each weight of every sum that
 * reaches the driver: with up to 5 workers all do, with more only about the square root of their
 * number. The state of a worker must fit into an array of 2 GB: with AdamW, 250 million parameters.
 */
public final class Diloco {
  private Diloco() {}

  /**
   * Trains to the end of the plan, and writes the model directory.
   *
   * <p>Listeners receive, on this thread, each round as one step: {@code step} counts the steps of
   * a worker, {@code loss} is the mean over workers and steps of the round, {@code learningRate}
   * the inner one of the last step, {@code gradientNorm} the workers' mean in it, {@code
   * tokensPerSecond} that of all workers together. There are no evaluations and no memory figures.
   * So a {@link io.fundamentallm.training.TrainingReport} can draw it, too.
   *
   * @param tokenizer made the tokens; goes to the executors, and is saved with the model
   * @param tokens a file of tokens, or a directory of files that end in {@code .bin}, as {@link
   *     BatchTokenizer#write} writes them; where {@linkplain io.fundamentallm.spark executors see
   *     them}
   * @param modelDirectory on the driver's disk
   * @return its validation loss is NaN; measure with {@link BatchScorer}
   * @throws java.util.concurrent.CancellationException if this thread is interrupted, which stays
   *     so; the workers' tasks are told to end, and the next training can resume from the last
   *     checkpoint
   * @throws IllegalArgumentException if the plan cannot be trained this way; says why
   * @throws IOException if the directory cannot be written, if another thread or process is
   *     training into it, or if it has checkpoints of another plan, or ones that the plan would
   *     neither resume nor overwrite
   */
  @SuppressWarnings("try") // the lock is held, not used
  public static TrainingResult train(
      SparkSession spark,
      Tokenizer tokenizer,
      String tokens,
      Path modelDirectory,
      DilocoPlan plan,
      TrainingListener... listeners)
      throws IOException {
    requireNonNull(tokens, "tokens");
    TrainingPlan open = plan.bare().in(modelDirectory);
    if (open.open().contains("steps") && open.epochs() == 0) {
      throw new IllegalArgumentException(
          "a budget of time, which a plan without steps has, would be other steps on each machine;"
              + " set steps or epochs");
    }
    if (open.fineTuning().flatMap(tuning -> tuning.lora()).isPresent()) {
      throw new IllegalArgumentException(
          "adapters are not exchanged between workers; expected a plan that trains the weights");
    }
    Path folder = Files.createTempDirectory("diloco-");
    String jobs = folder.getFileName().toString();
    spark.sparkContext().addJobTag(jobs);
    try {
      Path saved = Files.createDirectory(folder.resolve("tokenizer"));
      tokenizer.save(saved);
      Trainer trainer = plan.trainer().map(Trainers::parse).orElseGet(Trainers::configured);
      trainer.check(open);
      // the driver does not train: two tokens stand in for those that it does not read
      TrainingData none = new TrainingData(tokenizer, TokenSequence.of(0, 0), TokenSequence.of());
      JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
      byte[] packed = PackedFiles.pack(saved, name -> true);
      Beginning beginning = Beginning.of(context, plan, packed, tokens);
      DilocoPlan.LocalPlan fixed = beginning.fix(plan.bare());
      TrainingPlan local = fixed.in(modelDirectory);
      WeightFiles files = new WeightFiles(trainer, none, fixed, folder);
      DilocoCheckpoints checkpoints =
          new DilocoCheckpoints(modelDirectory, PlanText.of(plan, local, beginning.tokens), files);
      DilocoRounds rounds =
          new DilocoRounds(
              context, packed, tokens, local, plan, files, checkpoints, List.of(listeners));
      if (!local.overwrites()) {
        OwnDirectory.require(modelDirectory); // before the lock, which makes it a training's own
      }
      try (DirectoryLock lock = DirectoryLock.hold(modelDirectory)) {
        return rounds.train();
      }
    } catch (Exception | Error e) {
      // Spark leaves a job running when its caller is interrupted
      spark.sparkContext().cancelJobsWithTag(jobs);
      if (e instanceof InterruptedException) { // from Scala, which declares none
        Thread.currentThread().interrupt();
        CancellationException cancelled = new CancellationException("the training was interrupted");
        cancelled.initCause(e);
        report(cancelled, listeners);
        throw cancelled;
      }
      report(e, listeners);
      throw e;
    } finally {
      spark.sparkContext().removeJobTag(jobs);
      PackedFiles.delete(folder);
    }
  }

  private static void report(Throwable cause, TrainingListener... listeners) {
    for (TrainingListener listener : listeners) {
      try {
        listener.onFailure(cause);
      } catch (RuntimeException | Error e) {
        if (e != cause) { // which no throwable may suppress
          cause.addSuppressed(e);
        }
      }
    }
  }
}
