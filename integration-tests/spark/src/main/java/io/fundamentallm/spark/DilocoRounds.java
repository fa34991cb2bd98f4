package io.fundamentallm.spark;

import io.fundamentallm.internal.files.DurableFiles;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingListener.Progress;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;

/** The driver's part: round after round, now and then a checkpoint, and finally the model. */
final class DilocoRounds {
  private final JavaSparkContext spark;
  private final Broadcast<byte[]> tokenizer;
  private final String tokens;
  private final TrainingPlan local;
  private final DilocoPlan plan;
  private final WeightFiles files;
  private final DilocoCheckpoints checkpoints;
  private final List<TrainingListener> listeners;
  private final long start = System.nanoTime();

  /** What the rounds since the last checkpoint need if a worker's state must be recomputed. */
  private final List<Broadcast<?>> needed = new ArrayList<>();

  private RoundLog log = new RoundLog();
  private double before; // seconds of the trainings that this one resumes
  private int resumedAt; // step
  private long trained; // tokens, in this training

  DilocoRounds(
      JavaSparkContext spark,
      byte[] tokenizer,
      String tokens,
      TrainingPlan local,
      DilocoPlan plan,
      WeightFiles files,
      DilocoCheckpoints checkpoints,
      List<TrainingListener> listeners) {
    this.spark = spark;
    this.tokenizer = spark.broadcast(tokenizer);
    this.tokens = tokens;
    this.local = local;
    this.plan = plan;
    this.files = files;
    this.checkpoints = checkpoints;
    this.listeners = listeners;
  }

  TrainingResult train() throws IOException {
    try {
      return run();
    } finally {
      spark.sc().setJobDescription(null);
      forget();
      tokenizer.destroy();
    }
  }

  private TrainingResult run() throws IOException {
    DurableFiles.createDirectories(local.modelDirectory());
    files.check(local.modelDirectory());
    Optional<Path> checkpoint = Optional.empty();
    if (plan.resume()) {
      checkpoint = checkpoints.last();
    } else {
      checkpoints.requireNone();
    }
    OuterOptimizer outer = checkpoint.isEmpty() ? begin() : resume(checkpoint.get());
    JavaRDD<WorkerState> states = states(checkpoint);
    JavaRDD<WorkerRound> round = null;
    while (log.last().step() < local.steps()) {
      boolean due = (log.rounds() + 1) % plan.checkpointRounds() == 0;
      JavaRDD<WorkerRound> next = round(states, outer, due);
      if (round != null) {
        round.unpersist();
      }
      round = next;
      states = round.map(worker -> worker.state);
      if (due) {
        Path written = checkpoints.save(outer, states.toLocalIterator(), log);
        listeners.forEach(listener -> listener.onCheckpoint(log.last().step(), written));
        round.unpersist();
        round = null;
        forget();
        states = states(Optional.of(written));
      }
    }
    if (round != null) {
      round.unpersist();
    }
    return finish(outer);
  }

  private OuterOptimizer begin() throws IOException {
    float[][] weights = files.initial();
    return outer(weights, OuterOptimizer.zeros(weights));
  }

  private OuterOptimizer resume(Path checkpoint) throws IOException {
    log = RoundLog.read(checkpoint);
    before = log.last().seconds();
    resumedAt = log.last().step();
    return outer(checkpoints.weights(checkpoint), checkpoints.moment(checkpoint));
  }

  private OuterOptimizer outer(float[][] weights, float[][] moment) {
    return new OuterOptimizer(plan.outerLearningRate(), plan.outerMomentum(), weights, moment);
  }

  /** The workers' states, one in each partition: from a checkpoint, or initial ones. */
  private JavaRDD<WorkerState> states(Optional<Path> checkpoint) throws IOException {
    List<Integer> workers = IntStream.range(0, plan.workers()).boxed().toList();
    JavaRDD<Integer> partitions = spark.parallelize(workers, plan.workers());
    if (checkpoint.isEmpty()) {
      return partitions.map(WorkerState::beginning);
    }
    // only the executor that runs a worker fetches its state
    List<Broadcast<WorkerState>> stored = new ArrayList<>();
    for (int worker : workers) {
      Broadcast<WorkerState> state =
          spark.broadcast(DilocoCheckpoints.state(checkpoint.get(), worker));
      stored.add(state);
      needed.add(state);
    }
    return partitions.map(worker -> stored.get(worker).value());
  }

  /** Lets each worker train, and moves the weights. */
  private JavaRDD<WorkerRound> round(
      JavaRDD<WorkerState> states, OuterOptimizer outer, boolean due) {
    int from = log.last().step();
    int to = Math.min(local.steps(), from + plan.localSteps());
    int round = log.rounds() + 1;
    spark.sc().setJobDescription("DiLoCo, round " + round + ": steps " + (from + 1) + " to " + to);
    // a copy: in local mode executors see this same object
    Broadcast<float[][]> weights = spark.broadcast(copy(outer.weights()));
    needed.add(weights);
    JavaRDD<WorkerRound> results =
        states
            .map(
                new InnerRound(
                    files.plan(),
                    plan.trainer().orElse(null),
                    tokens,
                    plan.workers(),
                    from,
                    to,
                    tokenizer,
                    weights))
            // what goes to the driver's disk right away needs no second copy
            .persist(due ? StorageLevel.DISK_ONLY() : StorageLevel.DISK_ONLY_2());
    double[][] sum =
        results
            .map(worker -> worker.difference)
            .treeAggregate(new double[0][], ExactSum::add, ExactSum::merge);
    List<WorkerRound.Summary> summaries = results.map(worker -> worker.summary).collect();
    outer.step(sum, plan.workers());
    reportRound(round, from, to, summaries);
    return results;
  }

  private void reportRound(int round, int from, int to, List<WorkerRound.Summary> summaries) {
    long added =
        (long) (to - from)
            * plan.workers()
            * local.batchSize()
            * local.accumulation()
            * local.contextLength();
    trained += added;
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    double seconds = elapsed.toNanos() / 1e9;
    double loss = summaries.stream().mapToDouble(worker -> worker.loss).sum() / plan.workers();
    long all = log.last().tokens() + added;
    log.add(new RoundLog.Line(round, to, all, before + seconds, loss));
    double norm =
        summaries.stream().mapToDouble(worker -> worker.gradientNorm).sum() / plan.workers();
    Duration left = left(local.steps() - to, elapsed, to - resumedAt);
    Progress progress =
        new Progress(
            to,
            local.steps(),
            loss,
            summaries.get(0).learningRate,
            norm,
            trained / seconds,
            elapsed,
            left);
    listeners.forEach(listener -> listener.onStep(progress));
  }

  /** How long the steps that are left take, if they take as long as those that were taken. */
  static Duration left(int steps, Duration elapsed, int taken) {
    // a million steps times three hours in nanoseconds are more than a long holds
    return Duration.ofNanos((long) ((double) steps * elapsed.toNanos() / Math.max(1, taken)));
  }

  private TrainingResult finish(OuterOptimizer outer) throws IOException {
    files.write(outer.weights(), local.modelDirectory());
    log.write(local.modelDirectory());
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    TrainingResult result =
        new TrainingResult(
            local.modelDirectory(),
            log.last().step(),
            log.last().loss(),
            Double.NaN,
            trained / (elapsed.toNanos() / 1e9),
            elapsed);
    listeners.forEach(listener -> listener.onEnd(result));
    return result;
  }

  private void forget() {
    needed.forEach(Broadcast::destroy);
    needed.clear();
  }

  private static float[][] copy(float[][] weights) {
    float[][] copy = new float[weights.length][];
    for (int i = 0; i < weights.length; i++) {
      copy[i] = weights[i].clone();
    }
    return copy;
  }
}
